package dev.selfsame.source.segment;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.intake.Submission;
import java.net.http.HttpResponse;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Valid bodies, broken in every way that chance finds. Another seed: -Dseed=…. */
@Tag("slow")
final class FuzzTest {

  private static final List<String> BODIES =
      List.of(
          "{\"batch\":[{\"type\":\"identify\",\"messageId\":\"m1\",\"userId\":\"u1\",\"timestamp\":\"2026-11-21T21:11:54.941Z\","
              + "\"traits\":{\"email\":\"ann@example.com\",\"name\":\"Ann\",\"plan\":\"pro\",\"n\":-1.5e3,\"tags\":[\"a\",{\"b\":null}],"
              + "\"address\":{\"city\":\"Z\\u00fcrich\",\"zip\":8001}},\"context\":{\"ip\":\"1.2.3.4\"},\"writeKey\":\"wk_test\"},"
              + "{\"type\":\"alias\",\"userId\":42,\"previousId\":\"u1\"},{\"type\":\"group\",\"groupId\":\"g\",\"userId\":\"u1\","
              + "\"traits\":{\"name\":\"Acme\",\"domain\":\"acme.example\"}},{\"type\":\"track\",\"event\":\"x\"},"
              + "{\"type\":\"delete\",\"userId\":\"u1\"}],\"context\":{\"library\":{\"name\":\"x\"},\"ip\":\"0\"},"
              + "\"integrations\":{\"All\":true},\"sentAt\":\"2026-11-21T21:11:59.941Z\",\"writeKey\":\"wk_test\"}",
          "{\"userId\":\"u1\",\"writeKey\":\"wk_test\",\"traits\":{\"email\":\"\\ud83d\\ude00@example.com\",\"billingUserId\":\"cus_1\"},"
              + "\"timestamp\":\"2026-11-21T21:11:54+01:00\",\"messageId\":\"m\"}");

  private static final List<String> SHARDS =
      List.of(
          "\"",
          "\\",
          "{",
          "}",
          "[",
          "]",
          ",",
          ":",
          "null",
          "true",
          "1e999",
          "-",
          "0",
          ".",
          "\\u0000",
          "\\ud800",
          "\\udc00",
          "\u0000",
          " ",
          "\n",
          "\"userId\":",
          "\"traits\":",
          "{}",
          "[]",
          "\"\"",
          "\uFEFF",
          "é",
          "[[[[[[[[[[[[[[[[",
          "\"type\":\"identify\",",
          "\"writeKey\":\"wk_test\",");

  private static final Pattern NUMBER = Pattern.compile("Number\\[literal=([^]]*)]");

  private final long seed = Long.getLong("seed", System.nanoTime());
  private final Random random = new Random(seed);

  /** General readers differ from ours in nothing but depth, which ours does not bound. */
  private final JsonMapper oracle =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(100_000)
                          .maxNumberLength(100_000)
                          .build())
                  .build())
          .build();

  @Test
  void nothingIsEverAServerError() {
    try (var hub = new Hub()) {
      int taken = 0;
      for (int i = 0; i < 2_000; i++) {
        int which = random.nextInt(BODIES.size());
        byte[] body = broken(BODIES.get(which).getBytes(UTF_8));
        HttpResponse<String> answer = hub.post(which == 0 ? "/v1/batch" : "/v1/identify", body);
        assertThat(answer.statusCode())
            .as("seed %d, body %s, answer %s", seed, new String(body, UTF_8), answer.body())
            .isIn(200, 400, 401);
        if (answer.statusCode() == 200) {
          taken++;
        }
      }
      assertThat(taken).as("seed %d", seed).isGreaterThan(50);
      for (Submission submission : hub.intake.submissions()) {
        assertKept(submission);
      }
    }
  }

  @Test
  void theCursorTakesWhatJacksonTakes() {
    for (int i = 0; i < 20_000; i++) {
      byte[] broken = broken(BODIES.get(random.nextInt(BODIES.size())).getBytes(UTF_8));
      byte[] body = withoutSurrogates(Utf8.valid(broken));
      assertThat(ours(body))
          .as("seed %d, body %s", seed, new String(body, UTF_8))
          .isEqualTo(oracle(body));
    }
  }

  /**
   * What is handed on is JSON that jsonb takes, and gives the same claim when it is read again.
   * Identifiers that it cannot hold as they were sent are left to {@code ReplayTest}.
   */
  private void assertKept(Submission submission) {
    if (submission.payload().length == 0) {
      return;
    }
    String payload = new String(submission.payload(), UTF_8);
    JsonNode tree = oracle.readTree(submission.payload());
    assertClean(tree, payload);
    assertThat(tree.has("writeKey")).as("seed %d, payload %s", seed, payload).isFalse();
    if (submission.traits() != null) {
      JsonNode traits = oracle.readTree(submission.traits());
      assertClean(traits, payload);
      assertThat(traits.propertyNames()).containsAll(submission.traitNames());
      assertThat(traits).allSatisfy(value -> assertThat(value.isValueNode()).isTrue());
    }
    Submission again =
        SegmentEvents.read(
            submission.payload(), submission.claim().source(), submission.receivedAt());
    String claim = submission.claim().toString();
    if (submission.warnings().isEmpty() && !broken(claim) && !outOfRange(claim)) {
      assertThat(again.claim())
          .as("seed %d, payload %s", seed, payload)
          .isEqualTo(submission.claim());
      assertThat(again.key()).as("seed %d, payload %s", seed, payload).isEqualTo(submission.key());
    }
  }

  private void assertClean(JsonNode node, String payload) {
    if (node.isString()) {
      assertThat(broken(node.asString())).as("seed %d, payload %s", seed, payload).isFalse();
    }
    for (String name : node.propertyNames()) {
      assertThat(broken(name)).as("seed %d, payload %s", seed, payload).isFalse();
    }
    for (JsonNode child : node) {
      assertClean(child, payload);
    }
  }

  private static boolean outOfRange(String claim) {
    return NUMBER
        .matcher(claim)
        .results()
        .map(number -> number.group(1).getBytes(UTF_8))
        .anyMatch(number -> Repair.value(number, 0, number.length)[0] == '"');
  }

  private static boolean broken(String text) {
    return !Repair.text(text).equals(text);
  }

  private byte[] broken(byte[] valid) {
    byte[] body = valid;
    for (int edits = random.nextInt(3); edits >= 0; edits--) {
      int at = random.nextInt(body.length);
      int to = Math.min(body.length, at + random.nextInt(1, 12));
      byte[] shard = SHARDS.get(random.nextInt(SHARDS.size())).getBytes(UTF_8);
      body =
          switch (random.nextInt(6)) {
            case 0 -> spliced(body, at, to, new byte[0]);
            case 1 -> spliced(body, at, at, shard);
            case 2 -> spliced(body, at, to, shard);
            case 3 -> spliced(body, at, at + 1, new byte[] {(byte) random.nextInt(256)});
            case 4 -> spliced(body, at, at, Arrays.copyOfRange(body, at, to));
            default -> spliced(body, at, at, inString(body, at, shard));
          };
      if (body.length == 0) {
        return valid;
      }
    }
    return body;
  }

  /**
   * Something to put between two characters of a string, so that more of the broken bodies are
   * JSON.
   */
  private byte[] inString(byte[] body, int at, byte[] shard) {
    boolean letter = Character.isLetter(body[at]);
    return letter
        ? List.of("\\u0000", "\\udfff", "\\n", "\\\"").get(random.nextInt(4)).getBytes(UTF_8)
        : shard;
  }

  private static byte[] spliced(byte[] body, int from, int to, byte[] with) {
    var out = new java.io.ByteArrayOutputStream();
    out.write(body, 0, from);
    out.writeBytes(with);
    out.write(body, to, body.length - to);
    return out.toByteArray();
  }

  private static boolean ours(byte[] body) {
    var cursor = new JsonCursor(body, TrackingRequest.start(body), body.length);
    try {
      cursor.skipValue();
      cursor.peek();
      return cursor.at == cursor.end;
    } catch (JsonCursor.Malformed e) {
      return false;
    }
  }

  /** Half a surrogate pair is JSON by the grammar, and Jackson refuses it. */
  private static byte[] withoutSurrogates(byte[] body) {
    return new String(body, UTF_8)
        .replaceAll("(?i)\\\\ud[89a-f][0-9a-f]{2}", "\\\\u0041")
        .getBytes(UTF_8);
  }

  private boolean oracle(byte[] body) {
    try (var parser =
        oracle.reader().without(StreamReadFeature.AUTO_CLOSE_SOURCE).createParser(body)) {
      int values = 0;
      int depth = 0;
      for (var token = parser.nextToken(); token != null; token = parser.nextToken()) {
        if (token.isStructStart()) {
          depth++;
        } else if (token.isStructEnd()) {
          depth--;
        } else if (token.isScalarValue()) {
          parser.getString();
        }
        if (depth == 0) {
          values++;
        }
      }
      return values == 1;
    } catch (JacksonException e) {
      return false;
    }
  }
}
