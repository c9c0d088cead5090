package dev.selfsame.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Test;

/** The program as it ships: one jar, started by java and nothing else. */
final class ProgramIT {
  private static final Path JAR = Path.of(System.getProperty("selfsame.jar"));

  @Test
  void the_jar_runs_and_knows_its_version() throws Exception {
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    var process = new ProcessBuilder(java.toString(), "-jar", JAR.toString(), "--version").start();
    String out = new String(process.getInputStream().readAllBytes(), UTF_8);
    String err = new String(process.getErrorStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).isZero();
    assertThat(out).matches("selfsame \\d+\\.\\d+\\.\\d+(-SNAPSHOT)?\n");
    assertThat(err).isEmpty();
  }

  @Test
  void the_jar_carries_what_is_found_by_name_alone() throws IOException {
    try (var jar = new JarFile(JAR.toFile())) {
      String plugins = "META-INF/services/org.flywaydb.core.extensibility.Plugin";
      try (var services = jar.getInputStream(jar.getEntry(plugins))) {
        assertThat(new String(services.readAllBytes(), UTF_8).lines())
            .as("two libraries name their plugins in this file; both lists are here")
            .anyMatch(line -> line.contains(".core."))
            .anyMatch(line -> line.contains(".postgresql."));
      }
      for (String archive : List.of("postgres-linux-x86_64.txz", "postgres-linux-arm_64.txz")) {
        assertThat(jar.getEntry(archive)).as(archive).isNotNull();
      }
    }
  }
}
