package dev.selfsame.source.segment;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.identity.Claim;
import dev.selfsame.identity.Raw;
import dev.selfsame.intake.Submission;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each SDK's request, byte for byte, and what must come of it: the answer that it needs, and the
 * claims. The requests are files in {@code segment/sdk}; below {@code === answer} stand the status
 * and body, then headers, claims and kept payloads.
 */
final class SdkContractTest {

  private static final Hub hub = new Hub();

  @AfterAll
  static void close() {
    hub.close();
  }

  @BeforeEach
  void beginAnew() {
    hub.reset();
  }

  static Stream<String> requests() throws IOException {
    try (Stream<Path> files = Files.list(folder())) {
      return files.map(file -> file.getFileName().toString()).sorted().toList().stream();
    }
  }

  private static Path folder() {
    return Path.of(
        java.util.Objects.requireNonNull(SdkContractTest.class.getResource("/segment/sdk"))
            .getPath());
  }

  @ParameterizedTest
  @MethodSource("requests")
  void theSdkIsAnsweredAsItNeeds(String name) {
    List<String> lines = read(name);
    int blank = lines.indexOf("");
    int answerAt = lines.indexOf("=== answer");
    String how = lines.get(1);
    List<String> head = lines.subList(2, blank);
    String body = String.join("\n", lines.subList(blank + 1, answerAt)).strip();
    String answer = hub.raw(request(head, how, body));

    List<String> expected = lines.subList(answerAt + 1, lines.size());
    String first = expected.getFirst();
    assertThat(answer).startsWith("HTTP/1.1 " + first.substring(0, 3) + " OK\r\n");
    int end = answer.indexOf("\r\n\r\n");
    String headers = answer.substring(0, end + 2);
    assertThat(answer.substring(end + 4)).isEqualTo(first.substring(4));
    assertThat(headers).contains("\r\nContent-Type: application/json\r\n");
    assertThat(headers).doesNotContain("Location:", "Server:");
    List<String> claims = new ArrayList<>();
    for (String line : expected.subList(1, expected.size())) {
      if (line.startsWith("header ")) {
        assertThat(headers).contains("\r\n" + line.substring(7) + "\r\n");
      } else if (line.startsWith("payload ")) {
        Submission submission = hub.intake.submissions().get(line.charAt(8) - '0');
        assertThat(new String(submission.payload(), UTF_8)).isEqualTo(line.substring(10));
      } else if (!line.isBlank()) {
        claims.add(line);
      }
    }
    assertThat(hub.intake.submissions().stream().map(SdkContractTest::shown).toList())
        .isEqualTo(claims);
  }

  /** What is kept in the ledger gives the same submission when it is read again. */
  @ParameterizedTest
  @MethodSource("requests")
  void thePayloadAloneGivesTheSameClaim(String name) {
    theSdkIsAnsweredAsItNeeds(name);
    for (Submission submission : hub.intake.submissions()) {
      if (submission.claim() instanceof Claim.Event) {
        assertThat(submission.payload()).isEmpty();
        continue;
      }
      Submission again =
          SegmentEvents.read(
              submission.payload(), submission.claim().source(), submission.receivedAt());
      assertThat(again).usingRecursiveComparison().isEqualTo(submission);
    }
  }

  private static byte[] request(List<String> head, String how, String body) {
    byte[] sent = body.getBytes(UTF_8);
    if (how.contains("gzip")) {
      sent = Hub.gzip(sent);
    }
    String lines =
        String.join("\r\n", head)
            .replace("{host}", "127.0.0.1:" + hub.port())
            .replace("{length}", Integer.toString(sent.length));
    var request = new ByteArrayOutputStream();
    request.writeBytes((lines + "\r\n\r\n").getBytes(UTF_8));
    if (how.contains("chunked")) {
      int middle = sent.length / 2;
      chunk(request, sent, 0, middle);
      chunk(request, sent, middle, sent.length);
      request.writeBytes("0\r\n\r\n".getBytes(UTF_8));
    } else {
      request.writeBytes(sent);
    }
    return request.toByteArray();
  }

  private static void chunk(ByteArrayOutputStream request, byte[] bytes, int from, int to) {
    request.writeBytes((Integer.toHexString(to - from) + "\r\n").getBytes(UTF_8));
    request.write(bytes, from, to - from);
    request.writeBytes("\r\n".getBytes(UTF_8));
  }

  private static List<String> read(String name) {
    try {
      return Files.readAllLines(folder().resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String shown(Submission submission) {
    Claim claim = submission.claim();
    return switch (claim) {
      case Claim.Identify c ->
          "identify userId=%s name=%s email=%s billingUserId=%s billingId=%s at=%s traits=%s"
              .formatted(
                  shown(c.userId()),
                  shown(c.name()),
                  shown(c.email()),
                  shown(c.billingUserId()),
                  shown(c.billingId()),
                  shown(c.at()),
                  submission.traits() == null ? "-" : new String(submission.traits(), UTF_8));
      case Claim.Alias c ->
          "alias previousId=%s userId=%s at=%s"
              .formatted(shown(c.previousId()), shown(c.userId()), shown(c.at()));
      case Claim.Group c ->
          "group groupId=%s userId=%s name=%s domain=%s at=%s"
              .formatted(
                  shown(c.groupId()),
                  shown(c.userId()),
                  shown(c.name()),
                  shown(c.domain()),
                  shown(c.at()));
      case Claim.Delete c -> "delete userId=%s at=%s".formatted(shown(c.userId()), shown(c.at()));
      case Claim.Event c -> "event " + c.type();
      default -> throw new AssertionError(claim);
    };
  }

  private static String shown(Raw raw) {
    return switch (raw) {
      case Raw.Absent absent -> "-";
      case Raw.Text text -> '"' + text.value() + '"';
      case Raw.Number number -> number.literal();
      case Raw.Other other -> "<" + other.kind() + ">";
    };
  }

  private static Instant shown(long micros) {
    return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
  }
}
