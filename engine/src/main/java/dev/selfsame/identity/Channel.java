package dev.selfsame.identity;

/** The kind of source that a claim came through; each has its own table of rules. */
public enum Channel {
  SEGMENT,
  BILLING,
  RECORD,
  CSV,
  WAREHOUSE,
  /** What a person did by hand in the dashboard, the CLI or the API. */
  ACT
}
