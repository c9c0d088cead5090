package dev.selfsame.sdk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.testing.Sweep;
import dev.selfsame.testing.TestDatabase;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Segment's analytics-java, 3.5.4 and 3.3.1, each in a JVM with its own jars. */
@Tag("slow")
final class JavaSdkIT {
  @RegisterExtension static final TestDatabase database = TestDatabase.empty();
  private static final Path PROGRAM = Path.of("src", "test", "sdk", "java", "Send.java");
  private static final String NEW = "java-3-5-4";
  private static final String OLD = "java-3-3-1";
  private static final JsonMapper JSON = JsonMapper.builder().build();

  @TempDir static Path directory;
  private static RunningHub hub;
  private static Map<String, Trial> trials;

  @BeforeAll
  static void tryBoth() throws Exception {
    hub = RunningHub.start(database, directory);
    // A slash at the end of the endpoint makes the SDK send to //v1/import/.
    Trial newer = new Trial(hub, NEW, "/", directory, command("3.5.4"));
    Trial older = new Trial(hub, OLD, "", directory, command("3.3.1"));
    trials = Map.of(NEW, newer, OLD, older);
    newer.await();
    older.await();
  }

  private static List<String> command(String version) {
    Path jars = RunningHub.JAR.resolveSibling("sdk").resolve("analytics-java-" + version);
    assertThat(jars).as("made by the build before these tests").isNotEmptyDirectory();
    return List.of(
        RunningHub.java().toString(),
        "-Xmx128m",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-cp",
        jars + "/*",
        PROGRAM.toString());
  }

  @AfterAll
  static void stop() throws Exception {
    if (trials != null) {
      trials.values().forEach(Trial::close);
    }
    if (hub != null) {
      hub.close();
    }
  }

  private static Trial trial(String sdk) {
    return Objects.requireNonNull(trials.get(sdk));
  }

  @ParameterizedTest
  @EnumSource(Fault.class)
  void every_call_of_3_5_4_takes_effect_once(Fault fault) throws Exception {
    trial(NEW).assertTheSdkIsContent(fault);
    trial(NEW).assertEachCallTookEffectOnce(database, hub, fault);
  }

  @ParameterizedTest
  @EnumSource(Fault.class)
  void every_call_of_3_3_1_takes_effect_once(Fault fault) throws Exception {
    trial(OLD).assertTheSdkIsContent(fault);
    trial(OLD).assertEachCallTookEffectOnce(database, hub, fault);
  }

  @Test
  void the_invariants_hold_afterwards() {
    Sweep.invariants(database);
  }

  @Test
  void a_newer_sdk_has_its_key_in_the_body_alone() {
    Line.Seen seen = trial(NEW).line(Fault.NONE).posts().getFirst();
    assertThat(seen.target()).isEqualTo("//v1/import/");
    assertThat(seen.header("User-Agent")).isEqualTo("analytics-java/3.5.4");
    assertThat(seen.header("Authorization")).isEmpty();
    assertThat(batch(seen).path("writeKey").asString()).startsWith("wk_");
  }

  @Test
  void an_older_sdk_has_its_key_in_the_header_alone() {
    Line.Seen seen = trial(OLD).line(Fault.NONE).posts().getFirst();
    assertThat(seen.target()).isEqualTo("/v1/import/");
    assertThat(seen.header("User-Agent")).isEqualTo("analytics-java/3.3.1");
    assertThat(seen.header("Authorization")).startsWith("Basic ");
    assertThat(batch(seen).has("writeKey")).isFalse();
  }

  /** It does not read Retry-After, and a repeat has the time at which the first was sent. */
  @ParameterizedTest
  @CsvSource({
    "java-3-5-4, TOO_BUSY",
    "java-3-5-4, AWAY",
    "java-3-5-4, REQUEST_LOST",
    "java-3-5-4, ANSWER_LOST",
    "java-3-3-1, TOO_BUSY",
    "java-3-3-1, AWAY",
    "java-3-3-1, REQUEST_LOST",
    "java-3-3-1, ANSWER_LOST"
  })
  void a_repeat_comes_after_fifteen_seconds_and_is_the_same_to_the_letter(String sdk, Fault fault) {
    Line line = trial(sdk).line(fault);
    assertThat(line.posts()).hasSize(2);
    assertThat(line.pause()).isBetween(Duration.ofSeconds(14), Duration.ofSeconds(60));
    Line.Seen again = line.posts().get(1);
    assertThat(again.body()).isEqualTo(line.posts().get(0).body());
    assertThat(again.header("X-Retry-Count")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {NEW, OLD})
  void an_unknown_key_is_reported_at_once(String sdk) throws Exception {
    trial(sdk).assertAnUnknownKeyIsReported(1);
  }

  private static JsonNode batch(Line.Seen seen) {
    JsonNode body = JSON.readTree(seen.body());
    assertThat(body.path("batch").size()).isEqualTo(5);
    return body;
  }
}
