package dev.selfsame.source.land;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A time in one of the forms in which tools write them: ISO-8601 with T or a blank, with any number
 * of fractional digits; its offset as Z, UTC, GMT, +02, +0200 or +02:00, or none, which is UTC; a
 * date alone, which is its midnight; seconds, milliseconds or microseconds since 1970.
 */
final class VendorTime {

  private static final Pattern ISO =
      Pattern.compile(
          "(\\d{4}-\\d\\d-\\d\\d)(?:[T"
              + " ](\\d\\d:\\d\\d(?::\\d\\d)?)(?:[.,](\\d{1,9})\\d*)?\\s?(Z|UTC|GMT|[+-]\\d\\d(?::?\\d\\d)?)?)?");

  /** Seconds since 1970 have so many digits since 2001, until 2286; below them nobody can tell. */
  private static final Pattern EPOCH =
      Pattern.compile("(\\d{9,10})(\\.\\d+)?|\\d{12,13}|\\d{15,16}");

  private VendorTime() {}

  /** Null for what is none of them. */
  static @Nullable Instant read(String text) {
    String stripped = text.strip();
    try {
      Matcher epoch = EPOCH.matcher(stripped);
      return epoch.matches() ? epoch(stripped, epoch) : iso(stripped);
    } catch (DateTimeException e) {
      return null;
    }
  }

  /** Whether it is a time and nothing else could be meant, and PostgreSQL reads it so too. */
  static boolean plain(String text) {
    Matcher iso = ISO.matcher(text);
    return iso.matches() && iso.group(2) != null && text.indexOf(',') < 0 && read(text) != null;
  }

  private static Instant epoch(String text, Matcher epoch) {
    if (epoch.group(1) != null) {
      return Instant.ofEpochSecond(Long.parseLong(epoch.group(1)));
    }
    long number = Long.parseLong(text);
    return text.length() < 15
        ? Instant.ofEpochMilli(number)
        : Instant.ofEpochSecond(number / 1_000_000, number % 1_000_000 * 1_000);
  }

  private static @Nullable Instant iso(String text) {
    Matcher iso = ISO.matcher(text);
    if (!iso.matches()) {
      return null;
    }
    // Every row has some: the formatters of java.time would take a tenth of a landing.
    LocalDate date = LocalDate.of(number(text, 0, 4), number(text, 5, 7), number(text, 8, 10));
    int end = iso.end(2);
    if (end < 0) {
      return date.atStartOfDay().toInstant(ZoneOffset.UTC);
    }
    String fraction = iso.group(3);
    LocalTime time =
        LocalTime.of(
            number(text, 11, 13),
            number(text, 14, 16),
            end > 16 ? number(text, 17, 19) : 0,
            fraction == null ? 0 : Integer.parseInt((fraction + "000000000").substring(0, 9)));
    return date.atTime(time).toInstant(offset(iso.group(4)));
  }

  private static int number(String text, int from, int to) {
    return Integer.parseInt(text, from, to, 10);
  }

  private static ZoneOffset offset(@Nullable String zone) {
    return zone == null || Character.isLetter(zone.charAt(0))
        ? ZoneOffset.UTC
        : ZoneOffset.of(zone);
  }
}
