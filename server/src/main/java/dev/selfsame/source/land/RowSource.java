package dev.selfsame.source.land;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Where rows come from; opened when the table that they are to land in is known. */
public final class RowSource {

  /** The environment variable that a password for another database may stand in. */
  public static final String PASSWORD = QueryAddress.PASSWORD;

  private interface Opening {
    Rows open(Set<String> whole);
  }

  private final String name;
  private final Opening opening;

  private RowSource(String name, Opening opening) {
    this.name = name;
    this.opening = opening;
  }

  /**
   * Rows in memory.
   *
   * @param name what messages call them
   * @param lines JSON objects, one a line
   */
  public static RowSource lines(String name, String lines) {
    return new RowSource(name, whole -> new JsonRows(name, new StringReader(lines), whole));
  }

  /**
   * Rows of files: CSV, JSON lines or Parquet, by their endings.
   *
   * @param paths files, directories, or {@code -} for standard input
   * @param format {@code csv}, {@code jsonl} or {@code parquet}, whatever the endings say; null: as
   *     they say
   * @throws Failure INVALID_PARAMETER for another format
   */
  public static RowSource files(List<Path> paths, @Nullable String format, InputStream stdin) {
    RowFiles.Kind kind = kind(format);
    String name = paths.stream().map(Path::toString).collect(Collectors.joining(", "));
    return new RowSource(name, whole -> RowFiles.open(paths, kind, whole, stdin));
  }

  /** The format that a file's name says by its ending; null where it says none. */
  public static @Nullable String formatOf(String name) {
    return switch (RowFiles.Kind.of(Path.of(name))) {
      case null -> null;
      case CSV -> "csv";
      case JSON -> "jsonl";
      case PARQUET -> "parquet";
    };
  }

  private static RowFiles.@Nullable Kind kind(@Nullable String format) {
    return switch (format) {
      case null -> null;
      case "csv" -> RowFiles.Kind.CSV;
      case "jsonl" -> RowFiles.Kind.JSON;
      case "parquet" -> RowFiles.Kind.PARQUET;
      default ->
          throw new Failure(
              Problem.INVALID_PARAMETER,
              "The format %s is not known; give one of csv, jsonl, parquet".formatted(format));
    };
  }

  /**
   * The rows of a query on another database.
   *
   * @param address such as {@code postgresql://user@host/database}
   * @param password where the address has none
   * @param limit how long the other database may take
   */
  public static RowSource query(
      String address, @Nullable String password, String sql, Duration limit) {
    return new RowSource(
        "the query", whole -> QueryRows.open(address, password, sql, limit, whole));
  }

  /** What people call it. */
  public String name() {
    return name;
  }

  /**
   * Opens them, to be read once.
   *
   * @param whole columns, by their table's names, in which an object stays one value: its JSON text
   */
  Rows open(Set<String> whole) {
    return opening.open(whole);
  }
}
