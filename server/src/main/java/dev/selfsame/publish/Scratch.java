package dev.selfsame.publish;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.store.PublishedRows;
import dev.selfsame.store.PublishedRows.Wanted;
import dev.selfsame.store.PublishedTable;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A directory of one publish, which goes with all that is in it. */
final class Scratch implements AutoCloseable {

  private static final int BUFFER = 1 << 17;

  private final Path directory;

  private Scratch(Path directory) {
    this.directory = directory;
  }

  /**
   * Makes one that only this account can read. What a publish left there that was ended goes:
   * people who were erased since may be in it.
   */
  static Scratch at(Path directory) {
    try {
      if (Files.exists(directory)) {
        remove(directory);
      }
      if (directory.getParent() != null) {
        Files.createDirectories(directory.getParent());
      }
      Files.createDirectory(
          directory,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      return new Scratch(directory);
    } catch (IOException e) {
      throw unwritable(directory, e);
    }
  }

  Path directory() {
    return directory;
  }

  Path file(String name) {
    return directory.resolve(name);
  }

  /** Writes rows into a new file and returns how many. */
  long write(
      Path file,
      PublishedTable table,
      PublishedRows rows,
      Wanted wanted,
      PublishedRows.Format format) {
    try (OutputStream to = new BufferedOutputStream(Files.newOutputStream(file), BUFFER)) {
      return rows.copy(
          table,
          wanted,
          format,
          piece -> {
            try {
              to.write(piece);
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
    } catch (UncheckedIOException e) {
      throw unwritable(new IOException(e.getMessage(), e));
    } catch (IOException e) {
      throw unwritable(e);
    }
  }

  Failure unwritable(IOException e) {
    return unwritable(directory, e);
  }

  static Failure unwritable(Path place, IOException e) {
    String said = String.valueOf(e.getMessage());
    return said.contains("No space left") || said.contains("Disk quota")
        ? new Failure(
            Problem.PUBLISH_FULL, "The disk with %s is full: %s".formatted(place, said), 0, e)
        : new Failure(
            Problem.PUBLISH_UNWRITABLE,
            "%s cannot be written: %s".formatted(place, e.getClass().getSimpleName() + " " + said),
            0,
            e);
  }

  /** Takes a directory away with all that is in it. */
  static void remove(Path directory) throws IOException {
    List<Path> all;
    try (Stream<Path> walk = Files.walk(directory)) {
      all = walk.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path each : all) {
      Files.deleteIfExists(each);
    }
  }

  @Override
  public void close() {
    try {
      if (Files.exists(directory)) {
        remove(directory);
      }
    } catch (IOException e) {
      throw unwritable(e);
    }
  }
}
