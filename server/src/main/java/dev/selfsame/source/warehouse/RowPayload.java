package dev.selfsame.source.warehouse;

import dev.selfsame.identity.Claim;
import dev.selfsame.identity.Raw;
import dev.selfsame.identity.Source;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * What is kept of a row, by what its columns mean, and the claim that it is: the ledger's form of
 * this channel. A claim is always read out of the bytes that are kept, so that it is read again as
 * it was.
 */
final class RowPayload {

  static final String EXTERNAL_ID = "external_id";
  static final String FALLBACK = "fallback";
  static final String NAME = "name";
  static final String EMAIL = "email";
  static final String ACCOUNTS = "accounts";
  static final String ACCOUNT_NAME = "account_name";
  static final String TRAITS = "traits";

  private static final String TYPE = "type";
  private static final String ROW = "warehouse_row";
  private static final String FALLBACK_IS_EMAIL = "fallback_is_email";
  private static final String AGAIN = "again";
  private static final String REPLACES = "replaces_accounts";
  private static final Set<String> IDS = Set.of(EXTERNAL_ID, FALLBACK, ACCOUNTS);

  private static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS).build();

  private final ObjectNode kept = JSON.createObjectNode();
  private final Set<String> repaired = new TreeSet<>();

  /**
   * @param row by column
   */
  RowPayload(ObjectNode row, Mapping mapping) {
    kept.put(TYPE, ROW);
    put(EXTERNAL_ID, row.get(mapping.externalId()));
    put(FALLBACK, column(row, mapping.fallback()));
    if (mapping.fallbackIsEmail()) {
      kept.put(FALLBACK_IS_EMAIL, true);
    }
    put(NAME, column(row, mapping.name()));
    put(EMAIL, column(row, mapping.email()));
    JsonNode accounts = column(row, mapping.accounts());
    put(ACCOUNTS, accounts);
    if (mapping.replaces() && says(accounts)) {
      kept.put(REPLACES, true);
    }
    put(ACCOUNT_NAME, column(row, mapping.accountName()));
    ObjectNode traits = JSON.createObjectNode();
    for (String trait : mapping.traits()) {
      JsonNode value = row.get(trait);
      if (value != null) {
        traits.set(trait, whole(TRAITS, value));
      }
    }
    if (!traits.isEmpty()) {
      kept.set(TRAITS, traits);
    }
  }

  /** Neither null nor blank: an empty list says that there are none. */
  private static boolean says(@Nullable JsonNode value) {
    return value != null && !value.isNull() && !(value.isString() && value.asString().isBlank());
  }

  private static @Nullable JsonNode column(ObjectNode row, @Nullable String column) {
    return column == null ? null : row.get(column);
  }

  private void put(String name, @Nullable JsonNode value) {
    if (value != null && !value.isNull()) {
      kept.set(name, whole(name, value));
    }
  }

  /**
   * Without what cannot be stored: a NUL or half of a surrogate pair. An id that has one is none.
   */
  private JsonNode whole(String name, JsonNode value) {
    if (value.isString()) {
      String text = value.asString();
      String mended = mended(text);
      if (mended.equals(text)) {
        return value;
      }
      if (IDS.contains(name)) {
        return JSON.createObjectNode().put("broken", mended);
      }
      repaired.add(name);
      return JsonNodeFactory.instance.stringNode(mended);
    }
    if (value instanceof ArrayNode array) {
      ArrayNode mended = JSON.createArrayNode();
      array.forEach(each -> mended.add(whole(name, each)));
      return mended;
    }
    if (value instanceof ObjectNode object) {
      ObjectNode mended = JSON.createObjectNode();
      object.forEachEntry((key, each) -> mended.set(mended(key), whole(name, each)));
      return mended;
    }
    return value;
  }

  private static String mended(String text) {
    StringBuilder mended = null;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean pair =
          Character.isHighSurrogate(c)
              && i + 1 < text.length()
              && Character.isLowSurrogate(text.charAt(i + 1));
      if (pair) {
        i++;
      } else if (c == 0 || Character.isSurrogate(c)) {
        mended = mended == null ? new StringBuilder(text) : mended;
        mended.setCharAt(i, '\uFFFD');
      }
    }
    return mended == null ? text : mended.toString();
  }

  /** A value, or null: by the names above. */
  @Nullable JsonNode get(String name) {
    return kept.get(name);
  }

  @Nullable JsonNode trait(String name) {
    JsonNode traits = kept.get(TRAITS);
    return traits == null ? null : traits.get(name);
  }

  /** Takes out a value that the row said before, and so does not say anew. */
  void leaveOut(String name) {
    kept.remove(name);
  }

  void leaveOutTrait(String name) {
    if (kept.get(TRAITS) instanceof ObjectNode traits) {
      traits.remove(name);
      if (traits.isEmpty()) {
        kept.remove(TRAITS);
      }
    }
  }

  /** The result had a row of the same external id before. */
  void again() {
    kept.put(AGAIN, true);
  }

  byte[] bytes() {
    return JSON.writeValueAsBytes(kept);
  }

  byte @Nullable [] traits() {
    JsonNode traits = kept.get(TRAITS);
    return traits == null ? null : JSON.writeValueAsBytes(traits);
  }

  /** Which fields lost something that cannot be stored. */
  Set<String> repaired() {
    return repaired;
  }

  /**
   * The claim that was kept.
   *
   * @throws IllegalArgumentException if that is no row of this kind
   */
  static Claim claim(byte[] payload, Source source, long at) {
    JsonNode kept = read(payload);
    if (!kept.path(TYPE).asString("").equals(ROW)) {
      throw new IllegalArgumentException("The payload is no row of a warehouse's query");
    }
    return new Claim.WarehouseRow(
        source,
        at,
        raw(kept.get(EXTERNAL_ID)),
        raw(kept.get(FALLBACK)),
        kept.path(FALLBACK_IS_EMAIL).asBoolean(false),
        raw(kept.get(NAME)),
        raw(kept.get(EMAIL)),
        accounts(kept.get(ACCOUNTS)),
        kept.path(REPLACES).asBoolean(false),
        raw(kept.get(ACCOUNT_NAME)),
        kept.path(AGAIN).asBoolean(false));
  }

  private static JsonNode read(byte[] payload) {
    try {
      return JSON.readTree(payload);
    } catch (JacksonException e) {
      throw new IllegalArgumentException("The payload is no JSON", e);
    }
  }

  static Raw raw(@Nullable JsonNode value) {
    return switch (value) {
      case null -> Raw.ABSENT;
      case JsonNode node when node.isNull() -> Raw.ABSENT;
      case JsonNode node when node.isString() -> Raw.text(node.asString());
      case JsonNode node when node.isIntegralNumber() ->
          new Raw.Number(node.bigIntegerValue().toString());
      case JsonNode node when node.isNumber() ->
          new Raw.Number(node.decimalValue().toPlainString());
      case JsonNode node when node.isBoolean() -> new Raw.Other("a boolean");
      case JsonNode node when node.isArray() -> new Raw.Other("a list");
      default -> new Raw.Other("an object");
    };
  }

  /** One, or those of an array or of the JSON text of one. */
  private static List<Raw> accounts(@Nullable JsonNode value) {
    if (value == null || value.isNull()) {
      return List.of();
    }
    JsonNode all =
        value.isString() && value.asString().strip().startsWith("[") ? array(value) : value;
    if (!all.isArray()) {
      return List.of(raw(all));
    }
    List<Raw> accounts = new ArrayList<>();
    for (JsonNode each : all) {
      if (!each.isNull()) {
        accounts.add(raw(each));
      }
    }
    return accounts;
  }

  private static JsonNode array(JsonNode text) {
    try {
      JsonNode read = JSON.readTree(text.asString());
      return read.isArray() ? read : text;
    } catch (JacksonException e) {
      return text;
    }
  }
}
