package dev.selfsame.postgres;

import dev.selfsame.postgres.PostgresFailure.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * An unpacked PostgreSQL.
 *
 * @param version what it says of itself, such as 18.6
 */
record Binaries(Path folder, String version) {
  private static final String UNFINISHED = ".unfinished-";

  /**
   * Finds the archive's binaries under a directory, or unpacks them there. Any number of programs
   * may do so at once.
   */
  static Binaries in(Path directory, Archive archive, Consumer<String> progress)
      throws IOException {
    Path folder = directory.resolve(archive.folder());
    if (!Files.exists(folder)) {
      progress.accept("Unpacking PostgreSQL " + archive.version() + " (once)");
      unpack(directory, folder, archive);
    }
    return new Binaries(folder.toRealPath(), archive.version());
  }

  String initdb() {
    return folder.resolve("bin/initdb").toString();
  }

  String postgres() {
    return folder.resolve("bin/postgres").toString();
  }

  private static void unpack(Path directory, Path folder, Archive archive) throws IOException {
    if (!Files.exists(directory)) {
      Files.createDirectories(directory);
      Disk.permit(directory, "rwxr-xr-x");
    }
    deleteAbandoned(directory);
    Path fresh = Files.createTempDirectory(directory, UNFINISHED);
    try {
      Disk.permit(fresh, "rwxr-xr-x");
      unpackChecked(archive, fresh);
      checkThatItRuns(fresh, archive);
      // Or a power cut could leave the final name over empty files.
      Disk.syncTree(fresh);
      try {
        Disk.move(fresh, folder);
      } catch (IOException e) {
        if (!Files.exists(folder)) {
          throw e;
        }
        // Another program was quicker; the content is the same.
      }
    } finally {
      Disk.delete(fresh);
    }
  }

  private static void unpackChecked(Archive archive, Path fresh) throws IOException {
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java has SHA-256", e);
    }
    InputStream file = Binaries.class.getResourceAsStream(archive.resource());
    try (InputStream in =
        new DigestInputStream(Objects.requireNonNull(file, archive.resource()), digest)) {
      TarXz.unpack(in, fresh);
    }
    String found = HexFormat.of().formatHex(digest.digest());
    if (!found.equals(archive.sha256())) {
      throw new PostgresFailure(
          Reason.DAMAGED,
          "%s on the class path has the SHA-256 %s; expected %s. Build or fetch the program again."
              .formatted(archive.resource(), found, archive.sha256()));
    }
  }

  /**
   * Tried once, here, so that a C library that does not fit or a disk mounted noexec is named as
   * such.
   */
  private static void checkThatItRuns(Path folder, Archive archive) {
    Command.Result result =
        Command.run(
            List.of(folder.resolve("bin/postgres").toString(), "--version"),
            folder,
            Duration.ofSeconds(30));
    if (!result.succeeded() || !result.output().endsWith(" " + archive.version())) {
      throw new PostgresFailure(
          Reason.NO_BINARY_FOR_PLATFORM,
          """
          The PostgreSQL that this program carries does not run from %s: %s
          It needs a C library of the GNU kind on Linux, and a disk that is not mounted noexec. Choose another directory with --data, or \
          give the program a PostgreSQL of your own with --database-url.\
          """
              .formatted(Disk.parent(folder), result.output()));
    }
  }

  /** Leaves alone what another program may be unpacking at this moment. */
  private static void deleteAbandoned(Path directory) throws IOException {
    Instant anHourAgo = Instant.now().minus(Duration.ofHours(1));
    List<Path> found;
    try (Stream<Path> files = Files.list(directory)) {
      found = files.filter(f -> f.getFileName().toString().startsWith(UNFINISHED)).toList();
    }
    for (Path file : found) {
      try {
        if (Files.getLastModifiedTime(file).toInstant().isBefore(anHourAgo)) {
          Disk.delete(file);
        }
      } catch (NoSuchFileException e) {
        // The other program has finished.
      }
    }
  }
}
