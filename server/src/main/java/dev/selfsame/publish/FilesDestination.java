package dev.selfsame.publish;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.store.PublishedRows;
import dev.selfsame.store.PublishedRows.Format;
import dev.selfsame.store.PublishedRows.Position;
import dev.selfsame.store.PublishedRows.Wanted;
import dev.selfsame.store.PublishedTable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Files in a directory: those of a publish lie in one of their own, with a manifest that is written
 * last, and are seen when the link {@code current} is turned to it. Each publish writes all rows.
 */
final class FilesDestination implements Destination {

  private static final String MARK = ".selfsame";
  private static final String CURRENT = "current";
  private static final String MANIFEST = "manifest.json";
  private static final String WRITING = ".writing-";
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** What DuckDB may take beside the heap while it makes Parquet. */
  private static final String MEMORY = "256MB";

  private final Path directory;
  private final FileFormat format;
  private final String mark;
  private final Scratch scratch;
  private final ArrayNode tables = JSON.createArrayNode();
  private @Nullable Path writing;

  FilesDestination(Target.Files target, String mark, Scratch scratch) {
    this.directory = target.directory();
    this.format = target.format();
    this.mark = mark;
    this.scratch = scratch;
  }

  @Override
  public boolean whole() {
    return true;
  }

  @Override
  public @Nullable Standing begin(boolean anew) {
    try {
      Files.createDirectories(directory);
      claim();
      sweep(null);
      Standing standing = standing();
      Path next = directory.resolve(WRITING + UUID.randomUUID());
      Files.createDirectory(next);
      writing = next;
      return standing;
    } catch (IOException e) {
      throw Scratch.unwritable(directory, e);
    }
  }

  /** A directory that holds something else is not touched. */
  private void claim() throws IOException {
    Path says = directory.resolve(MARK);
    if (Files.exists(says)) {
      if (!Files.readString(says).strip().equals(mark)) {
        throw foreign("is another publication's");
      }
      return;
    }
    try (DirectoryStream<Path> there = Files.newDirectoryStream(directory)) {
      if (there.iterator().hasNext()) {
        throw foreign("holds files that this publication did not write");
      }
    }
    Files.writeString(says, mark + "\n");
  }

  private Failure foreign(String why) {
    return new Failure(
        Problem.PUBLISH_FOREIGN,
        "The directory %s %s. Nothing was written. Name an empty one.".formatted(directory, why));
  }

  private @Nullable Standing standing() throws IOException {
    try {
      JsonNode manifest =
          JSON.readTree(Files.readString(directory.resolve(CURRENT).resolve(MANIFEST)));
      for (JsonNode table : manifest.path("tables")) {
        Path file = directory.resolve(CURRENT).resolve(table.path("file").asString());
        if (!Files.exists(file) || Files.size(file) != table.path("bytes").asLong()) {
          return null;
        }
      }
      return new Standing(
          UUID.fromString(manifest.get("publication").asString()),
          new Position(manifest.get("position").asLong(), manifest.get("ledgerTime").asLong()));
    } catch (NoSuchFileException e) {
      return null;
    } catch (JacksonException | IllegalArgumentException | NullPointerException e) {
      // Somebody wrote into it; what was published stands there no more.
      return null;
    }
  }

  @Override
  public void clear(PublishedTable table) {}

  @Override
  public void delete(PublishedTable table, List<String> keys) {
    throw new IllegalStateException("Files are written as a whole. Indicates a bug");
  }

  @Override
  public long fill(PublishedTable table, PublishedRows rows, Wanted wanted) {
    Path to = open().resolve(table.code() + "." + format.code());
    try {
      long count =
          switch (format) {
            case CSV -> scratch.write(to, table, rows, wanted, Format.GUARDED_CSV);
            case PARQUET -> parquet(to, table, rows, wanted);
          };
      force(to);
      tables
          .addObject()
          .put("name", table.code())
          .put("file", to.getFileName().toString())
          .put("rows", count)
          .put("bytes", Files.size(to));
      return count;
    } catch (IOException e) {
      throw Scratch.unwritable(directory, e);
    }
  }

  private long parquet(Path to, PublishedTable table, PublishedRows rows, Wanted wanted)
      throws IOException {
    Path text = scratch.file(table.code() + ".csv");
    long count = scratch.write(text, table, rows, wanted, Format.CSV);
    DuckDbDialect dialect = new DuckDbDialect(scratch);
    try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = duckdb.createStatement()) {
      statement.execute("SET TimeZone = 'UTC'");
      statement.execute("SET memory_limit = '%s'".formatted(MEMORY));
      statement.execute(
          "SET temp_directory = '%s'".formatted(scratch.directory().toString().replace("'", "''")));
      statement.execute("SET preserve_insertion_order = false");
      statement.execute("SET threads = 2");
      statement.execute(
          "COPY (SELECT %s FROM %s) TO '%s' (FORMAT parquet, COMPRESSION zstd)"
              .formatted(
                  dialect.columns(table),
                  DuckDbDialect.read(dialect, text, table),
                  to.toString().replace("'", "''")));
    } catch (SQLException e) {
      throw new IOException(e.getMessage(), e);
    }
    Files.delete(text);
    return count;
  }

  private Path open() {
    if (writing == null) {
      throw new IllegalStateException("Nothing was begun. Indicates a bug");
    }
    return writing;
  }

  @Override
  public void commit(Standing standing, Instant now) {
    try {
      ObjectNode manifest = JSON.createObjectNode();
      manifest.put("publication", standing.publication().toString());
      manifest.put("position", standing.position().number());
      manifest.put("ledgerTime", standing.position().at());
      manifest.put("publishedAt", now.toString());
      manifest.put("format", format.code());
      manifest.set("tables", tables);
      Path last = open().resolve(MANIFEST);
      Files.writeString(last, manifest.toPrettyString() + "\n");
      force(last);
      if (Files.getFileStore(directory).supportsFileAttributeView("posix")) {
        Files.setPosixFilePermissions(open(), PosixFilePermissions.fromString("rwxr-xr-x"));
      }
      String name =
          "%012d-%s"
              .formatted(
                  standing.position().number(), UUID.randomUUID().toString().substring(0, 8));
      Path placed = directory.resolve(name);
      Files.move(open(), placed, StandardCopyOption.ATOMIC_MOVE);
      writing = null;
      Path link = directory.resolve(WRITING + CURRENT);
      Files.deleteIfExists(link);
      Files.createSymbolicLink(link, Path.of(name));
      Files.move(link, directory.resolve(CURRENT), StandardCopyOption.ATOMIC_MOVE);
      force(directory);
      sweep(name);
    } catch (IOException e) {
      throw Scratch.unwritable(directory, e);
    }
  }

  /** Takes away what other publishes wrote: an erased user must not lie about in them. */
  private void sweep(@Nullable String kept) throws IOException {
    Path link = directory.resolve(CURRENT);
    String current =
        kept != null
            ? kept
            : Files.isSymbolicLink(link) ? Files.readSymbolicLink(link).toString() : "";
    try (DirectoryStream<Path> there = Files.newDirectoryStream(directory)) {
      for (Path each : there) {
        String name = each.getFileName().toString();
        boolean ours = name.startsWith(WRITING) || name.matches("[0-9]{12,}-[0-9a-f]{8}");
        if (ours && !name.equals(current)) {
          if (Files.isDirectory(each, LinkOption.NOFOLLOW_LINKS)) {
            Scratch.remove(each);
          } else {
            Files.delete(each);
          }
        }
      }
    }
  }

  /** What a power cut must not take. */
  private static void force(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  @Override
  public void close() {
    Path left = writing;
    writing = null;
    try {
      if (left != null && Files.exists(left)) {
        Scratch.remove(left);
      }
    } catch (IOException e) {
      // The next publish takes it away.
      return;
    }
  }
}
