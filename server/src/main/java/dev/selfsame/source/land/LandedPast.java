package dev.selfsame.source.land;

import dev.selfsame.identity.Claim;
import dev.selfsame.identity.Source;
import dev.selfsame.replay.PastClaims;
import dev.selfsame.store.LedgerLine;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Reads the customers and records of landed tables again as the ledger keeps them. */
public final class LandedPast implements PastClaims {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  @Override
  public Claim read(LedgerLine row, byte[] payload, Source source) {
    JsonNode kept = read(payload);
    String name = kept.path("table").asString("");
    int dot = name.indexOf('.');
    PeopleTable table =
        dot < 0 ? null : PeopleTable.named(name.substring(0, dot), name.substring(dot + 1), true);
    if (table == null || !(kept.get("row") instanceof ObjectNode said)) {
      throw new IllegalArgumentException("The payload is no row of a table of people");
    }
    return table.submission(said, source, row.at()).claim();
  }

  private static JsonNode read(byte[] payload) {
    try {
      return JSON.readTree(payload);
    } catch (JacksonException e) {
      throw new IllegalArgumentException("The payload is no JSON", e);
    }
  }
}
