package dev.selfsame.source.land;

import dev.selfsame.error.Failure;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * The rows of files, one file after the other. A column of one file is that of another where their
 * table's names are the same.
 */
final class RowFiles implements Rows {

  /** Stands for what is read from standard input. */
  static final Path STDIN = Path.of("-");

  /** How a file is read, and which endings say so. */
  enum Kind {
    CSV("csv", "tsv", "txt"),
    JSON("jsonl", "ndjson", "json"),
    PARQUET("parquet");

    @SuppressWarnings("ImmutableEnumChecker") // List.of is
    private final List<String> endings;

    Kind(String... endings) {
      this.endings = List.of(endings);
    }

    /** Null where the name's ending says nothing. */
    static @Nullable Kind of(Path file) {
      String name = nameOf(file).toLowerCase(Locale.ROOT);
      boolean packed = name.endsWith(".gz");
      String bare = packed ? name.substring(0, name.length() - 3) : name;
      String ending = bare.substring(bare.lastIndexOf('.') + 1);
      for (Kind kind : values()) {
        if (kind.endings.contains(ending) && !(packed && kind == PARQUET)) {
          return kind;
        }
      }
      return null;
    }

    private static String known() {
      List<String> all = new ArrayList<>();
      for (Kind kind : values()) {
        kind.endings.forEach(ending -> all.add("." + ending));
      }
      return String.join(" ", all) + ", and with .gz after it where it is text";
    }
  }

  private record RowFile(Path path, Kind kind) {}

  private final List<RowFile> files;
  private final Set<String> whole;
  private final InputStream stdin;
  private final long size;
  private final ColumnNames columns = new ColumnNames();
  private int opened;
  private @Nullable Rows current;
  private @Nullable Counting counting;
  private long readBefore;

  /** By the current file's positions. */
  private int[] positions = new int[0];

  private boolean asTheyAre;

  private RowFiles(List<RowFile> files, Set<String> whole, InputStream stdin, long size) {
    this.files = files;
    this.whole = whole;
    this.stdin = stdin;
    this.size = size;
  }

  /**
   * Opens the first file; so that what it names is known.
   *
   * @param paths files; directories, for the files in them whose endings say what they are, by
   *     name; {@link #STDIN}
   * @param kind of all of them, whatever their endings say; null: as those say
   * @param whole columns, by their table's names, in which an object stays one value: its JSON text
   * @throws Failure {@code LANDING_FILE}, {@code LANDING_COLUMN} or {@code LANDING_LIMIT}
   */
  static Rows open(List<Path> paths, @Nullable Kind kind, Set<String> whole, InputStream stdin) {
    List<RowFile> files = new ArrayList<>();
    for (Path path : paths) {
      if (path.equals(STDIN)) {
        files.add(new RowFile(path, stdinKind(kind, files)));
      } else if (Files.isDirectory(path)) {
        files.addAll(in(path, kind));
      } else if (!Files.exists(path)) {
        throw RowFailures.file(path, "there is no such file.");
      } else {
        files.add(new RowFile(path, kind(path, kind)));
      }
    }
    long size = 0;
    for (RowFile file : files) {
      if (file.path.equals(STDIN)) {
        size = 0;
        break;
      }
      size += bytes(file.path);
    }
    var rows = new RowFiles(List.copyOf(files), Set.copyOf(whole), stdin, size);
    rows.openNext();
    return rows;
  }

  private static Kind kind(Path path, @Nullable Kind kind) {
    Kind found = kind == null ? Kind.of(path) : kind;
    if (found == null) {
      throw RowFailures.file(
          path,
          "its ending does not say what it is. Say the format, or name it with one of %s."
              .formatted(Kind.known()));
    }
    return found;
  }

  private static Kind stdinKind(@Nullable Kind kind, List<RowFile> before) {
    if (before.stream().anyMatch(file -> file.path.equals(STDIN))) {
      throw RowFailures.file("-", "standard input can be read once only.");
    }
    if (kind == null || kind == Kind.PARQUET) {
      throw RowFailures.file(
          "-",
          kind == null
              ? "say the format of standard input: csv or jsonl."
              : "Parquet is not read from standard input. Name a file.");
    }
    return kind;
  }

  private static List<RowFile> in(Path directory, @Nullable Kind kind) {
    List<RowFile> files = new ArrayList<>();
    try (Stream<Path> all = Files.list(directory)) {
      for (Path path : all.sorted().toList()) {
        Kind found = Kind.of(path);
        if (found != null
            && (kind == null || kind == found)
            && !nameOf(path).startsWith(".")
            && Files.isRegularFile(path)) {
          files.add(new RowFile(path, found));
        }
      }
    } catch (IOException e) {
      throw RowFailures.unreadable(directory.toString(), e);
    }
    if (files.isEmpty()) {
      throw RowFailures.file(
          directory,
          "the directory has no file that ends in one of %s."
              .formatted(kind == null ? Kind.known() : "." + String.join(" .", kind.endings)));
    }
    return files;
  }

  private static String nameOf(Path path) {
    Path name = path.getFileName();
    return name == null ? "" : name.toString();
  }

  private static long bytes(Path path) {
    try {
      return Files.size(path);
    } catch (IOException e) {
      throw RowFailures.unreadable(path.toString(), e);
    }
  }

  @Override
  public List<String> columns() {
    return columns.all();
  }

  @Override
  public @Nullable Row next() {
    while (current != null) {
      Row row = current.next();
      if (row != null) {
        place(current, row.place());
        return asTheyAre ? row : moved(row);
      }
      close();
      openNext();
    }
    return null;
  }

  private void openNext() {
    if (opened == files.size()) {
      return;
    }
    RowFile file = files.get(opened);
    opened++;
    String name = file.path.equals(STDIN) ? "standard input" : file.path.toString();
    try {
      current = open(file, name);
    } catch (IOException e) {
      throw RowFailures.unreadable(name, e);
    }
    positions = new int[0];
    asTheyAre = true;
    place(current, name);
  }

  private Rows open(RowFile file, String name) throws IOException {
    if (file.kind == Kind.PARQUET) {
      return DuckDbRows.parquet(file.path, whole);
    }
    var bytes = new Counting(file.path.equals(STDIN) ? stdin : Files.newInputStream(file.path));
    try {
      StrictText text = StrictText.open(name, unpacked(name, bytes));
      Rows rows = file.kind == Kind.CSV ? new CsvRows(name, text) : new JsonRows(name, text, whole);
      counting = bytes;
      return rows;
    } catch (IOException | RuntimeException e) {
      bytes.close();
      throw e;
    }
  }

  /** What gzip packed, unpacked, whatever the file is called: no text begins with those bytes. */
  private static InputStream unpacked(String name, InputStream in) throws IOException {
    var start = new PushbackInputStream(in, 2);
    byte[] magic = start.readNBytes(2);
    start.unread(magic);
    if (magic.length == 0) {
      throw RowFailures.file(name, "the file is empty.");
    }
    if (magic.length == 2 && magic[0] == (byte) 0x1F && magic[1] == (byte) 0x8B) {
      return new GZIPInputStream(new Unending(start), 1 << 16);
    }
    if (name.toLowerCase(Locale.ROOT).endsWith(".gz")) {
      throw RowFailures.file(name, "it ends in .gz, and is not compressed with gzip.");
    }
    return start;
  }

  /** Finds the place of each column that the file has by now. */
  private void place(Rows file, Object where) {
    List<String> names = file.columns();
    int known = positions.length;
    if (names.size() > known) {
      positions = Arrays.copyOf(positions, names.size());
      for (int i = known; i < names.size(); i++) {
        positions[i] = columns.join(names.get(i), where);
        asTheyAre &= positions[i] == i;
      }
    }
  }

  private Row moved(Row row) {
    @Nullable Cell[] cells = new Cell[columns.size()];
    for (int i = 0; i < row.cells().length; i++) {
      if (row.cells()[i] != null) {
        cells[positions[i]] = row.cells()[i];
      }
    }
    return new Row(cells, row.place());
  }

  @Override
  public long read() {
    if (counting != null) {
      return readBefore + counting.count;
    }
    return readBefore + (current == null ? 0 : current.read());
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public void close() {
    readBefore = read();
    Rows last = current;
    current = null;
    counting = null;
    if (last != null) {
      try {
        last.close();
      } catch (IOException e) {
        throw RowFailures.unreadable(files.get(opened - 1).path.toString(), e);
      }
    }
  }

  /** Knows how far it was read. */
  private static final class Counting extends FilterInputStream {
    private long count;

    Counting(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      int read = super.read();
      count += read < 0 ? 0 : 1;
      return read;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      int read = super.read(into, offset, length);
      count += Math.max(read, 0);
      return read;
    }
  }

  /**
   * Always says that more may come. gzip's reader takes the word of a pipe that has nothing at hand
   * for the end, though another packed part follows.
   */
  private static final class Unending extends FilterInputStream {
    Unending(InputStream in) {
      super(in);
    }

    @Override
    public int available() {
      return 1;
    }
  }
}
