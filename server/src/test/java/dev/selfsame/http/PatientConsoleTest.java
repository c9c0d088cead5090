package dev.selfsame.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.core.ContextBase;
import ch.qos.logback.core.encoder.EchoEncoder;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class PatientConsoleTest {

  /** Takes what is written, each time in one piece. */
  private static final class Pieces extends OutputStream {
    private final List<String> pieces = new ArrayList<>();

    @Override
    public void write(int one) {
      throw new UnsupportedOperationException();
    }

    @Override
    public synchronized void write(byte[] bytes, int from, int length) {
      pieces.add(new String(bytes, from, length, UTF_8));
    }

    synchronized List<String> all() {
      return List.copyOf(pieces);
    }
  }

  private final Pieces written = new Pieces();
  private final PatientConsole<String> console = new PatientConsole<>(written);

  @BeforeEach
  void start() {
    ContextBase context = new ContextBase();
    EchoEncoder<String> encoder = new EchoEncoder<>();
    encoder.setContext(context);
    encoder.start();
    console.setContext(context);
    console.setEncoder(encoder);
    console.start();
  }

  @AfterEach
  void stop() {
    console.stop();
  }

  @Test
  void lines_come_together_and_soon() throws InterruptedException {
    for (int i = 0; i < 1_000; i++) {
      console.doAppend("line " + i);
    }
    long end = System.nanoTime() + 10_000_000_000L;
    while (!String.join("", written.all()).contains("line 999\n") && System.nanoTime() < end) {
      Thread.sleep(10);
    }
    List<String> pieces = written.all();
    assertThat(String.join("", pieces).lines()).hasSize(1_000).startsWith("line 0", "line 1");
    assertThat(pieces).as("not each by itself").hasSizeLessThan(500);
  }

  @Test
  void none_is_held_back_once_the_program_ends() {
    console.doAppend("before");
    console.hurry();
    console.doAppend("while it ends");
    assertThat(String.join("", written.all()).lines()).containsExactly("before", "while it ends");
  }
}
