package dev.selfsame.source.csv;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Rows of a result file, each with what became of it.
 *
 * @param more there are others beside these
 */
public record ResultRows(List<Row> rows, boolean more) {

  /** Beyond so many rows nobody looks for those of one outcome; the file has them all. */
  public static final long LOOKED_AT = 100_000;

  public ResultRows {
    rows = List.copyOf(rows);
  }

  /**
   * A row; a cell that the file does not have is empty.
   *
   * @param line of the imported file
   * @param reason why it was rejected or skipped, or empty
   * @param user whom it is about, or empty
   * @param flags what a person should look at
   */
  public record Row(
      String line,
      String outcome,
      String code,
      String reason,
      String user,
      List<String> flags,
      String externalId,
      String name,
      String email,
      String billingId) {}

  static ResultRows read(Path result, @Nullable String outcome, boolean flagged, int limit)
      throws IOException {
    CsvFile file = CsvFile.open(result);
    Map<ResultColumn, Integer> places = new EnumMap<>(ResultColumn.class);
    for (ResultColumn column : ResultColumn.values()) {
      places.put(column, file.titles().indexOf(column.title()));
    }
    List<Row> found = new ArrayList<>();
    try (CsvRows rows = file.rows(bytes -> {})) {
      long looked = 0;
      for (CsvRows.Row row = rows.next(); row != null; row = rows.next()) {
        if (found.size() == limit || looked++ == LOOKED_AT) {
          return new ResultRows(found, true);
        }
        Row one = row(file, row, places);
        if ((outcome == null || outcome.equals(one.outcome()))
            && (!flagged || !one.flags().isEmpty())) {
          found.add(one);
        }
      }
    }
    return new ResultRows(found, false);
  }

  private static Row row(CsvFile file, CsvRows.Row row, Map<ResultColumn, Integer> places) {
    String flags = cell(row, places, ResultColumn.RESULT_FLAGS);
    return new Row(
        cell(row, places, ResultColumn.RESULT_LINE),
        cell(row, places, ResultColumn.RESULT),
        cell(row, places, ResultColumn.RESULT_CODE),
        cell(row, places, ResultColumn.RESULT_REASON),
        cell(row, places, ResultColumn.RESULT_USER_ID),
        flags.isEmpty() ? List.of() : List.of(flags.split(" ")),
        file.cell(row, CsvColumn.EXTERNAL_ID),
        file.cell(row, CsvColumn.NAME),
        file.cell(row, CsvColumn.EMAIL),
        file.cell(row, CsvColumn.BILLING_ID));
  }

  private static String cell(
      CsvRows.Row row, Map<ResultColumn, Integer> places, ResultColumn column) {
    Integer at = places.get(column);
    return at == null || at < 0 ? "" : row.cells()[at];
  }
}
