package dev.selfsame.resolution;

import java.util.Locale;

/** Why a claim was rejected or skipped: a stable name that callers can act on. */
public enum Reason {
  NO_USER_ID,
  ID_NOT_STRING,
  ID_TOO_LONG,
  ID_MALFORMED,
  BLOCKED_ID,
  NOT_IDENTIFYING,
  SUPPRESSED,
  ALIAS_UNKNOWN,
  NO_GROUP_ID,
  NOT_ALLOWED,
  UNTRUSTED_SOURCE,
  AMBIGUOUS_EMAIL,
  NOT_SUPPRESSED,
  UNKNOWN_ID,
  NO_KEY,
  VALUE_MALFORMED,
  VALUE_BLOCKED,
  DIFFERENT_EXTERNAL_IDS,
  DIFFERENT_BILLING_IDS,
  KEPT_APART,
  EXTERNAL_ID_FIXED,
  EMAIL_CONFLICT,
  BILLING_ID_IN_USE,
  LIMIT_REACHED,
  SAME_USER,
  UNKNOWN_USER,
  ABSORBED_USER,
  UNKNOWN_MERGE,
  ALREADY_UNDONE,
  CHANGED_SINCE,
  NOT_HELD,
  LAST_IDENTIFIER,
  FLAG_CLOSED,
  NO_RECORD_ID,
  NO_ID,
  AMBIGUOUS_FALLBACK,
  UPDATE_ONLY,
  CREATE_OFF,
  NO_EFFECT,
  EVENT_TOO_LARGE,
  INTERNAL_ERROR;

  /** As stored and answered: lower case. */
  public String code() {
    return name().toLowerCase(Locale.ROOT);
  }
}
