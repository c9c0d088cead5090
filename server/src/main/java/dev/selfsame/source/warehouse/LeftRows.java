package dev.selfsame.source.warehouse;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import java.util.Locale;

/** What becomes of rows that were applied once and that a whole answer no longer has. */
public enum LeftRows {
  /** Nobody looks. */
  KEEP,
  /** Each run says how many they are. */
  REPORT,
  /** They are marked, and are no longer when they come back: {@code gone_users}. */
  MARK;

  @JsonValue
  public String code() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * By its code.
   *
   * @throws Failure {@code SOURCE_INVALID}
   */
  public static LeftRows of(String code) {
    for (LeftRows each : values()) {
      if (each.code().equals(code)) {
        return each;
      }
    }
    throw new Failure(
        Problem.SOURCE_INVALID,
        "Rows that left can be kept, reported or marked: expected keep, report or mark; got "
            + code);
  }
}
