package dev.selfsame.store;

import dev.selfsame.identity.Field;
import dev.selfsame.identity.Held;
import dev.selfsame.identity.Part;
import dev.selfsame.identity.User;
import java.io.StringWriter;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/**
 * The before-image of a decision as JSON, by part: of each changed field what it was, null where it
 * was nothing; of a part that moved to another user, the user. A part that was only created has
 * none.
 */
final class Before {

  private Before() {}

  /** Null when nothing but new parts came of it. */
  static @Nullable String of(List<User> next, Snapshot now) {
    boolean any = false;
    for (User user : next) {
      for (Part part : user.parts()) {
        StoredPart stored = now.part(part.id());
        any |= stored != null && (!stored.part().equals(part) || !stored.user().equals(user.id()));
      }
    }
    if (!any) {
      return null;
    }
    StringWriter text = new StringWriter(256);
    try (JsonGenerator json = Json.MAPPER.createGenerator(text)) {
      json.writeStartObject();
      for (User user : next) {
        for (Part part : user.parts()) {
          StoredPart stored = now.part(part.id());
          if (stored != null && (!stored.part().equals(part) || !stored.user().equals(user.id()))) {
            part(json, stored, part, user);
          }
        }
      }
      json.writeEndObject();
    }
    return text.toString();
  }

  private static void part(JsonGenerator json, StoredPart before, Part after, User user) {
    json.writeName(after.id().toString());
    json.writeStartObject();
    if (!before.user().equals(user.id())) {
      json.writeStringProperty("user", before.user().toString());
    }
    Field name = before.part().name();
    if (!Objects.equals(name, after.name())) {
      json.writeName("name");
      if (name == null) {
        json.writeNull();
      } else {
        json.writeStartObject();
        json.writeStringProperty("value", name.value());
        json.writeNumberProperty("at", name.at());
        json.writeNumberProperty("position", name.position());
        json.writeNumberProperty("source", name.source());
        if (name.weak()) {
          json.writeBooleanProperty("weak", true);
        }
        json.writeEndObject();
      }
    }
    identifiers(json, before.part(), after);
    if (!before.part().bars().equals(after.bars())) {
      json.writeName("bars");
      json.writeStartArray();
      before.part().bars().stream().sorted().forEach(bar -> json.writeString(bar.toString()));
      json.writeEndArray();
    }
    json.writeEndObject();
  }

  private static void identifiers(JsonGenerator json, Part before, Part after) {
    boolean open = false;
    for (Held held : after.identifiers()) {
      if (before.held(held.id()) == null) {
        open = open(json, open);
        json.writeNullProperty(held.id().toString());
      }
    }
    for (Held held : before.identifiers()) {
      if (!held.equals(after.held(held.id()))) {
        open = open(json, open);
        json.writeName(held.id().toString());
        json.writeStartObject();
        json.writeBooleanProperty("current", held.current());
        if (held.deleted()) {
          json.writeBooleanProperty("deleted", true);
        }
        if (held.weak()) {
          json.writeBooleanProperty("weak", true);
        }
        json.writeNumberProperty("at", held.at());
        json.writeNumberProperty("position", held.position());
        json.writeNumberProperty("source", held.source());
        json.writeEndObject();
      }
    }
    if (open) {
      json.writeEndObject();
    }
  }

  private static boolean open(JsonGenerator json, boolean open) {
    if (!open) {
      json.writeName("identifiers");
      json.writeStartObject();
    }
    return true;
  }
}
