package dev.selfsame.source.csv;

import de.siegmar.fastcsv.writer.CsvWriter;
import dev.selfsame.intake.Receipt;
import java.io.IOException;
import java.io.Writer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The rows of an imported file as they were, each with what became of it. Repaired, it can be
 * imported in its turn.
 */
public final class CsvResult {

  private final CsvWriter csv;
  private final List<Integer> kept = new ArrayList<>();

  /**
   * Writes the header.
   *
   * @param to is not closed
   */
  public CsvResult(CsvFile file, Writer to) {
    csv = CsvWriter.builder().fieldSeparator(file.separator()).build(to);
    List<String> titles = new ArrayList<>();
    for (int column = 0; column < file.titles().size(); column++) {
      // Those of an earlier result are replaced.
      if (!ResultColumn.titled(file.titles().get(column).strip())) {
        kept.add(column);
        titles.add(file.titles().get(column));
      }
    }
    Arrays.stream(ResultColumn.values()).map(ResultColumn::title).forEach(titles::add);
    csv.writeRecord(titles);
  }

  void write(CsvRows.Row row, Receipt receipt) {
    List<String> cells = new ArrayList<>(kept.size() + ResultColumn.values().length);
    for (int column : kept) {
      cells.add(row.cells()[column]);
    }
    cells.add(Long.toString(row.line()));
    cells.add(receipt.outcome().code());
    cells.add(receipt.rule().code());
    cells.add(receipt.reason() == null ? "" : receipt.reason().code());
    cells.add(receipt.user() == null ? "" : receipt.user().toString());
    cells.add(String.join(" ", receipt.flags()));
    cells.add(receipt.position() == 0 ? "" : Long.toString(receipt.position()));
    csv.writeRecord(cells);
  }

  void flush() throws IOException {
    csv.flush();
  }
}
