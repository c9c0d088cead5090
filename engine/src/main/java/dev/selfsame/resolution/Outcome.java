package dev.selfsame.resolution;

import java.util.Locale;

/** What a claim or act did. Exactly one each. */
public enum Outcome {
  CREATED,
  UPDATED,
  UNCHANGED,
  MERGED,
  UNDONE,
  ERASED,
  SKIPPED,
  REJECTED;

  /** As stored and shown: lower case. */
  public String code() {
    return name().toLowerCase(Locale.ROOT);
  }
}
