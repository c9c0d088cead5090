package dev.selfsame.store;

import dev.selfsame.identity.Held;
import dev.selfsame.identity.IdentifierType;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which id of each tool {@code user_identities} shows: of several the live one linked first; of
 * billing ids the current one.
 */
final class Tools {

  private Tools() {}

  /** As a JSON object by identifier type, or null when there is none. */
  static @Nullable String of(List<Held> identifiers) {
    Map<String, Held> shown = null;
    for (Held held : identifiers) {
      if (!shows(held)) {
        continue;
      }
      if (shown == null) {
        shown = new TreeMap<>();
      }
      shown.merge(
          held.type().name(),
          held,
          (shownSoFar, next) -> precedes(next, shownSoFar) ? next : shownSoFar);
    }
    if (shown == null) {
      return null;
    }
    Map<String, String> values = new TreeMap<>();
    shown.forEach((type, held) -> values.put(type, held.value()));
    return Json.object(values);
  }

  private static boolean shows(Held held) {
    return switch (held.type().kind()) {
      case RECORD -> !held.deleted();
      case BILLING ->
          held.current() && !held.deleted() && !held.type().equals(IdentifierType.BILLING_ID);
      case EXTERNAL, EMAIL, FALLBACK -> false;
    };
  }

  private static boolean precedes(Held held, Held shown) {
    if (held.type().kind() == IdentifierType.Kind.BILLING) {
      return held.outranks(shown);
    }
    int byTime = Long.compare(held.firstSeen(), shown.firstSeen());
    return byTime < 0 || (byTime == 0 && held.position() < shown.position());
  }
}
