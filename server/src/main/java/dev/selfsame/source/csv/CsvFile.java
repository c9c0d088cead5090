package dev.selfsame.source.csv;

import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;

/**
 * A CSV file of users, as spreadsheets save them: UTF-8 or UTF-16, with or without a byte order
 * mark; commas, semicolons or tabs; any line ends, also inside quotes. Opening it reads the header,
 * {@link #check} the rest, so that a broken file is refused before anything of it is written.
 */
public final class CsvFile {

  private static final int LONGEST_HEADER = 1 << 16;

  private final Path path;
  private final long size;
  private final Charset charset;
  private final int mark;
  private final char separator;
  private final List<String> titles;
  private final Map<CsvColumn, Integer> columns;

  private CsvFile(
      Path path,
      long size,
      Charset charset,
      int mark,
      char separator,
      List<String> titles,
      Map<CsvColumn, Integer> columns) {
    this.path = path;
    this.size = size;
    this.charset = charset;
    this.mark = mark;
    this.separator = separator;
    this.titles = titles;
    this.columns = columns;
  }

  /**
   * Reads the header.
   *
   * @throws Failure CSV_ENCODING, CSV_SYNTAX or CSV_HEADER, with line and column
   */
  public static CsvFile open(Path path) throws IOException {
    byte[] start;
    try (InputStream in = Files.newInputStream(path)) {
      start = in.readNBytes(LONGEST_HEADER);
    }
    int mark = mark(start);
    Charset charset = charset(start);
    CsvFile bare = new CsvFile(path, Files.size(path), charset, mark, ',', List.of(), Map.of());
    char separator = bare.findSeparator();
    List<String> titles;
    try (CsvRows rows = new CsvRows(bare.text(bytes -> {}), separator, List.of())) {
      CsvRows.Row header = rows.next();
      if (header == null) {
        throw new Failure(
            Problem.CSV_HEADER,
            "The file is empty; its first line should name columns: " + CsvColumn.allTitles());
      }
      titles = List.of(header.cells());
    }
    return new CsvFile(path, bare.size, charset, mark, separator, titles, columns(titles));
  }

  private static Charset charset(byte[] start) {
    if (startsWith(start, 0xFF, 0xFE)) {
      return UTF_16LE;
    }
    if (startsWith(start, 0xFE, 0xFF)) {
      return UTF_16BE;
    }
    // Without a mark: the first character of a header is an ASCII one.
    if (start.length > 1 && start[0] != 0 && start[1] == 0) {
      return UTF_16LE;
    }
    return start.length > 1 && start[0] == 0 && start[1] != 0 ? UTF_16BE : UTF_8;
  }

  private static int mark(byte[] start) {
    if (startsWith(start, 0xEF, 0xBB, 0xBF)) {
      return 3;
    }
    return startsWith(start, 0xFF, 0xFE) || startsWith(start, 0xFE, 0xFF) ? 2 : 0;
  }

  private static boolean startsWith(byte[] start, int... mark) {
    for (int i = 0; i < mark.length; i++) {
      if (start.length <= i || (start[i] & 0xFF) != mark[i]) {
        return false;
      }
    }
    return true;
  }

  /** Of those that stand in the first line outside quotes, the most frequent. */
  private char findSeparator() throws IOException {
    int commas = 0;
    int semicolons = 0;
    int tabs = 0;
    boolean quoted = false;
    try (StrictReader text = text(bytes -> {})) {
      for (int read = 0, c = text.read(); read < LONGEST_HEADER && c >= 0; c = text.read()) {
        read++;
        if (c == '"') {
          quoted = !quoted;
        } else if (!quoted && (c == '\n' || c == '\r')) {
          break;
        } else if (!quoted) {
          commas += c == ',' ? 1 : 0;
          semicolons += c == ';' ? 1 : 0;
          tabs += c == '\t' ? 1 : 0;
        }
      }
    }
    if (semicolons > commas && semicolons >= tabs) {
      return ';';
    }
    return tabs > commas ? '\t' : ',';
  }

  private static Map<CsvColumn, Integer> columns(List<String> titles) {
    Map<CsvColumn, Integer> columns = new EnumMap<>(CsvColumn.class);
    for (int at = 0; at < titles.size(); at++) {
      String title = titles.get(at).strip();
      if (ResultColumn.titled(title)) {
        continue;
      }
      CsvColumn column = CsvColumn.titled(title);
      if (column == null) {
        throw new Failure(
            Problem.CSV_HEADER,
            "Line 1, column %d of the file is called \"%s\"; the columns that can be imported are %s. Rename it or take it out; nothing was written.%s"
                .formatted(
                    at + 1,
                    title,
                    CsvColumn.allTitles(),
                    titles.size() == 1 ? " (Cells are separated by comma, semicolon or tab.)" : ""),
            0,
            new CsvPlace(1, at + 1));
      }
      Integer earlier = columns.put(column, at);
      if (earlier != null) {
        throw new Failure(
            Problem.CSV_HEADER,
            "Line 1, columns %d and %d of the file are both called \"%s\". Keep one; nothing was written."
                .formatted(earlier + 1, at + 1, column.title()),
            0,
            new CsvPlace(1, at + 1));
      }
    }
    if (CsvColumn.KEYS.stream().noneMatch(columns::containsKey)) {
      throw new Failure(
          Problem.CSV_HEADER,
          "No column of the file names a user: one of %s is needed. Nothing was written."
              .formatted(CsvColumn.titles(CsvColumn.KEYS)));
    }
    return columns;
  }

  /**
   * Reads all of it.
   *
   * @param bytes is told how many were read, from time to time
   * @return the number of rows, the header not counted
   * @throws Failure CSV_ENCODING or CSV_SYNTAX, with line and column
   */
  public long check(LongConsumer bytes) throws IOException {
    long rows = 0;
    try (CsvRows all = rows(bytes)) {
      while (all.next() != null) {
        rows++;
      }
    }
    return rows;
  }

  /** In bytes. */
  public long size() {
    return size;
  }

  public Path path() {
    return path;
  }

  List<String> titles() {
    return titles;
  }

  char separator() {
    return separator;
  }

  /** What the row has in that column, without the guard; empty where it has none. */
  String cell(CsvRows.Row row, CsvColumn column) {
    Integer at = columns.get(column);
    return at == null ? "" : Guard.strip(row.cells()[at]);
  }

  /** The rows after the header. */
  CsvRows rows(LongConsumer bytes) throws IOException {
    CsvRows rows = new CsvRows(text(bytes), separator, titles);
    rows.next();
    return rows;
  }

  private StrictReader text(LongConsumer bytes) throws IOException {
    InputStream in =
        new BufferedInputStream(new Counting(Files.newInputStream(path), bytes), 1 << 16);
    in.skipNBytes(mark);
    return new StrictReader(in, charset);
  }

  /** Tells how far it was read. */
  private static final class Counting extends FilterInputStream {
    private final LongConsumer told;
    private long count;

    Counting(InputStream in, LongConsumer told) {
      super(in);
      this.told = told;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      int read = super.read(into, offset, length);
      if (read > 0) {
        count += read;
        told.accept(count);
      }
      return read;
    }
  }
}
