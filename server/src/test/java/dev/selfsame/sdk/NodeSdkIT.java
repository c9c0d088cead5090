package dev.selfsame.sdk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.testing.NodePackages;
import dev.selfsame.testing.Sweep;
import dev.selfsame.testing.TestDatabase;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Segment's @segment/analytics-node, 3.1 and 2.1, run by Node.js. */
@Tag("slow")
final class NodeSdkIT {
  @RegisterExtension static final TestDatabase database = TestDatabase.empty();
  private static final JsonMapper JSON = JsonMapper.builder().build();

  @TempDir static Path directory;
  private static RunningHub hub;
  private static Trial three;
  private static Trial two;

  @BeforeAll
  static void tryBoth() throws Exception {
    Path packages = NodePackages.install(Path.of("src", "test", "sdk", "node"));
    String script = packages.resolve("send.mjs").toString();
    hub = RunningHub.start(database, directory);
    // What the host has after its port is lost: the SDK sends to its own path in any case.
    three =
        new Trial(hub, "node-3-1", "/lost", directory, List.of("node", script, "analytics-node-3"));
    two = new Trial(hub, "node-2-1", "", directory, List.of("node", script, "analytics-node-2"));
    three.await();
    two.await();
  }

  @AfterAll
  static void stop() throws Exception {
    if (three != null) {
      three.close();
    }
    if (two != null) {
      two.close();
    }
    if (hub != null) {
      hub.close();
    }
  }

  @ParameterizedTest
  @EnumSource(Fault.class)
  void every_call_of_3_1_takes_effect_once(Fault fault) throws Exception {
    three.assertTheSdkIsContent(fault);
    three.assertEachCallTookEffectOnce(database, hub, fault);
  }

  @ParameterizedTest
  @EnumSource(Fault.class)
  void every_call_of_2_1_takes_effect_once(Fault fault) throws Exception {
    two.assertTheSdkIsContent(fault);
    two.assertEachCallTookEffectOnce(database, hub, fault);
  }

  @Test
  void the_invariants_hold_afterwards() {
    Sweep.invariants(database);
  }

  @Test
  void version_3_1_has_its_key_in_header_and_body() {
    Line.Seen seen = three.line(Fault.NONE).posts().getFirst();
    assertThat(seen.target()).isEqualTo("/v1/batch");
    assertThat(seen.header("User-Agent")).isEqualTo("analytics-node-next/latest");
    assertThat(seen.header("Authorization")).startsWith("Basic ");
    assertThat(batch(seen).path("writeKey").asString()).startsWith("wk_");
  }

  @Test
  void version_2_1_has_its_key_in_the_body_alone() {
    Line.Seen seen = two.line(Fault.NONE).posts().getFirst();
    assertThat(seen.target()).isEqualTo("/v1/batch");
    assertThat(seen.header("User-Agent")).isEqualTo("analytics-node-next/latest");
    assertThat(seen.header("Authorization")).isEmpty();
    assertThat(batch(seen).path("writeKey").asString()).startsWith("wk_");
  }

  @Test
  void version_3_1_waits_as_long_as_it_is_told() {
    assertThat(three.line(Fault.TOO_BUSY).pause()).isGreaterThanOrEqualTo(Fault.RETRY_AFTER);
  }

  @Test
  void version_2_1_does_not_wait_as_it_is_told() {
    assertThat(two.line(Fault.TOO_BUSY).pause()).isLessThan(Fault.RETRY_AFTER);
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
  void version_3_1_counts_its_repeats_and_dates_them_anew(Fault fault) {
    List<Line.Seen> posts = three.line(fault).posts();
    assertThat(posts).hasSize(2);
    assertThat(posts.get(0).header("X-Retry-Count")).isEmpty();
    assertThat(posts.get(1).header("X-Retry-Count")).isEqualTo("1");
    assertSameEventsDatedAnew(posts);
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
  void version_2_1_dates_its_repeats_anew_and_does_not_count_them(Fault fault) {
    List<Line.Seen> posts = two.line(fault).posts();
    assertThat(posts).hasSize(2);
    assertThat(posts.get(1).header("X-Retry-Count")).isEmpty();
    assertSameEventsDatedAnew(posts);
  }

  @Test
  void version_3_1_reports_an_unknown_key_at_once() throws Exception {
    three.assertAnUnknownKeyIsReported(1);
  }

  @Test
  void version_2_1_reports_an_unknown_key_after_three_more_tries() throws Exception {
    two.assertAnUnknownKeyIsReported(4);
  }

  private static void assertSameEventsDatedAnew(List<Line.Seen> posts) {
    JsonNode first = batch(posts.get(0));
    JsonNode again = batch(posts.get(1));
    assertThat(again.path("batch")).isEqualTo(first.path("batch"));
    assertThat(again.path("sentAt").asString()).isGreaterThan(first.path("sentAt").asString());
  }

  private static JsonNode batch(Line.Seen seen) {
    JsonNode body = JSON.readTree(seen.body());
    assertThat(body.path("batch").size()).isEqualTo(5);
    return body;
  }
}
