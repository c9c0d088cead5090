package dev.selfsame.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.selfsame.postgres.PostgresFailure.Reason;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A disk that is full at each point of a start; a small one in memory stands for it. */
@Tag("slow")
final class FullDiskTest extends PostgresTestCase {

  @BeforeEach
  void mount() throws IOException {
    assumeTrue(isRoot(), "only root can mount a small disk");
    Files.createDirectory(directory);
    assumeTrue(
        shell("mount -t tmpfs -o size=12m,mode=0755 selfsame-test " + directory).succeeded(),
        "this root may not mount");
  }

  @AfterEach
  void unmount() throws IOException {
    leaveNothingRunning();
    shell("umount " + directory);
  }

  private void resize(int megabytes) {
    assertThat(shell("mount -o remount,size=%dm %s".formatted(megabytes, directory)).succeeded())
        .isTrue();
  }

  private Command.Result shell(String line) {
    return Command.run(List.of("sh", "-c", line), temporary, Duration.ofSeconds(10));
  }

  @Test
  void whileUnpacking() throws Exception {
    PostgresFailure failure = openFails(PostgresSettings.in(directory));
    assertThat(failure.reason()).isEqualTo(Reason.DISK_FULL);
    assertThat(failure)
        .hasMessageContaining(directory.toString())
        .hasMessageContaining("MB are free");
    resize(300);
    open(PostgresSettings.in(directory)).close();
  }

  @Test
  void whileMakingTheDatabase() throws Exception {
    assertThat(openFails().reason()).isEqualTo(Reason.DISK_FULL);
    assertThat(new Layout(directory).cluster()).doesNotExist();
    resize(300);
    open().close();
  }

  @Test
  void whileStarting() throws Exception {
    resize(300);
    try (EmbeddedPostgres postgres = open()) {
      insertARow(postgres);
    }
    Path filler = directory.resolve("filler");
    fill(filler);
    assertThat(openFails().reason()).isEqualTo(Reason.DISK_FULL);
    Files.delete(filler);
    try (EmbeddedPostgres postgres = open()) {
      assertThat(rows(postgres)).isEqualTo("1");
    }
  }

  private static void fill(Path file) throws IOException {
    byte[] block = new byte[4096];
    try (OutputStream out = Files.newOutputStream(file)) {
      while (true) {
        out.write(block);
      }
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("No space left");
    }
  }
}
