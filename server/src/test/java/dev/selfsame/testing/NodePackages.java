package dev.selfsame.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Packages of npm that tests run, below the build's output. */
public final class NodePackages {
  private static final String LOCK = "package-lock.json";

  private NodePackages() {}

  /**
   * Installs the packages in the versions of a folder's {@code package-lock.json}, unless these
   * very ones are there.
   *
   * @param sources the folder: {@code package.json}, its lock, and scripts of ours
   * @return the folder that has the packages and the scripts
   */
  public static Path install(Path sources) throws Exception {
    Path folder = Path.of("target", "npm").resolve(sources.getFileName());
    Files.createDirectories(folder);
    // Tests of two processes may want the same packages.
    try (FileChannel channel =
            FileChannel.open(
                folder.resolveSibling(folder.getFileName() + ".lock"),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE);
        FileLock lock = channel.lock()) {
      if (!lock.isValid()) {
        throw new IllegalStateException("%s cannot be locked".formatted(folder));
      }
      return install(sources, folder);
    }
  }

  private static Path install(Path sources, Path folder) throws Exception {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(sources)) {
      for (Path file : files) {
        if (!file.endsWith(LOCK)) {
          Files.copy(file, folder.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
        }
      }
    }
    Path installed = folder.resolve("installed.json");
    Path lock = sources.resolve(LOCK);
    if (Files.exists(installed) && Files.mismatch(installed, lock) < 0) {
      return folder;
    }
    Files.deleteIfExists(installed);
    Files.copy(lock, folder.resolve(LOCK), StandardCopyOption.REPLACE_EXISTING);
    npm(folder, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline");
    Files.copy(lock, installed);
    return folder;
  }

  private static void npm(Path folder, String... arguments) throws Exception {
    Path log = folder.resolve("npm.log");
    ProcessBuilder builder = new ProcessBuilder("npm").directory(folder.toFile());
    builder.command().addAll(List.of(arguments));
    Process process;
    try {
      process = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
    } catch (IOException e) {
      throw new IllegalStateException(
          "npm, which installs what this test runs, is not on PATH: install Node.js 20 or newer"
              + " with npm.",
          e);
    }
    boolean ended = process.waitFor(5, TimeUnit.MINUTES);
    if (!ended) {
      process.destroyForcibly();
    }
    if (!ended || process.exitValue() != 0) {
      throw new IllegalStateException(
          "npm %s %s. It said:%n%s"
              .formatted(
                  arguments[0],
                  ended ? "failed with " + process.exitValue() : "did not end in five minutes",
                  Files.readString(log, UTF_8)));
    }
  }
}
