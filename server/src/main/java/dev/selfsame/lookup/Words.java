package dev.selfsame.lookup;

import dev.selfsame.identity.Field;
import dev.selfsame.identity.Held;
import dev.selfsame.identity.IdentifierType.Kind;
import dev.selfsame.identity.Part;
import dev.selfsame.identity.User;
import dev.selfsame.resolution.Rule;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** How sentences call users and rules. */
final class Words {

  private Words() {}

  static Instant time(long micros) {
    return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
  }

  /** What the rule says; one that this program does not know was recorded by a newer one. */
  static String rule(String code) {
    return Stream.of(Rule.values())
        .filter(rule -> rule.code().equals(code))
        .map(Rule::sentence)
        .findFirst()
        .orElse("Rule " + code + ".");
  }

  /** A part by its id and what people know it by; one of another user by its id alone. */
  static String user(UUID part, User... among) {
    for (User user : among) {
      if (user.contains(part)) {
        String known = known(user.part(part));
        return known == null ? part.toString() : part + " (" + known + ")";
      }
    }
    return part.toString();
  }

  /** The strongest identifier of a part, or its name; null: it has neither any more. */
  static @Nullable String known(Part part) {
    Held strongest =
        part.identifiers().stream()
            .min(
                Comparator.comparing((Held held) -> !held.current())
                    .thenComparingInt(held -> strength(held.type().kind()))
                    .thenComparingLong(Held::firstSeen)
                    .thenComparing(held -> held.id().toString()))
            .orElse(null);
    if (strongest != null) {
      return strongest.id().toString();
    }
    Field name = part.name();
    return name == null ? null : name.value();
  }

  /** What a person knows somebody by: an email says more than a number. */
  private static int strength(Kind kind) {
    return switch (kind) {
      case EXTERNAL -> 0;
      case EMAIL -> 1;
      case BILLING -> 2;
      case RECORD -> 3;
      case FALLBACK -> 4;
    };
  }
}
