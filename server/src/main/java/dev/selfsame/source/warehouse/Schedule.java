package dev.selfsame.source.warehouse;

import com.cronutils.model.CronType;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.time.ExecutionTime;
import com.cronutils.parser.CronParser;
import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** When a source runs by itself: every so often, or when a cron expression says so, in UTC. */
public final class Schedule {

  private static final Pattern EVERY = Pattern.compile("([1-9][0-9]{0,5})(m|h|d)");
  private static final Duration LONGEST = Duration.ofDays(31);

  private final String text;
  private final @Nullable Duration every;
  private final @Nullable ExecutionTime cron;

  private Schedule(String text, @Nullable Duration every, @Nullable ExecutionTime cron) {
    this.text = text;
    this.every = every;
    this.cron = cron;
  }

  /**
   * Reads {@code 15m}, {@code 6h}, {@code 1d} or a cron expression of five fields.
   *
   * @throws Failure {@code SOURCE_INVALID}
   */
  public static Schedule of(String said) {
    String text = said.strip();
    Matcher matcher = EVERY.matcher(text);
    if (matcher.matches()) {
      long count = Long.parseLong(matcher.group(1));
      Duration every =
          switch (matcher.group(2)) {
            case "m" -> Duration.ofMinutes(count);
            case "h" -> Duration.ofHours(count);
            default -> Duration.ofDays(count);
          };
      if (every.compareTo(LONGEST) > 0) {
        throw new Failure(
            Problem.SOURCE_INVALID, "A source runs at least every 31 days; got " + text);
      }
      return new Schedule(text, every, null);
    }
    try {
      ExecutionTime cron =
          ExecutionTime.forCron(
              new CronParser(CronDefinitionBuilder.instanceDefinitionFor(CronType.UNIX))
                  .parse(text));
      if (cron.nextExecution(Instant.EPOCH.atZone(ZoneOffset.UTC)).isEmpty()) {
        throw new Failure(Problem.SOURCE_INVALID, "That never is: " + text);
      }
      return new Schedule(text, null, cron);
    } catch (IllegalArgumentException e) {
      throw new Failure(
          Problem.SOURCE_INVALID,
          "Expected how often (15m, 6h, 1d) or a cron expression of five fields, such as"
              + " \"0 6 * * *\" for 6:00 UTC each day; got %s".formatted(text),
          0,
          e);
    }
  }

  /** As it was said. */
  public String text() {
    return text;
  }

  /** The first run, of a source that was just told to run so. */
  Instant first(Instant now) {
    return every == null ? next(now, now) : now;
  }

  /** The run after one. */
  Instant next(Instant begun, Instant now) {
    if (every != null) {
      Instant next = begun.plus(every);
      return next.isAfter(now) ? next : now;
    }
    ZonedDateTime at = now.atZone(ZoneOffset.UTC);
    // Of an expression that was taken there always is a next time.
    return cron == null
        ? now
        : cron.nextExecution(at).map(ZonedDateTime::toInstant).orElse(now.plus(LONGEST));
  }

  /** How long to wait after so many failures in a row: a minute, two, four, an hour at most. */
  static Duration patience(int failures) {
    return Duration.ofMinutes(Math.min(60L, 1L << Math.min(failures - 1, 6)));
  }
}
