package dev.selfsame.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A running {@link PostgresProgram}, and what it said. */
final class ProgramProcess implements AutoCloseable {
  private final Process process;
  private final BufferedReader output;
  private String lastLine = "";

  private ProgramProcess(Process process) {
    this.process = process;
    this.output = process.inputReader(StandardCharsets.UTF_8);
  }

  /**
   * Starts the program on a directory, behind a prefix such as {@code setpriv}, with some
   * environment variables changed.
   */
  static ProgramProcess start(
      Path directory,
      Path binaries,
      String classPath,
      List<String> prefix,
      Map<String, String> environment)
      throws IOException {
    List<String> command = new ArrayList<>(prefix);
    command.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx128m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            classPath,
            PostgresProgram.class.getName(),
            directory.toString(),
            binaries.toString()));
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(new File("/")).redirectErrorStream(true);
    builder.environment().putAll(environment);
    return new ProgramProcess(builder.start());
  }

  static String ownClassPath() {
    return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
  }

  /** Copies what the program needs to where every account can read it. */
  static String readableClassPath(Path directory) throws IOException {
    List<String> needed =
        List.of("postgresql-", "xz-", "slf4j-api", "jspecify", "linux-amd64", "linux-arm64");
    List<String> copies = new ArrayList<>();
    for (String entry : ownClassPath().split(File.pathSeparator, -1)) {
      Path source = Path.of(entry);
      Path target = directory.resolve(copies.size() + "-" + source.getFileName());
      if (Files.isDirectory(source)) {
        try (Stream<Path> files = Files.walk(source)) {
          for (Path file : files.toList()) {
            Files.copy(
                file,
                target.resolve(source.relativize(file).toString()),
                StandardCopyOption.REPLACE_EXISTING);
          }
        }
      } else if (needed.stream().anyMatch(source.getFileName().toString()::contains)) {
        Files.copy(source, target);
      } else {
        continue;
      }
      copies.add(target.toString());
    }
    try (Stream<Path> all = Files.walk(directory)) {
      for (Path file : all.toList()) {
        Disk.permit(file, "rwxr-xr-x");
      }
    }
    return copies.stream().collect(Collectors.joining(File.pathSeparator));
  }

  /** Waits until it says {@code ready} or {@code failed}. */
  ProgramProcess awaitWord() throws IOException {
    List<String> said = new ArrayList<>();
    String line;
    while ((line = output.readLine()) != null) {
      said.add(line);
      if (line.startsWith("ready ") || line.startsWith("failed ")) {
        lastLine = line;
        return this;
      }
    }
    throw new AssertionError("The program said neither ready nor failed, but: " + said);
  }

  /** Waits until it is ready; fails the test when it is not. */
  ProgramProcess awaitReady() throws IOException {
    awaitWord();
    assertThat(lastLine).startsWith("ready ");
    return this;
  }

  String lastLine() {
    return lastLine;
  }

  int port() {
    return Integer.parseInt(word(1));
  }

  long serverPid() {
    return Long.parseLong(word(2));
  }

  boolean adopted() {
    return Boolean.parseBoolean(word(3));
  }

  String password() {
    return word(4);
  }

  private String word(int index) {
    return Arrays.asList(lastLine.split(" ", -1)).get(index);
  }

  /** Ends the program as {@code kill -9} does. */
  void kill() {
    process.destroyForcibly().onExit().join();
  }

  /** Ends the program as {@code kill} does and gives its exit status. */
  int terminate() throws InterruptedException {
    process.destroy();
    assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    return process.exitValue();
  }

  @Override
  public void close() {
    kill();
  }
}
