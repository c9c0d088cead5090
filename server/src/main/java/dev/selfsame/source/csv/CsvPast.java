package dev.selfsame.source.csv;

import dev.selfsame.identity.Claim;
import dev.selfsame.identity.Raw;
import dev.selfsame.identity.Source;
import dev.selfsame.replay.PastClaims;
import dev.selfsame.store.LedgerLine;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads the rows of imported files again as the ledger keeps them ({@link CsvClaims}). */
public final class CsvPast implements PastClaims {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  @Override
  public Claim read(LedgerLine row, byte[] payload, Source source) {
    JsonNode kept = read(payload);
    if (!kept.path("type").asString("").equals("row")) {
      throw new IllegalArgumentException("The payload is no row of a CSV file");
    }
    return new Claim.CsvRow(
        source,
        row.saidAt(),
        cell(kept, CsvColumn.ID),
        cell(kept, CsvColumn.EXTERNAL_ID),
        cell(kept, CsvColumn.NAME),
        cell(kept, CsvColumn.EMAIL),
        cell(kept, CsvColumn.BILLING_ID),
        exported(kept));
  }

  private static JsonNode read(byte[] payload) {
    try {
      return JSON.readTree(payload);
    } catch (JacksonException e) {
      throw new IllegalArgumentException("The payload is no JSON", e);
    }
  }

  private static Raw cell(JsonNode kept, CsvColumn column) {
    return Raw.text(text(kept, column));
  }

  private static @Nullable String text(JsonNode kept, CsvColumn column) {
    return kept.path(column.title()).stringValue(null);
  }

  private static Claim.CsvRow.@Nullable Exported exported(JsonNode kept) {
    JsonNode untouched = kept.get("untouched");
    if (untouched == null) {
      return null;
    }
    Set<String> columns = new HashSet<>();
    untouched.forEach(column -> columns.add(column.asString()));
    return new Claim.CsvRow.Exported(
        untouched(kept, CsvColumn.EXTERNAL_ID, columns),
        untouched(kept, CsvColumn.NAME, columns),
        untouched(kept, CsvColumn.EMAIL, columns),
        untouched(kept, CsvColumn.BILLING_ID, columns));
  }

  private static @Nullable String untouched(JsonNode kept, CsvColumn column, Set<String> columns) {
    return columns.contains(column.title()) ? text(kept, column) : null;
  }
}
