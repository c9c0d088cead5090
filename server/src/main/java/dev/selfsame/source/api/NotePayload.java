package dev.selfsame.source.api;

import dev.selfsame.access.Actor;
import dev.selfsame.identity.Claim;
import dev.selfsame.identity.Raw;
import dev.selfsame.identity.Source;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What the ledger keeps of a note: whom it names, {@code {"type": "note", "note": …, "user": {…},
 * "company": {…}, "by": …, "origin": …}}. What it says stands with the note alone, so that it goes
 * with it.
 */
final class NotePayload {

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String TYPE = "note";
  private static final String USER = "user";
  private static final String COMPANY = "company";
  private static final String EXTERNAL_ID = "external_id";
  private static final String EMAIL = "email";
  private static final String DOMAIN = "domain";

  private NotePayload() {}

  static byte[] of(NoteWrite write, Actor actor) {
    Map<String, Object> payload = new TreeMap<>();
    payload.put("type", TYPE);
    payload.put(TYPE, write.note().id());
    actor.note(payload);
    put(payload, USER, EXTERNAL_ID, write.externalId(), EMAIL, write.email());
    put(payload, COMPANY, EXTERNAL_ID, write.companyId(), DOMAIN, write.companyDomain());
    return JSON.writeValueAsBytes(payload);
  }

  private static void put(
      Map<String, Object> payload,
      String name,
      String firstName,
      @Nullable String first,
      String secondName,
      @Nullable String second) {
    Map<String, String> texts = new TreeMap<>();
    if (first != null) {
      texts.put(firstName, first);
    }
    if (second != null) {
      texts.put(secondName, second);
    }
    if (!texts.isEmpty()) {
      payload.put(name, texts);
    }
  }

  static Claim claim(NoteWrite write, Source source, long at) {
    return new Claim.Note(
        source,
        at,
        Raw.text(write.externalId()),
        Raw.text(write.email()),
        Raw.text(write.companyId()),
        Raw.text(write.companyDomain()));
  }

  /**
   * Reads it again.
   *
   * @throws IllegalArgumentException if it is no such payload
   */
  static Claim claim(byte[] payload, Source source, long at) {
    JsonNode kept;
    try {
      kept = JSON.readTree(payload);
    } catch (JacksonException e) {
      throw new IllegalArgumentException("The payload is no JSON", e);
    }
    if (!kept.path("type").asString("").equals(TYPE)) {
      throw new IllegalArgumentException("The payload is no note");
    }
    return new Claim.Note(
        source,
        at,
        text(kept.path(USER).get(EXTERNAL_ID)),
        text(kept.path(USER).get(EMAIL)),
        text(kept.path(COMPANY).get(EXTERNAL_ID)),
        text(kept.path(COMPANY).get(DOMAIN)));
  }

  private static Raw text(@Nullable JsonNode node) {
    return node == null || !node.isString() ? Raw.ABSENT : Raw.text(node.asString());
  }
}
