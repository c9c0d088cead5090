package dev.selfsame.api.productboard;

import dev.selfsame.api.Uuid;
import dev.selfsame.lookup.BadSearch;
import dev.selfsame.store.NoteQueries;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Which notes a list is asked for, by its parameters. */
final class NoteSearch {

  static final List<String> FILTERS =
      List.of(
          "last",
          "dateFrom",
          "createdFrom",
          "dateTo",
          "createdTo",
          "updatedFrom",
          "updatedTo",
          "term",
          "featureId",
          "companyId",
          "ownerEmail",
          "source",
          "anyTag",
          "allTags");

  private static final Pattern LAST = Pattern.compile("(\\d{1,4})([mdh])");
  private static final int MOST_TERM = 200;

  private final Map<String, String> given;
  private final Instant now;

  private NoteSearch(Map<String, String> given, Instant now) {
    this.given = given;
    this.now = now;
  }

  /**
   * Reads it.
   *
   * @throws BadSearch naming the parameter that cannot be meant
   */
  static NoteQueries.Wanted wanted(Map<String, String> given, Instant now) {
    NoteSearch search = new NoteSearch(given, now);
    search.alone("last", List.of("dateFrom", "createdFrom", "dateTo", "createdTo"));
    search.alone("dateFrom", List.of("createdFrom"));
    search.alone("dateTo", List.of("createdTo"));
    search.alone("anyTag", List.of("allTags"));
    Instant last = search.last();
    Instant from = search.day(given.containsKey("dateFrom") ? "dateFrom" : "createdFrom", 0);
    return new NoteQueries.Wanted(
        null,
        search.id("companyId"),
        given.get("source"),
        null,
        search.tags("allTags"),
        search.tags("anyTag"),
        last == null ? from : last,
        search.day(given.containsKey("dateTo") ? "dateTo" : "createdTo", 1),
        search.day("updatedFrom", 0),
        search.day("updatedTo", 1),
        search.term(),
        null);
  }

  /** Whether it asks for what notes here never have: an owner, or a feature. */
  static boolean none(Map<String, String> given) {
    String feature = given.get("featureId");
    if (feature != null && Uuid.of(feature) == null) {
      throw new BadSearch("featureId", "The parameter featureId must be a UUID");
    }
    return feature != null || given.containsKey("ownerEmail");
  }

  private void alone(String name, List<String> others) {
    for (String other : others) {
      if (given.containsKey(name) && given.containsKey(other)) {
        throw new BadSearch(
            name, "The parameter %s cannot be combined with %s".formatted(name, other));
      }
    }
  }

  private @Nullable Instant last() {
    String text = given.get("last");
    if (text == null) {
      return null;
    }
    Matcher matcher = LAST.matcher(text);
    if (!matcher.matches()) {
      throw new BadSearch("last", "The parameter last must be a span such as 6m, 10d or 24h");
    }
    int count = Integer.parseInt(matcher.group(1));
    return switch (matcher.group(2)) {
      case "m" -> now.atZone(ZoneOffset.UTC).minusMonths(count).toInstant();
      case "d" -> now.atZone(ZoneOffset.UTC).minusDays(count).toInstant();
      default -> now.atZone(ZoneOffset.UTC).minusHours(count).toInstant();
    };
  }

  /** The beginning of a day, or of one after it. */
  private @Nullable Instant day(String name, int after) {
    String text = given.get(name);
    try {
      return text == null
          ? null
          : LocalDate.parse(text).plusDays(after).atStartOfDay(ZoneOffset.UTC).toInstant();
    } catch (DateTimeException e) {
      throw new BadSearch(
          name, "The parameter %s must be a day such as 2026-11-23".formatted(name));
    }
  }

  private @Nullable UUID id(String name) {
    String text = given.get(name);
    UUID id = text == null ? null : Uuid.of(text);
    if (text != null && id == null) {
      throw new BadSearch(name, "The parameter %s must be a UUID".formatted(name));
    }
    return id;
  }

  private List<String> tags(String name) {
    String text = given.get(name);
    return text == null
        ? List.of()
        : Arrays.stream(text.split(",", -1)).map(String::strip).filter(t -> !t.isEmpty()).toList();
  }

  private @Nullable String term() {
    String term = given.get("term");
    if (term != null && (term.isBlank() || term.length() > MOST_TERM || term.indexOf('\0') >= 0)) {
      throw new BadSearch(
          "term", "The term has 1 to %d characters that are not all blank".formatted(MOST_TERM));
    }
    return term;
  }
}
