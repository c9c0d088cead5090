package dev.selfsame.postgres;

import dev.selfsame.postgres.PostgresFailure.Reason;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Where things are in the data directory. The directory is ours when it has the lock file, and may
 * become ours when it is empty. {@code postgres} appears whole, by one rename, or not at all.
 *
 * @param directory the real path, since PostgreSQL records it and later starts compare it
 */
record Layout(Path directory) {
  private static final String LOCK = "selfsame.lock";
  private static final String CLUSTER = "postgres";
  private static final String UNFINISHED = CLUSTER + ".unfinished-";

  /** Names that do not make a directory used: the root of a mounted disk has one. */
  private static final Set<String> NOTHING = Set.of("lost+found");

  /**
   * Makes the directory when it is absent; refuses, and leaves untouched, one that holds something
   * else.
   */
  static Layout of(Path directory) throws IOException {
    try {
      Files.createDirectories(directory);
    } catch (FileAlreadyExistsException e) {
      throw new PostgresFailure(
          Reason.DIRECTORY_NOT_OURS,
          "%s is a file; expected a directory. Choose another with --data.".formatted(directory));
    }
    Layout layout = new Layout(directory.toRealPath());
    if (!Files.exists(layout.lock())) {
      List<String> found =
          names(layout.directory)
              .filter(name -> !NOTHING.contains(name))
              .sorted()
              .limit(3)
              .toList();
      if (!found.isEmpty()) {
        throw new PostgresFailure(
            Reason.DIRECTORY_NOT_OURS,
            "%s was not made by this program: it has no %s, but %s. Nothing was touched. Choose an empty or a new directory with --data."
                .formatted(directory, LOCK, String.join(", ", found)));
      }
    }
    return layout;
  }

  Path lock() {
    return directory.resolve(LOCK);
  }

  /** All that belongs to PostgreSQL. */
  Path cluster() {
    return directory.resolve(CLUSTER);
  }

  /** PostgreSQL's own data directory. */
  Path data() {
    return data(cluster());
  }

  /** The superuser's password. */
  Path password() {
    return password(cluster());
  }

  /** The port that the server had last. */
  Path port() {
    return cluster().resolve("port");
  }

  /** What the server says. */
  Path log() {
    return cluster().resolve("log");
  }

  static Path data(Path cluster) {
    return cluster.resolve("data");
  }

  static Path password(Path cluster) {
    return cluster.resolve("password");
  }

  /** A place of its own to make the cluster in, on the same file system. */
  Path newUnfinished() throws IOException {
    return Files.createTempDirectory(directory, UNFINISHED);
  }

  /**
   * Deletes what starts that were killed half-way left. An initdb that outlived its program may
   * still write there for a moment; then the next start deletes it.
   */
  void deleteUnfinished() throws IOException {
    for (String name : names(directory).filter(name -> name.startsWith(UNFINISHED)).toList()) {
      try {
        Disk.delete(directory.resolve(name));
      } catch (DirectoryNotEmptyException e) {
        // Left to the next start.
      }
    }
  }

  private static Stream<String> names(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(Path::getFileName).map(String::valueOf).toList().stream();
    }
  }
}
