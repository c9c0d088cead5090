package dev.selfsame.sdk;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The Segment SDKs of npm in the versions of {@code src/test/sdk/node/package-lock.json}, installed
 * below the build's output, with our scripts beside them.
 */
final class NodePackages {
  private static final Path SOURCES = Path.of("src", "test", "sdk", "node");

  private NodePackages() {}

  /** Installs them, unless these very ones are there, and gives the folder. */
  static Path install() throws Exception {
    Path folder = RunningHub.JAR.resolveSibling("sdk").resolve("node");
    Files.createDirectories(folder);
    for (String name : List.of("package.json", "send.mjs", "shop.html")) {
      Files.copy(SOURCES.resolve(name), folder.resolve(name), StandardCopyOption.REPLACE_EXISTING);
    }
    Path installed = folder.resolve("installed.json");
    Path lock = SOURCES.resolve("package-lock.json");
    if (Files.exists(installed) && Files.mismatch(installed, lock) < 0) {
      return folder;
    }
    Files.deleteIfExists(installed);
    Files.copy(lock, folder.resolve("package-lock.json"), StandardCopyOption.REPLACE_EXISTING);
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
          "npm, which installs the SDKs for this test, is not on PATH: install Node.js 20 or newer"
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
