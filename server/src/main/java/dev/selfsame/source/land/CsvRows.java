package dev.selfsame.source.land;

import de.siegmar.fastcsv.reader.AbstractBaseCsvCallbackHandler;
import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;
import de.siegmar.fastcsv.reader.RecordType;
import dev.selfsame.error.Failure;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a CSV file: cells separated by comma, semicolon, tab or bar, whichever its header has
 * most of. An empty line is no row, and an empty cell no value.
 */
final class CsvRows implements Rows {

  private static final int LONGEST_HEADER = 1 << 16;

  /** Twice a cell's bound, since quotes inside a quoted cell are doubled, and some air. */
  private static final int BUFFER = 4 << 20;

  private final String file;
  private final CsvReader<Row> reader;
  private final Iterator<Row> rows;
  private final Line line = new Line();
  private final ColumnNames columns = new ColumnNames();

  /**
   * Reads the header.
   *
   * @param file what messages call it
   */
  CsvRows(String file, Reader text) throws IOException {
    this.file = file;
    var buffered = new BufferedReader(text, LONGEST_HEADER);
    this.reader =
        CsvReader.builder()
            .fieldSeparator(separator(buffered))
            .skipEmptyLines(true)
            .allowUnclosedQuote(false)
            // Found out here, with the column's name.
            .extraFieldStrategy(FieldMismatchStrategy.IGNORE)
            .missingFieldStrategy(FieldMismatchStrategy.IGNORE)
            .trimWhitespacesAroundQuotes(false)
            .maxBufferSize(BUFFER)
            .build(line, buffered);
    this.rows = reader.iterator();
    Row header = line();
    if (header == null) {
      throw RowFailures.file(file, "the file is empty; its first line should name columns.");
    }
    line.header = false;
    if (line.titles.stream().allMatch(String::isEmpty)) {
      throw RowFailures.column(header.place(), "the header has no names.");
    }
    for (int at = 0; at < line.titles.size(); at++) {
      columns.add(line.titles.get(at), "%s, column %d".formatted(header.place(), at + 1));
    }
  }

  /** Of those that stand in the first line outside quotes, the most frequent. */
  private static char separator(BufferedReader text) throws IOException {
    String candidates = ",;\t|";
    int[] counts = new int[candidates.length()];
    boolean quoted = false;
    boolean begun = false;
    text.mark(LONGEST_HEADER);
    for (int read = 0; read < LONGEST_HEADER; read++) {
      int c = text.read();
      if (c < 0 || (!quoted && begun && (c == '\n' || c == '\r'))) {
        break;
      }
      // Empty lines may stand before the header.
      begun |= c != '\n' && c != '\r';
      if (c == '"') {
        quoted = !quoted;
      } else if (!quoted && candidates.indexOf(c) >= 0) {
        counts[candidates.indexOf(c)]++;
      }
    }
    text.reset();
    int most = 0;
    for (int i = 1; i < counts.length; i++) {
      most = counts[i] > counts[most] ? i : most;
    }
    return candidates.charAt(most);
  }

  @Override
  public List<String> columns() {
    return columns.all();
  }

  @Override
  public @Nullable Row next() {
    Row row = line();
    if (row == null) {
      return null;
    }
    if (line.count != columns.size()) {
      throw RowFailures.file(
          row.place(),
          "the row has %d cells, and the header %d.%s"
              .formatted(
                  line.count,
                  columns.size(),
                  columns.size() == 1
                      ? " (Cells are separated by comma, semicolon, tab or bar.)"
                      : ""));
    }
    if (line.tooLong >= 0) {
      throw RowFailures.cellTooLong(row.place(), columns.all().get(line.tooLong));
    }
    if (line.length > RowFailures.LONGEST_ROW / 3) {
      RowFailures.checkLength(row);
    }
    return row;
  }

  private @Nullable Row line() {
    try {
      return rows.hasNext() ? rows.next() : null;
    } catch (CsvParseException e) {
      throw broken(e);
    } catch (UncheckedIOException e) {
      throw RowFailures.unreadable(file, Objects.requireNonNull(e.getCause()));
    }
  }

  private Failure broken(CsvParseException e) {
    if (e.getCause() instanceof Failure noText) {
      return noText;
    }
    if (e.getCause() instanceof IOException io) {
      return RowFailures.unreadable(file, io);
    }
    String title =
        line.count < columns.size()
            ? "column %d (%s)".formatted(line.count + 1, columns.all().get(line.count))
            : "column %d".formatted(line.count + 1);
    String message = String.valueOf(e.getMessage());
    if (message.contains("maximum buffer size")) {
      return RowFailures.cellTooLong(line.place(), title + ", or the text after a quote in it,");
    }
    String why =
        message.startsWith("Unclosed quoted field")
            ? "a quote is opened and never closed; the file may be cut short"
            : message.startsWith("Unexpected character after closing quote")
                ? "something stands between a closing quote and the next separator"
                : message;
    return RowFailures.file("%s, %s".formatted(line.place(), title), why + ".");
  }

  /** Whoever opened the file counts its bytes. */
  @Override
  public long read() {
    return 0;
  }

  @Override
  public long size() {
    return 0;
  }

  @Override
  public void close() throws IOException {
    reader.close();
  }

  /** Gathers a row's cells; when the reader gives up, it knows how far that row had come. */
  private final class Line extends AbstractBaseCsvCallbackHandler<Row> {
    private final List<String> titles = new ArrayList<>();
    private boolean header = true;
    private @Nullable Cell[] cells = new Cell[0];
    private long number = 1;
    private int count;
    private int tooLong;
    private long length;

    @Override
    protected void handleBegin(long startingLineNumber) {
      number = startingLineNumber;
      count = 0;
      tooLong = -1;
      length = 0;
      cells = new Cell[columns.size()];
    }

    @Override
    protected void handleField(int index, char[] text, int offset, int size, boolean quoted) {
      count = index + 1;
      if (header) {
        // One more than are taken, so that the one too many is named.
        if (index <= ColumnNames.MOST) {
          titles.add(new String(text, offset, Math.min(size, LONGEST_HEADER)).strip());
        }
      } else if (index < cells.length && size > 0) {
        String value = new String(text, offset, size);
        length += size;
        cells[index] = new Cell(Cell.Kind.UNTYPED, value);
        if (size > RowFailures.LONGEST_CELL / 3
            && tooLong < 0
            && RowFailures.longer(value, RowFailures.LONGEST_CELL)) {
          tooLong = index;
        }
      }
    }

    @Override
    protected @Nullable Row buildRecord() {
      return getRecordType() == RecordType.DATA ? new Row(cells, place()) : null;
    }

    private Place place() {
      return new FilePlace(file, "line", number);
    }
  }
}
