package dev.selfsame.api;

import org.jspecify.annotations.Nullable;

/** What the text of a field may be before anybody decides about it. */
public final class FieldText {

  /** Characters, that is code points, of one field. */
  public static final int MOST = 256;

  /** Why a text cannot be meant. */
  public enum Fault {
    BLANK("value_blank", "is blank; null takes it away, leaving it out leaves it alone"),
    TOO_LONG("value_too_long", "has more than " + MOST + " characters"),
    BROKEN("value_malformed", "has a NUL or half of a character, which cannot be stored"),
    NO_EMAIL("email_malformed", "is no email address, such as ann@example.com");

    private final String code;
    private final String words;

    Fault(String code, String words) {
      this.code = code;
      this.words = words;
    }

    String code() {
      return code;
    }

    String words() {
      return words;
    }
  }

  private FieldText() {}

  /** Null: it can be meant. */
  public static @Nullable Fault fault(String text, boolean email) {
    String bare = text.strip();
    if (bare.isEmpty()) {
      return Fault.BLANK;
    }
    if (text.codePointCount(0, text.length()) > MOST) {
      return Fault.TOO_LONG;
    }
    if (text.indexOf('\0') >= 0
        || text.codePoints()
            .anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)) {
      return Fault.BROKEN;
    }
    return email && !address(bare) ? Fault.NO_EMAIL : null;
  }

  /** Something, one at sign, something; no blanks in it. */
  private static boolean address(String text) {
    int at = text.indexOf('@');
    return at > 0
        && at == text.lastIndexOf('@')
        && at < text.length() - 1
        && text.codePoints().noneMatch(c -> Character.isWhitespace(c) || Character.isISOControl(c));
  }
}
