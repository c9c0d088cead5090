package dev.selfsame.dashboard;

import dev.selfsame.resolution.Rule;
import dev.selfsame.store.FoundFlag.FlaggedUser;
import dev.selfsame.store.FoundUser;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** How pages write users, times and codes. */
final class Shown {

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("d MMM uuuu, HH:mm", Locale.ENGLISH).withZone(ZoneOffset.UTC);

  private static final Map<String, String> TYPES =
      Map.of(
          "external_id", "External ID",
          "email", "Email",
          "name", "Name",
          "billing_id", "Billing ID",
          "stripe_id", "Stripe",
          "chargebee_id", "Chargebee",
          "hubspot_id", "HubSpot");

  private static final int LONGEST_TRAITS = 120;

  private Shown() {}

  /** What people know the user by. */
  static String called(FoundUser user) {
    return called(user.name(), user.email(), user.externalId(), user.billingId());
  }

  static String called(FlaggedUser user) {
    return called(user.name(), user.email(), user.externalId(), null);
  }

  private static String called(
      @Nullable String name,
      @Nullable String email,
      @Nullable String externalId,
      @Nullable String billingId) {
    return firstOf(name, email, externalId, billingId);
  }

  /** The first that says something. */
  static String firstOf(@Nullable String... names) {
    for (String each : names) {
      if (each != null && !each.isBlank()) {
        return each;
      }
    }
    return "Without a name";
  }

  /** One or two letters for the round picture. */
  static String initials(String called) {
    StringBuilder initials = new StringBuilder();
    for (String word : called.strip().split("[\\s._@-]+", 3)) {
      if (!word.isEmpty() && initials.codePointCount(0, initials.length()) < 2) {
        initials.appendCodePoint(Character.toUpperCase(word.codePointAt(0)));
      }
    }
    return initials.isEmpty() ? "?" : initials.toString();
  }

  /** A minute, in UTC. */
  static String time(Instant time) {
    return TIME.format(time);
  }

  /** The type of an identifier or a field, as a title. */
  static String type(String type) {
    String known = TYPES.get(type);
    if (known != null) {
      return known;
    }
    String words = type.endsWith("_id") ? type.substring(0, type.length() - 3) : type;
    return words.isEmpty()
        ? type
        : words.substring(0, 1).toUpperCase(Locale.ROOT) + words.substring(1).replace('_', ' ');
  }

  /** A code such as billing_id_in_use as words. */
  static String words(String code) {
    String words = code.replace('_', ' ');
    return words.substring(0, 1).toUpperCase(Locale.ROOT) + words.substring(1);
  }

  /** What a rule says, by its code; the code itself where this program does not know it. */
  static String rule(String code) {
    return Stream.of(Rule.values())
        .filter(rule -> rule.code().equals(code))
        .map(Rule::sentence)
        .findFirst()
        .orElse(code);
  }

  /** A user's traits in one line. */
  static String traits(FoundUser user) {
    StringBuilder line = new StringBuilder();
    user.traits()
        .forEachEntry((name, value) ->
            line.append(line.isEmpty() ? "" : ", ")
                .append(name)
                .append(": ")
                .append(value.isString() ? value.asString() : value.toString()));
    if (line.length() <= LONGEST_TRAITS) {
      return line.toString();
    }
    return line.substring(0, line.offsetByCodePoints(0, line.codePointCount(0, LONGEST_TRAITS)))
        + "…";
  }

  /** A count of bytes as people write it. */
  static String bytes(long bytes) {
    return bytes < 10_000
        ? count(bytes) + " bytes"
        : bytes < 10_000_000 ? count(bytes / 1_000) + " kB" : count(bytes / 1_000_000) + " MB";
  }

  /** A count as people write it. */
  static String count(long count) {
    return String.format(Locale.ENGLISH, "%,d", count);
  }

  /** A name as a segment of an address. */
  static String path(String name) {
    return Form.encoded(name).replace("+", "%20");
  }

  static String orDash(@Nullable String text) {
    return text == null || text.isBlank() ? "–" : text;
  }
}
