package dev.selfsame.testing;

import dev.selfsame.identity.Claim;
import dev.selfsame.identity.Raw;
import dev.selfsame.identity.Source;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Claims that tests make as payloads of the ledger, and back: what a source's own form is in the
 * program.
 */
public final class ClaimJson {

  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private ClaimJson() {}

  public static byte[] payload(Claim claim) {
    ObjectNode json = MAPPER.createObjectNode();
    switch (claim) {
      case Claim.Identify it -> {
        json.put("claim", "identify");
        put(json, "userId", it.userId());
        put(json, "name", it.name());
        put(json, "email", it.email());
        put(json, "billingUserId", it.billingUserId());
        put(json, "billingId", it.billingId());
      }
      case Claim.Alias it -> {
        json.put("claim", "alias");
        put(json, "previousId", it.previousId());
        put(json, "userId", it.userId());
      }
      case Claim.Group it -> {
        json.put("claim", "group");
        put(json, "groupId", it.groupId());
        put(json, "userId", it.userId());
        put(json, "name", it.name());
        put(json, "domain", it.domain());
      }
      case Claim.Customer it -> {
        json.put("claim", "customer");
        put(json, "customerId", it.customerId());
        put(json, "email", it.email());
        put(json, "name", it.name());
        json.put("deleted", it.deleted());
      }
      case Claim.Note it -> {
        json.put("claim", "note");
        put(json, "externalId", it.externalId());
        put(json, "email", it.email());
        put(json, "companyId", it.companyId());
        put(json, "companyDomain", it.companyDomain());
      }
      case Claim.ToolRecord it -> {
        json.put("claim", "record");
        put(json, "recordId", it.recordId());
        put(json, "externalId", it.externalId());
        put(json, "email", it.email());
        put(json, "name", it.name());
        put(json, "mergedInto", it.mergedInto());
        json.put("deleted", it.deleted());
      }
      case Claim.Delete it -> throw unsupported(it);
      case Claim.Event it -> throw unsupported(it);
      case Claim.CsvRow it -> throw unsupported(it);
      case Claim.WarehouseRow it -> throw unsupported(it);
      case Claim.ApiUser it -> throw unsupported(it);
      case Claim.AccountAct it -> throw unsupported(it);
      case Claim.MergeByHand it -> throw unsupported(it);
      case Claim.Erase it -> throw unsupported(it);
      case Claim.Lift it -> throw unsupported(it);
      case Claim.UndoMerge it -> throw unsupported(it);
      case Claim.UndoLink it -> throw unsupported(it);
      case Claim.MoveIdentifier it -> throw unsupported(it);
      case Claim.KeepApart it -> throw unsupported(it);
      case Claim.SettleFlag it -> throw unsupported(it);
    }
    return json.toString().getBytes(StandardCharsets.UTF_8);
  }

  public static Claim claim(String payload, Source source, long at) {
    JsonNode json = MAPPER.readTree(payload);
    return switch (json.get("claim").asString()) {
      case "identify" ->
          new Claim.Identify(
              source,
              at,
              get(json, "userId"),
              get(json, "name"),
              get(json, "email"),
              get(json, "billingUserId"),
              get(json, "billingId"));
      case "alias" -> new Claim.Alias(source, at, get(json, "previousId"), get(json, "userId"));
      case "group" ->
          new Claim.Group(
              source,
              at,
              get(json, "groupId"),
              get(json, "userId"),
              get(json, "name"),
              get(json, "domain"));
      case "customer" ->
          new Claim.Customer(
              source,
              at,
              get(json, "customerId"),
              get(json, "email"),
              get(json, "name"),
              json.get("deleted").asBoolean());
      case "record" ->
          new Claim.ToolRecord(
              source,
              at,
              get(json, "recordId"),
              get(json, "externalId"),
              get(json, "email"),
              get(json, "name"),
              json.get("deleted").asBoolean(),
              get(json, "mergedInto"));
      default -> throw new IllegalArgumentException(payload);
    };
  }

  private static IllegalArgumentException unsupported(Claim claim) {
    return new IllegalArgumentException("No test needs a payload of " + claim);
  }

  private static void put(ObjectNode json, String name, Raw raw) {
    switch (raw) {
      case Raw.Absent absent -> {}
      case Raw.Text text -> json.put(name, text.value());
      case Raw.Number number -> json.put(name, new BigDecimal(number.literal()));
      case Raw.Other other -> json.put(name, true);
    }
  }

  private static Raw get(JsonNode json, String name) {
    JsonNode value = json.get(name);
    if (value == null || value.isNull()) {
      return Raw.ABSENT;
    }
    if (value.isString()) {
      return new Raw.Text(value.asString());
    }
    return value.isNumber()
        ? new Raw.Number(value.toString())
        : new Raw.Other(value.getNodeType().name());
  }
}
