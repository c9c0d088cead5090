package dev.selfsame.identity;

/** The kind of source that a claim came through; each has its own table of rules. */
public enum Channel {
  SEGMENT,
  BILLING,
  RECORD,
  CSV,
  WAREHOUSE,
  /** Users that a program writes by their ids, one by one. */
  API,
  /** Feedback that a program hands over and can correct: strict. */
  NOTES,
  /** Feedback that comes by itself out of another tool, where nobody could correct it: lenient. */
  INSIGHTS,
  /** What a person did by hand in the dashboard, the CLI or the API. */
  ACT
}
