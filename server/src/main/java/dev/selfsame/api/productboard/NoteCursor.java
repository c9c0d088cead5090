package dev.selfsame.api.productboard;

import dev.selfsame.http.Json;
import dev.selfsame.store.NoteQueries;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * Where a page of notes ended, with what was asked for: the next page is asked for by this alone.
 *
 * @param filters by parameter
 * @param total how many notes there were when the first page was asked for
 * @param until when it ends
 */
record NoteCursor(Map<String, String> filters, NoteQueries.Place place, long total, Instant until) {

  /** As long as Productboard's. */
  static final Duration LIFE = Duration.ofMinutes(1);

  NoteCursor {
    filters = Map.copyOf(filters);
  }

  /** As text that callers hand back and need not understand; what is changed in it is noticed. */
  String text() {
    byte[] said =
        Json.bytes(
            new TreeMap<>(
                Map.of(
                    "filters", new TreeMap<>(filters),
                    "at", place.createdAt().toString(),
                    "id", place.id(),
                    "total", total,
                    "until", until.toString())));
    return check(said) + Base64.getUrlEncoder().withoutPadding().encodeToString(said);
  }

  /** Null: it is none. */
  static @Nullable NoteCursor of(String text) {
    if (text.length() <= CHECK) {
      return null;
    }
    try {
      byte[] said = Base64.getUrlDecoder().decode(text.substring(CHECK));
      if (!text.startsWith(check(said))) {
        return null;
      }
      JsonNode read = Json.strict().readTree(new String(said, StandardCharsets.UTF_8));
      Map<String, String> filters = new TreeMap<>();
      read.path("filters").forEachEntry((name, value) -> filters.put(name, value.asString()));
      return new NoteCursor(
          filters,
          new NoteQueries.Place(
              Instant.parse(read.path("at").asString()),
              UUID.fromString(read.path("id").asString())),
          read.path("total").asLong(),
          Instant.parse(read.path("until").asString()));
    } catch (IllegalArgumentException | DateTimeException | JacksonException e) {
      return null;
    }
  }

  private static final int CHECK = 8;

  private static String check(byte[] said) {
    CRC32 sum = new CRC32();
    sum.update(said);
    return "%08x".formatted(sum.getValue());
  }
}
