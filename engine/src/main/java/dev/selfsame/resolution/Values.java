package dev.selfsame.resolution;

import dev.selfsame.identity.Claim;
import dev.selfsame.identity.Normalised;
import dev.selfsame.identity.Normalised.Cause;
import dev.selfsame.identity.Normalised.Value;
import dev.selfsame.identity.Raw;
import java.text.Normalizer;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Normalising: from what a source sent to what is compared and stored. Ids keep their text, since a
 * full-width {@code null} is an ordinary id; emails lose case and compatibility forms.
 */
public final class Values {

  private static final Normalised ABSENT = new Normalised.Absent();
  private static final Normalised BLOCKED = new Normalised.Blocked();
  private static final Normalised NOT_TEXT = new Normalised.Malformed(Cause.NOT_TEXT);
  private static final Normalised TOO_LONG = new Normalised.Malformed(Cause.TOO_LONG);
  private static final Normalised BROKEN_TEXT = new Normalised.Malformed(Cause.BROKEN_TEXT);
  private static final Normalised NO_AT_SIGN = new Normalised.Malformed(Cause.NO_AT_SIGN);

  /** Characters; as DNS has it. */
  private static final int MOST_OF_A_DOMAIN = 253;

  private Values() {}

  /** An id of any kind: a user's, a record's, a customer's, an account's. */
  public static Normalised id(Raw raw, Policy policy) {
    return switch (raw) {
      case Raw.Absent absent -> ABSENT;
      case Raw.Text text -> id(text.value(), policy);
      case Raw.Number number -> integer(number.literal()) ? id(number.literal(), policy) : NOT_TEXT;
      case Raw.Other other -> NOT_TEXT;
    };
  }

  private static Normalised id(String sent, Policy policy) {
    String value = trim(sent);
    if (value.isEmpty()) {
      return ABSENT;
    }
    if (policy.blockedValues().contains(value)) {
      return BLOCKED;
    }
    if (broken(value)) {
      return BROKEN_TEXT;
    }
    if (longer(value, policy.limits().idCharacters())) {
      return TOO_LONG;
    }
    return new Value(value, value);
  }

  public static Normalised email(Raw raw, Policy policy) {
    return switch (raw) {
      case Raw.Absent absent -> ABSENT;
      case Raw.Text text -> email(text.value(), policy);
      case Raw.Number number -> NOT_TEXT;
      case Raw.Other other -> NOT_TEXT;
    };
  }

  private static Normalised email(String sent, Policy policy) {
    String display = trim(sent);
    String value =
        ascii(display) ? display : trim(Normalizer.normalize(display, Normalizer.Form.NFKC));
    value = value.toLowerCase(Locale.ROOT);
    if (value.isEmpty()) {
      return ABSENT;
    }
    if (policy.blockedValues().contains(value)) {
      return BLOCKED;
    }
    if (broken(value)) {
      return BROKEN_TEXT;
    }
    if (value.indexOf('@') < 0) {
      return NO_AT_SIGN;
    }
    if (longer(value, policy.limits().emailCharacters())) {
      return TOO_LONG;
    }
    return new Value(value, value.equals(display) ? value : display);
  }

  /** A warehouse row's fallback id: an email where its column is marked as one. */
  static Normalised fallback(Claim.WarehouseRow row, Policy policy) {
    return row.fallbackIsEmail() ? email(row.fallback(), policy) : id(row.fallback(), policy);
  }

  /**
   * A name or another free text: kept as sent but for what cannot be stored, which is replaced by
   * U+FFFD.
   */
  public static Normalised text(Raw raw) {
    return switch (raw) {
      case Raw.Absent absent -> ABSENT;
      case Raw.Text text -> text(text.value());
      case Raw.Number number -> text(number.literal());
      case Raw.Other other -> NOT_TEXT;
    };
  }

  private static Normalised text(String sent) {
    String display = trim(sent);
    if (display.isEmpty()) {
      return ABSENT;
    }
    return new Value(broken(display) ? repaired(display) : display, display);
  }

  /** An account's domain, as a caller names it; mailboxes anybody can have are no company's. */
  static Normalised domain(Raw raw, Policy policy) {
    return switch (raw) {
      case Raw.Absent absent -> ABSENT;
      case Raw.Text text -> domain(text.value(), policy);
      case Raw.Number number -> NOT_TEXT;
      case Raw.Other other -> NOT_TEXT;
    };
  }

  private static Normalised domain(String sent, Policy policy) {
    String display = trim(sent);
    String value = display.toLowerCase(Locale.ROOT);
    if (value.isEmpty()) {
      return ABSENT;
    }
    if (policy.blockedValues().contains(value)
        || policy.notes().freeMailDomains().contains(value)) {
      return BLOCKED;
    }
    if (broken(value) || value.codePoints().anyMatch(c -> c == '@' || c == '/' || c <= ' ')) {
      return BROKEN_TEXT;
    }
    return longer(value, MOST_OF_A_DOMAIN) ? TOO_LONG : new Value(value, display);
  }

  /** The domain of a normalised email, unless anybody can have a mailbox of it. */
  static @Nullable String companyDomain(String email, Policy policy) {
    String domain = email.substring(email.lastIndexOf('@') + 1);
    return domain.isEmpty() || policy.notes().freeMailDomains().contains(domain) ? null : domain;
  }

  /**
   * Whether the list of never-match mailboxes names this email: an entry that ends in {@code @} is
   * a mailbox of any domain, another a whole address.
   */
  public static boolean neverMatches(String email, List<String> mailboxes) {
    for (String mailbox : mailboxes) {
      if (mailbox.endsWith("@") ? email.startsWith(mailbox) : email.equals(mailbox)) {
        return true;
      }
    }
    return false;
  }

  /** A user's id as exported, or null if it is none. */
  static @Nullable UUID uuid(String text) {
    if (text.length() != 36) {
      return null;
    }
    try {
      return UUID.fromString(text);
    } catch (IllegalArgumentException notAnId) {
      return null;
    }
  }

  /** A JSON integer literal: its exact text is an id; a double would lose digits. */
  private static boolean integer(String literal) {
    int digits = literal.startsWith("-") ? 1 : 0;
    for (int i = digits; i < literal.length(); i++) {
      char c = literal.charAt(i);
      if (c < '0' || c > '9') {
        return false;
      }
    }
    return literal.length() > digits;
  }

  static String trim(String text) {
    int start = 0;
    int end = text.length();
    while (start < end && blank(text.charAt(start))) {
      start++;
    }
    while (end > start && blank(text.charAt(end - 1))) {
      end--;
    }
    return text.substring(start, end);
  }

  /**
   * Unicode's White_Space, and the two invisible characters that copying from a page or a file
   * leaves behind.
   */
  private static boolean blank(char c) {
    return c <= ' '
        ? c == ' ' || (c >= '\t' && c <= '\r')
        : c >= '\u0085'
            && switch (c) {
              case '\u0085', '\u00A0', '\u1680', '\u2028', '\u2029', '\u202F', '\u205F', '\u3000' ->
                  true;
              case '\u200B', '\uFEFF' -> true;
              default -> c >= '\u2000' && c <= '\u200A';
            };
  }

  private static boolean ascii(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) > '\u007F') {
        return false;
      }
    }
    return true;
  }

  /** A NUL, which PostgreSQL cannot store, or half of a surrogate pair, which UTF-8 cannot say. */
  private static boolean broken(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\0') {
        return true;
      }
      if (Character.isSurrogate(c)) {
        if (!pair(text, i)) {
          return true;
        }
        i++;
      }
    }
    return false;
  }

  private static boolean pair(String text, int i) {
    return Character.isHighSurrogate(text.charAt(i))
        && i + 1 < text.length()
        && Character.isLowSurrogate(text.charAt(i + 1));
  }

  static String repaired(String text) {
    StringBuilder whole = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isSurrogate(c) && pair(text, i)) {
        whole.append(c).append(text.charAt(++i));
      } else {
        whole.append(c == '\0' || Character.isSurrogate(c) ? '\uFFFD' : c);
      }
    }
    return whole.toString();
  }

  private static boolean longer(String text, int limit) {
    return text.length() > limit && text.codePointCount(0, text.length()) > limit;
  }
}
