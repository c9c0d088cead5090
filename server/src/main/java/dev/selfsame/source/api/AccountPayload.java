package dev.selfsame.source.api;

import dev.selfsame.access.Actor;
import dev.selfsame.identity.Claim;
import dev.selfsame.identity.Claim.LinkAccount.Linking;
import dev.selfsame.identity.Raw;
import dev.selfsame.identity.Source;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What the ledger keeps of an act on an account: {@code {"account": EXTERNAL ID, "act": …, "by": …,
 * …}}. By its first name it is told from the others of its channel.
 */
final class AccountPayload {

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final byte[] BEGIN = "{\"account\":".getBytes(StandardCharsets.UTF_8);
  private static final String ACCOUNT = "account";
  private static final String ACT = "act";
  private static final String NAME = "name";
  private static final String DOMAIN = "domain";
  private static final String CLEARED = "cleared";
  private static final String TRAITS = "traits";
  private static final String INTO = "into";
  private static final String USER = "user";

  static final String CREATE = "create_account";
  static final String CHANGE = "change_account";
  static final String DELETE = "delete_account";
  static final String MERGE = "merge_accounts";
  private static final String LINK = "link_account";

  private AccountPayload() {}

  /** Whether it is such a payload. */
  static boolean is(byte[] payload) {
    if (payload.length < BEGIN.length) {
      return false;
    }
    for (int i = 0; i < BEGIN.length; i++) {
      if (payload[i] != BEGIN[i]) {
        return false;
      }
    }
    return true;
  }

  static byte[] of(AccountWrite write, Actor actor) {
    Map<String, Object> payload =
        begun(write.externalId(), write.create() ? CREATE : CHANGE, actor);
    put(payload, NAME, write.name());
    put(payload, DOMAIN, write.domain());
    if (!write.cleared().isEmpty()) {
      payload.put(CLEARED, write.cleared().stream().sorted().toList());
    }
    if (!write.traits().isEmpty()) {
      payload.put(TRAITS, write.traits());
    }
    return JSON.writeValueAsBytes(payload);
  }

  static byte[] traits(AccountWrite write) {
    return JSON.writeValueAsBytes(write.traits());
  }

  static byte[] deleting(String externalId, Actor actor) {
    return JSON.writeValueAsBytes(begun(externalId, DELETE, actor));
  }

  static byte[] merging(String from, String into, Actor actor) {
    Map<String, Object> payload = begun(from, MERGE, actor);
    payload.put(INTO, into);
    return JSON.writeValueAsBytes(payload);
  }

  static byte[] linking(
      String externalId, UUID user, Linking linking, @Nullable String domain, Actor actor) {
    Map<String, Object> payload = begun(externalId, LINK, actor);
    payload.put(USER, user);
    payload.put("link", linking.name().toLowerCase(Locale.ROOT));
    put(payload, DOMAIN, domain);
    return JSON.writeValueAsBytes(payload);
  }

  private static Map<String, Object> begun(String externalId, String act, Actor actor) {
    Map<String, Object> payload = new TreeMap<>();
    payload.put(ACCOUNT, externalId);
    payload.put(ACT, act);
    actor.note(payload);
    return payload;
  }

  private static void put(Map<String, Object> payload, String name, @Nullable String text) {
    if (text != null) {
      payload.put(name, text);
    }
  }

  static Claim claim(AccountWrite write, Source source, long at) {
    return new Claim.PutAccount(
        source,
        at,
        write.create(),
        Raw.text(write.externalId()),
        Raw.text(write.name()),
        Raw.text(write.domain()),
        !write.traits().isEmpty(),
        write.cleared());
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
    String account = kept.path(ACCOUNT).asString("");
    String act = kept.path(ACT).asString("");
    return switch (act) {
      case CREATE, CHANGE -> {
        Set<String> cleared = new HashSet<>();
        kept.path(CLEARED).forEach(field -> cleared.add(field.asString("")));
        yield new Claim.PutAccount(
            source,
            at,
            act.equals(CREATE),
            Raw.text(account),
            text(kept, NAME),
            text(kept, DOMAIN),
            kept.has(TRAITS),
            cleared);
      }
      case DELETE -> new Claim.DeleteAccount(source, at, account);
      case MERGE -> new Claim.MergeAccounts(source, at, account, kept.path(INTO).asString(""));
      case LINK ->
          new Claim.LinkAccount(
              source,
              at,
              account,
              UUID.fromString(kept.path(USER).asString("")),
              Linking.valueOf(kept.path("link").asString("").toUpperCase(Locale.ROOT)),
              text(kept, DOMAIN));
      default -> throw new IllegalArgumentException("No act on accounts is called " + act);
    };
  }

  private static Raw text(JsonNode kept, String field) {
    JsonNode text = kept.get(field);
    return text == null ? Raw.ABSENT : Raw.text(text.asString(""));
  }
}
