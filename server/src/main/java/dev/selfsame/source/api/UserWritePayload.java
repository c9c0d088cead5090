package dev.selfsame.source.api;

import dev.selfsame.access.Actor;
import dev.selfsame.identity.Claim;
import dev.selfsame.identity.IdentifierType;
import dev.selfsame.identity.Raw;
import dev.selfsame.identity.Source;
import dev.selfsame.identity.User;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What the ledger keeps of a write: {@code {"type": "user", "user": …, "set": {…}, "cleared": […],
 * "by": …, "origin": …}}.
 */
final class UserWritePayload {

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String TYPE = "user";
  private static final String BILLING_ID = IdentifierType.BILLING_ID.name();
  private static final Set<String> FIELDS =
      Set.of(User.EXTERNAL_ID, User.NAME, User.EMAIL, BILLING_ID);

  private UserWritePayload() {}

  static byte[] of(UserWrite write, Actor actor) {
    Map<String, Object> payload = new TreeMap<>();
    payload.put("type", TYPE);
    actor.note(payload);
    if (write.user() != null) {
      payload.put("user", write.user());
    }
    payload.put("set", new TreeMap<>(write.texts()));
    if (!write.cleared().isEmpty()) {
      payload.put("cleared", new TreeSet<>(write.cleared()));
    }
    return JSON.writeValueAsBytes(payload);
  }

  static Claim claim(UserWrite write, Source source, long at) {
    List<Claim.ApiUser.RecordId> records = new ArrayList<>();
    new TreeMap<>(write.texts())
        .forEach((field, text) -> {
          if (!FIELDS.contains(field)) {
            records.add(new Claim.ApiUser.RecordId(IdentifierType.of(field), Raw.text(text)));
          }
        });
    return new Claim.ApiUser(
        source,
        at,
        write.user(),
        Raw.text(write.texts().get(User.EXTERNAL_ID)),
        Raw.text(write.texts().get(User.NAME)),
        Raw.text(write.texts().get(User.EMAIL)),
        Raw.text(write.texts().get(BILLING_ID)),
        records,
        write.cleared());
  }

  /**
   * Reads it again.
   *
   * @throws IllegalArgumentException if it is no such payload
   */
  static UserWrite read(byte[] payload) {
    JsonNode kept;
    try {
      kept = JSON.readTree(payload);
    } catch (JacksonException e) {
      throw new IllegalArgumentException("The payload is no JSON", e);
    }
    if (!kept.path("type").asString("").equals(TYPE)) {
      throw new IllegalArgumentException("The payload is no write of a user");
    }
    Map<String, String> texts = new TreeMap<>();
    kept.path("set").forEachEntry((field, text) -> texts.put(field, text.asString()));
    Set<String> cleared = new HashSet<>();
    kept.path("cleared").forEach(field -> cleared.add(field.asString()));
    return new UserWrite(0, user(kept.get("user")), texts, cleared);
  }

  private static @Nullable UUID user(@Nullable JsonNode user) {
    return user == null ? null : UUID.fromString(user.asString());
  }
}
