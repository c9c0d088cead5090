package dev.selfsame.source.csv;

import de.siegmar.fastcsv.reader.AbstractBaseCsvCallbackHandler;
import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;
import de.siegmar.fastcsv.reader.RecordType;
import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import java.io.IOException;
import java.io.Reader;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The rows of a CSV file, one after the other; empty lines are none. */
final class CsvRows implements AutoCloseable {

  /**
   * @param line where it begins, from 1
   * @param cells as many as the header has
   */
  @SuppressWarnings("ArrayRecordComponent") // Nobody compares rows.
  record Row(long line, String[] cells) {}

  private final CsvReader<Row> reader;
  private final Iterator<Row> rows;
  private final Cells cells = new Cells();
  private final List<String> titles;

  /**
   * @param titles of the columns; empty where the header is not known yet
   */
  CsvRows(Reader text, char separator, List<String> titles) {
    this.titles = titles;
    this.reader =
        CsvReader.builder()
            .fieldSeparator(separator)
            .skipEmptyLines(true)
            .allowUnclosedQuote(false)
            // Found out here, with the column's name.
            .extraFieldStrategy(FieldMismatchStrategy.IGNORE)
            .missingFieldStrategy(FieldMismatchStrategy.IGNORE)
            .trimWhitespacesAroundQuotes(false)
            .build(cells, text);
    this.rows = reader.iterator();
  }

  /**
   * The next row, or null after the last.
   *
   * @throws Failure CSV_SYNTAX or CSV_ENCODING, with line and column
   */
  @Nullable Row next() {
    Row row;
    try {
      if (!rows.hasNext()) {
        return null;
      }
      row = rows.next();
    } catch (CsvParseException e) {
      if (e.getCause() instanceof Failure noText) {
        throw noText;
      }
      throw broken(cells.line, cells.cells.size() + 1, reason(e));
    }
    if (!titles.isEmpty() && row.cells().length != titles.size()) {
      throw broken(
          row.line(),
          Math.min(row.cells().length, titles.size()) + 1,
          "the row has %d cells, and the header %d".formatted(row.cells().length, titles.size()));
    }
    return row;
  }

  private static String reason(CsvParseException e) {
    String message = String.valueOf(e.getMessage());
    if (message.startsWith("Unclosed quoted field")) {
      return "a quote is opened and never closed";
    }
    return message.startsWith("Unexpected character after closing quote")
        ? "something stands between a closing quote and the next separator"
        : message;
  }

  private Failure broken(long line, int column, String why) {
    String title = column <= titles.size() ? " (" + titles.get(column - 1) + ")" : "";
    return new Failure(
        Problem.CSV_SYNTAX,
        "Line %d, column %d%s of the file: %s. Nothing was written."
            .formatted(line, column, title, why),
        0,
        new CsvPlace(line, column));
  }

  @Override
  public void close() throws IOException {
    reader.close();
  }

  /** Gathers a row's cells; when the reader gives up, it knows how far that row had come. */
  private static final class Cells extends AbstractBaseCsvCallbackHandler<Row> {
    private final List<String> cells = new ArrayList<>();
    private long line = 1;

    @Override
    protected void handleBegin(long startingLineNumber) {
      line = startingLineNumber;
      cells.clear();
    }

    @Override
    protected void handleField(int index, char[] text, int offset, int length, boolean quoted) {
      cells.add(new String(text, offset, length));
    }

    @Override
    protected @Nullable Row buildRecord() {
      return getRecordType() == RecordType.DATA
          ? new Row(line, cells.toArray(new String[0]))
          : null;
    }
  }
}
