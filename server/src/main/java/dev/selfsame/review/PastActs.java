package dev.selfsame.review;

import dev.selfsame.identity.Claim;
import dev.selfsame.identity.Identifier;
import dev.selfsame.identity.IdentifierType;
import dev.selfsame.identity.Raw;
import dev.selfsame.identity.Source;
import dev.selfsame.replay.PastClaims;
import dev.selfsame.store.InsteadJson;
import dev.selfsame.store.LedgerLine;
import dev.selfsame.store.MergeQueries.Place;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads what people did again as the ledger keeps it: {@code {"act": …, "by": …, …}}. */
public final class PastActs implements PastClaims {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  @Override
  public @Nullable Claim read(LedgerLine row, byte[] payload, Source source) {
    JsonNode kept = read(payload);
    if (kept.path("erased").asBoolean(false)) {
      return null;
    }
    Claim act = act(row, kept, source);
    JsonNode flag = kept.get("flag");
    return flag == null || act instanceof Claim.SettleFlag
        ? act
        : new Settling(flag.asString(), null).by(act, kept.path("by").asString(""));
  }

  private static Claim act(LedgerLine row, JsonNode kept, Source source) {
    String act = kept.path("act").asString("");
    return switch (act) {
      case "merge" -> merge(row, kept, source);
      case "undo" -> kept.get("link") == null ? undo(row, kept, source) : link(row, kept, source);
      case "move" -> move(row, kept, source);
      case "keep_apart", "lift" -> keepApart(row, kept, source, act.equals("lift"));
      case "dismiss" ->
          new Claim.SettleFlag(
              source,
              row.saidAt(),
              kept.path("by").asString(""),
              kept.path("flag").asString(""),
              row.part() == null ? List.of() : List.of(row.part()),
              null);
      default -> throw new IllegalArgumentException("No act is called " + act);
    };
  }

  private static Claim merge(LedgerLine row, JsonNode kept, Source source) {
    Map<String, UUID> fields = new HashMap<>();
    kept.path("fields")
        .forEachEntry((field, user) -> fields.put(field, UUID.fromString(user.asString())));
    JsonNode survivor = kept.get("survivor");
    return new Claim.MergeByHand(
        source,
        row.saidAt(),
        kept.path("by").asString(""),
        users(kept),
        survivor == null ? null : UUID.fromString(survivor.asString()),
        fields);
  }

  /** What the ledger knew of the merge is for whoever decides it again to know. */
  private static Claim undo(LedgerLine row, JsonNode kept, Source source) {
    String id = kept.path("merge").asString("");
    Place place = Place.of(id);
    if (place == null) {
      throw new IllegalArgumentException("No merge is called " + id);
    }
    return new Claim.UndoMerge(
        source,
        row.saidAt(),
        kept.path("by").asString(""),
        place.position(),
        place.ordinal(),
        user(kept, "survivor"),
        user(kept, "absorbed"),
        List.of(),
        Map.of());
  }

  private static Claim link(LedgerLine row, JsonNode kept, Source source) {
    UUID part = user(kept, "part");
    Set<Identifier> left = new HashSet<>();
    kept.path("left")
        .forEach(each ->
            left.add(
                new Identifier(
                    IdentifierType.of(each.path("type").asString("")),
                    each.path("value").asString(""))));
    List<String> merges = new ArrayList<>();
    kept.path("merges").forEach(merge -> merges.add(merge.asString("")));
    return new Claim.UndoLink(
        source,
        row.saidAt(),
        kept.path("by").asString(""),
        kept.path("link").asLong(),
        kept.path("as_of").asLong(),
        part,
        InsteadJson.instead(part, kept.path("stays")),
        InsteadJson.part(part, kept.path("goes")),
        left,
        merges,
        ids(kept, "accounts"),
        ids(kept, "shared_accounts"));
  }

  private static Claim move(LedgerLine row, JsonNode kept, Source source) {
    JsonNode current = kept.get("current");
    return new Claim.MoveIdentifier(
        source,
        row.saidAt(),
        kept.path("by").asString(""),
        IdentifierType.of(kept.path("type").asString("")),
        Raw.text(kept.path("value").asString("")),
        user(kept, "from"),
        user(kept, "to"),
        current == null ? null : (Boolean) current.asBoolean());
  }

  private static Claim keepApart(LedgerLine row, JsonNode kept, Source source, boolean lift) {
    return new Claim.KeepApart(
        source, row.saidAt(), kept.path("by").asString(""), users(kept), lift);
  }

  private static List<UUID> users(JsonNode kept) {
    return ids(kept, "users");
  }

  private static List<UUID> ids(JsonNode kept, String field) {
    List<UUID> ids = new ArrayList<>();
    kept.path(field).forEach(id -> ids.add(UUID.fromString(id.asString(""))));
    return ids;
  }

  private static UUID user(JsonNode kept, String field) {
    return UUID.fromString(kept.path(field).asString(""));
  }

  private static JsonNode read(byte[] payload) {
    try {
      return JSON.readTree(payload);
    } catch (JacksonException e) {
      throw new IllegalArgumentException("The payload is no JSON", e);
    }
  }
}
