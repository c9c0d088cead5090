package dev.selfsame.review;

import dev.selfsame.identity.Claim;
import dev.selfsame.identity.Source;
import dev.selfsame.replay.PastClaims;
import dev.selfsame.store.LedgerLine;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads what people did again as the ledger keeps it: {@code {"act": …, "by": …, …}}. */
public final class PastActs implements PastClaims {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  @Override
  public Claim read(LedgerLine row, byte[] payload, Source source) {
    JsonNode kept = read(payload);
    String act = kept.path("act").asString("");
    return switch (act) {
      case "merge" -> merge(row, kept, source);
      default -> throw new IllegalArgumentException("No act is called " + act);
    };
  }

  private static Claim merge(LedgerLine row, JsonNode kept, Source source) {
    List<UUID> users = new ArrayList<>();
    kept.path("users").forEach(user -> users.add(UUID.fromString(user.asString())));
    Map<String, UUID> fields = new HashMap<>();
    kept.path("fields")
        .forEachEntry((field, user) -> fields.put(field, UUID.fromString(user.asString())));
    JsonNode survivor = kept.get("survivor");
    return new Claim.MergeByHand(
        source,
        row.saidAt(),
        kept.path("by").asString(""),
        users,
        survivor == null ? null : UUID.fromString(survivor.asString()),
        fields);
  }

  private static JsonNode read(byte[] payload) {
    try {
      return JSON.readTree(payload);
    } catch (JacksonException e) {
      throw new IllegalArgumentException("The payload is no JSON", e);
    }
  }
}
