package dev.selfsame.postgres;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A command that runs to its end: initdb, a shell line, the first try of a binary. */
final class Command {
  private Command() {}

  /** What a command left behind: its exit status and what it said on both its outputs. */
  record Result(int exit, String output) {
    boolean succeeded() {
      return exit == 0;
    }
  }

  /**
   * Runs a command; one that is not there gives the shell's 127, one that takes too long is killed.
   */
  static Result run(List<String> command, Path directory, Duration timeout) {
    return run(command, directory, timeout, "");
  }

  /** Runs a command that reads the input. */
  static Result run(List<String> command, Path directory, Duration timeout, String input) {
    Process process;
    try {
      process = builder(command, directory).redirectErrorStream(true).start();
    } catch (IOException e) {
      return new Result(127, String.valueOf(e.getMessage()));
    }
    CompletableFuture.delayedExecutor(timeout.toMillis(), TimeUnit.MILLISECONDS)
        .execute(process::destroyForcibly);
    try {
      feed(process, input);
      String output =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      return new Result(process.waitFor(), output);
    } catch (IOException e) {
      process.destroyForcibly();
      return new Result(126, String.valueOf(e.getMessage()));
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      return new Result(130, "interrupted");
    }
  }

  /**
   * A process to be, in an environment that neither redirects PostgreSQL nor translates its
   * messages.
   */
  static ProcessBuilder builder(List<String> command, Path directory) {
    ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
    builder
        .environment()
        .keySet()
        .removeIf(name -> name.startsWith("PG") || name.startsWith("LC_") || name.equals("LANG"));
    builder.environment().put("LC_ALL", "C");
    return builder;
  }

  /** Whether a command is on the search path. */
  static boolean exists(String name) {
    String path = System.getenv("PATH");
    return path != null
        && Arrays.stream(path.split(File.pathSeparator))
            .anyMatch(folder -> Files.isExecutable(Path.of(folder, name)));
  }

  private static void feed(Process process, String input) {
    try (OutputStream stdin = process.getOutputStream()) {
      stdin.write(input.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      // It ended without reading: its status and its words say more than this broken pipe.
    }
  }
}
