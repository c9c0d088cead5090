package dev.selfsame.api.hook;

import dev.selfsame.access.Hook;
import dev.selfsame.http.Json;
import io.javalin.http.Context;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What a tool's webhook posts, and how it signs that. */
sealed interface NoteForm {

  /** Whether the body is signed with the webhook's secret, as the tool does that. */
  boolean signed(Hook hook, Context ctx, byte[] body);

  /** How, for those whose signature does not hold. */
  String how();

  /** The body as integrations send notes; null: it is about something else. */
  @Nullable ObjectNode note(JsonNode body);

  /**
   * Any JSON.
   *
   * @param mapping where in it the note stands; null: it is one
   */
  record Mapped(NoteHookSettings.@Nullable Mapping mapping) implements NoteForm {

    private static final String PREFIX = "sha256=";

    @Override
    public boolean signed(Hook hook, Context ctx, byte[] body) {
      String header = ctx.header("X-Hub-Signature-256");
      byte[] given = header == null ? null : hex(header.strip(), PREFIX);
      return given != null && hook.signed(Hook.Hmac.SHA256, given, List.of(body));
    }

    @Override
    public String how() {
      return "X-Hub-Signature-256 must be sha256= and the hex HMAC-SHA256 of the body";
    }

    @Override
    public @Nullable ObjectNode note(JsonNode body) {
      if (mapping == null) {
        return body instanceof ObjectNode object ? object : null;
      }
      ObjectNode note = Json.mapper().createObjectNode();
      put(note, "title", at(body, mapping.title()));
      put(note, "content", at(body, mapping.content()));
      put(note, "display_url", at(body, mapping.displayUrl()));
      JsonNode tags = at(body, mapping.tags());
      if (tags.isArray()) {
        note.set("tags", tags);
      } else if (tags.isString()) {
        note.putArray("tags").add(tags);
      }
      ObjectNode user = note.putObject("user");
      put(user, "external_id", at(body, mapping.externalId()));
      put(user, "email", at(body, mapping.email()));
      ObjectNode company = note.putObject("company");
      put(company, "external_id", at(body, mapping.companyExternalId()));
      put(company, "domain", at(body, mapping.companyDomain()));
      record(note, at(body, mapping.recordId()));
      return note;
    }

    private static JsonNode at(JsonNode body, @Nullable String pointer) {
      return pointer == null ? Json.mapper().missingNode() : body.at(pointer);
    }
  }

  /**
   * A ticket of Zendesk's: as its events carry it ({@code detail}), as its API shows it ({@code
   * ticket}), or by itself.
   */
  record Zendesk() implements NoteForm {

    @Override
    public boolean signed(Hook hook, Context ctx, byte[] body) {
      String header = ctx.header("X-Zendesk-Webhook-Signature");
      String timestamp = ctx.header("X-Zendesk-Webhook-Signature-Timestamp");
      if (header == null || timestamp == null) {
        return false;
      }
      try {
        return hook.signed(
            Hook.Hmac.SHA256,
            Base64.getDecoder().decode(header.strip()),
            List.of(timestamp.getBytes(StandardCharsets.UTF_8), body));
      } catch (IllegalArgumentException e) {
        return false;
      }
    }

    @Override
    public String how() {
      return "X-Zendesk-Webhook-Signature must be the Base64 HMAC-SHA256 of"
          + " X-Zendesk-Webhook-Signature-Timestamp and the body";
    }

    @Override
    public @Nullable ObjectNode note(JsonNode body) {
      String type = body.path("type").asString("");
      if (type.startsWith("zen:event-type:") && !type.startsWith("zen:event-type:ticket.")) {
        return null;
      }
      JsonNode ticket =
          body.path("ticket").isObject()
              ? body.path("ticket")
              : body.path("detail").isObject() ? body.path("detail") : body;
      if (!ticket.hasNonNull("id")) {
        return null;
      }
      ObjectNode note = Json.mapper().createObjectNode();
      put(note, "title", first(ticket, "subject", "title"));
      put(note, "content", first(ticket, "description", "subject", "title"));
      put(note, "display_url", ticket.path("url"));
      if (ticket.path("tags").isArray()) {
        note.set("tags", ticket.path("tags"));
      }
      JsonNode requester =
          ticket.path("requester").isObject() ? ticket.path("requester") : body.path("requester");
      ObjectNode user = note.putObject("user");
      put(user, "external_id", requester.path("external_id"));
      put(user, "email", requester.path("email"));
      record(note, ticket.path("id"));
      return note;
    }
  }

  /** A conversation of Intercom's. */
  record Intercom() implements NoteForm {

    private static final String PREFIX = "sha1=";

    @Override
    public boolean signed(Hook hook, Context ctx, byte[] body) {
      String header = ctx.header("X-Hub-Signature");
      byte[] given = header == null ? null : hex(header.strip(), PREFIX);
      return given != null && hook.signed(Hook.Hmac.SHA1, given, List.of(body));
    }

    @Override
    public String how() {
      return "X-Hub-Signature must be sha1= and the hex HMAC-SHA1 of the body";
    }

    @Override
    public @Nullable ObjectNode note(JsonNode body) {
      JsonNode item = body.at("/data/item");
      if (!item.path("type").asString("").equals("conversation") || !item.hasNonNull("id")) {
        return null;
      }
      JsonNode source = item.path("source");
      ObjectNode note = Json.mapper().createObjectNode();
      put(note, "title", first(source, "subject"));
      put(note, "content", first(source, "body", "subject"));
      JsonNode url = item.at("/links/conversation_web");
      put(note, "display_url", url.isString() ? url : source.path("url"));
      ArrayNode tags = note.putArray("tags");
      item.at("/tags/tags")
          .forEach(tag -> {
            if (tag.path("name").isString()) {
              tags.add(tag.path("name"));
            }
          });
      JsonNode contact = item.at("/contacts/contacts/0");
      JsonNode author = source.path("author");
      boolean customers = !author.path("type").asString("").matches("admin|bot|team");
      ObjectNode user = note.putObject("user");
      put(user, "external_id", contact.path("external_id"));
      put(
          user,
          "email",
          contact.path("email").isString()
              ? contact.path("email")
              : customers ? author.path("email") : Json.mapper().missingNode());
      record(note, item.path("id"));
      return note;
    }
  }

  private static void put(ObjectNode object, String name, JsonNode value) {
    if (!value.isMissingNode() && !value.isNull()) {
      object.set(name, value);
    }
  }

  /** The first of the fields that says something. */
  private static JsonNode first(JsonNode of, String... names) {
    for (String name : names) {
      if (!of.path(name).asString("").isBlank()) {
        return of.path(name);
      }
    }
    return Json.mapper().missingNode();
  }

  /** What it is called there, so that there is one note of it. */
  private static void record(ObjectNode note, JsonNode id) {
    if (id.isString() || id.isIntegralNumber()) {
      note.putObject("source").put("record_id", id.asString());
    }
  }

  private static byte @Nullable [] hex(String header, String prefix) {
    if (!header.startsWith(prefix)) {
      return null;
    }
    try {
      return HexFormat.of().parseHex(header.substring(prefix.length()));
    } catch (IllegalArgumentException e) {
      return null;
    }
  }
}
