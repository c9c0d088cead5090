package dev.selfsame.bench;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What the benchmarks of the whole program share. */
final class Options {
  @Option(
      names = "--connections",
      defaultValue = "64",
      paramLabel = "N",
      description = "Connections, each with one request at a time (${DEFAULT-VALUE}).")
  int connections;

  /** Events of a request; a command that lets one choose sets it. */
  int batch = 100;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description =
          "Write the result there too: into its place in docs/performance.md, or as a file of its"
              + " own.")
  @Nullable Path out;

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      description =
          "Where the data directory is made and deleted again (the system's temporary directory).")
  @Nullable Path dir;

  @Option(names = "--keep", description = "Do not delete the data directory.")
  boolean keep;

  @Option(
      names = "--jar",
      paramLabel = "FILE",
      description =
          "Test this jar of the program, with the launcher's heap of 512 MB; else ./selfsame.")
  @Nullable Path jar;

  Path directory() {
    return dir == null ? Path.of(System.getProperty("java.io.tmpdir")) : dir;
  }

  /** The words that run the program. */
  List<String> program() {
    Path given = jar;
    if (given != null) {
      // Through a shell, so that SELFSAME_JAVA_OPTS counts here too.
      return List.of(
          "sh",
          "-c",
          "exec \"$0\" -Xmx512m -XX:+UseSerialGC -Xmn340m -XX:SurvivorRatio=6"
              + " -XX:MaxInlineLevel=5 -XX:InlineSmallCode=1000 --enable-native-access=ALL-UNNAMED"
              + " $SELFSAME_JAVA_OPTS -jar \"$@\"",
          Path.of(System.getProperty("java.home"), "bin", "java").toString(),
          given.toAbsolutePath().toString());
    }
    String launcher = System.getProperty("selfsame.launcher");
    if (launcher == null) {
      throw new Failed("Start this with bench/run, or name the program with --jar.");
    }
    return List.of(launcher);
  }
}
