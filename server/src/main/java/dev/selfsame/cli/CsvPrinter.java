package dev.selfsame.cli;

import dev.selfsame.store.ReaderQuery.Column;
import java.io.PrintWriter;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** CSV as of RFC 4180 with a header; NULL is an empty cell, an empty text is quoted. */
final class CsvPrinter implements RowPrinter {
  private final PrintWriter out;

  CsvPrinter(PrintWriter out) {
    this.out = out;
  }

  @Override
  public void columns(List<Column> columns) {
    row(columns.stream().map(Column::name).toArray(String[]::new));
  }

  @Override
  public void row(@Nullable String[] values) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < values.length; i++) {
      line.append(i == 0 ? "" : ",");
      String value = values[i];
      if (value != null) {
        line.append(cell(value));
      }
    }
    out.print(line.append("\r\n"));
  }

  @Override
  public void end() {
    out.flush();
  }

  private static String cell(String value) {
    boolean plain =
        !value.isEmpty()
            && value.indexOf(',') < 0
            && value.indexOf('"') < 0
            && value.indexOf('\n') < 0
            && value.indexOf('\r') < 0;
    return plain ? value : '"' + value.replace("\"", "\"\"") + '"';
  }
}
