package dev.selfsame.resolution;

import dev.selfsame.identity.Normalised;

/** Why an id that a claim cannot do without was refused. */
final class Refusal {

  private Refusal() {}

  /** Of a user's id. */
  static Reason ofId(Normalised unusable) {
    return of(unusable, Reason.NO_USER_ID);
  }

  /** Of an account's id. */
  static Reason ofGroupId(Normalised unusable) {
    return of(unusable, Reason.NO_GROUP_ID);
  }

  /** Of a customer's or record's own id. */
  static Reason ofRecordId(Normalised unusable) {
    return of(unusable, Reason.NO_RECORD_ID);
  }

  private static Reason of(Normalised unusable, Reason missing) {
    return switch (unusable) {
      case Normalised.Absent absent -> missing;
      case Normalised.Blocked blocked -> Reason.BLOCKED_ID;
      case Normalised.Malformed malformed ->
          switch (malformed.cause()) {
            case NOT_TEXT -> Reason.ID_NOT_STRING;
            case TOO_LONG -> Reason.ID_TOO_LONG;
            case BROKEN_TEXT, NO_AT_SIGN -> Reason.ID_MALFORMED;
          };
      case Normalised.Value value ->
          throw new IllegalArgumentException(
              "A usable value is no reason to refuse. Indicates a bug");
    };
  }
}
