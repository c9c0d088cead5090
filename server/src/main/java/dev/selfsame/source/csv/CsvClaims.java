package dev.selfsame.source.csv;

import dev.selfsame.identity.Claim;
import dev.selfsame.identity.Raw;
import dev.selfsame.identity.Source;
import dev.selfsame.intake.Submission;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Turns rows into claims and the payload that is kept of them. */
final class CsvClaims {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final CsvFile file;
  private final Source source;
  private final long at;

  /**
   * @param at time of the import, microseconds: all its rows were said then
   */
  CsvClaims(CsvFile file, Source source, long at) {
    this.file = file;
    this.source = source;
    this.at = at;
  }

  Submission submission(CsvRows.Row row) {
    AsOf asOf = AsOf.parse(file.cell(row, CsvColumn.AS_OF));
    ObjectNode kept = JSON.createObjectNode();
    kept.put("type", "row");
    kept.put("line", row.line());
    Claim claim =
        new Claim.CsvRow(
            source,
            at,
            cell(row, CsvColumn.ID, kept),
            cell(row, CsvColumn.EXTERNAL_ID, kept),
            cell(row, CsvColumn.NAME, kept),
            cell(row, CsvColumn.EMAIL, kept),
            cell(row, CsvColumn.BILLING_ID, kept),
            asOf == null ? null : untouched(row, asOf, kept));
    return new Submission(claim, at, null, JSON.writeValueAsBytes(kept), null, Set.of(), Map.of());
  }

  private Raw cell(CsvRows.Row row, CsvColumn column, ObjectNode kept) {
    String text = file.cell(row, column);
    if (text.isEmpty()) {
      return Raw.ABSENT;
    }
    kept.put(column.title(), text);
    return Raw.text(text);
  }

  private Claim.CsvRow.Exported untouched(CsvRows.Row row, AsOf asOf, ObjectNode kept) {
    ArrayNode columns = kept.putArray("untouched");
    return new Claim.CsvRow.Exported(
        untouched(row, CsvColumn.EXTERNAL_ID, asOf, columns),
        untouched(row, CsvColumn.NAME, asOf, columns),
        untouched(row, CsvColumn.EMAIL, asOf, columns),
        untouched(row, CsvColumn.BILLING_ID, asOf, columns));
  }

  private @Nullable String untouched(
      CsvRows.Row row, CsvColumn column, AsOf asOf, ArrayNode columns) {
    String exported = asOf.untouched(column, file.cell(row, column));
    if (exported == null || exported.isEmpty()) {
      return null;
    }
    columns.add(column.title());
    return exported;
  }
}
