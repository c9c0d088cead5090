package dev.selfsame.sdk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.testing.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * One version of an SDK tried with every fault, and with an unknown key, at the same time: a source
 * and a {@link Line} for each, and one process that makes the same five calls over each of them.
 */
final class Trial implements AutoCloseable {
  private final String sdk;
  private static final String STRANGER = "-stranger";

  private final Map<Fault, Line> lines = new EnumMap<>(Fault.class);
  private final Line stranger;
  private final Path log;
  private final Process process;

  /**
   * Starts it.
   *
   * @param sdk name and version, as a part of ids: {@code java-3-5-4}
   * @param suffix what each URL has after the authority
   * @param command the program; {@code url key name} of each fault follows
   */
  Trial(RunningHub hub, String sdk, String suffix, Path directory, List<String> command)
      throws IOException {
    this.sdk = sdk;
    List<String> full = new ArrayList<>(command);
    for (Fault fault : Fault.values()) {
      Line line = new Line(hub.url(), fault);
      lines.put(fault, line);
      full.add("http://" + line.authority() + suffix);
      full.add(hub.writeKey(name(fault), true));
      full.add(name(fault));
    }
    stranger = new Line(hub.url(), Fault.NONE);
    full.addAll(
        List.of("http://" + stranger.authority() + suffix, "wk_nobody_knows", sdk + STRANGER));
    log = directory.resolve(sdk + ".log");
    process =
        new ProcessBuilder(full).redirectErrorStream(true).redirectOutput(log.toFile()).start();
  }

  /** Waits until every call is answered; what was said comes with the failure if one is not. */
  Trial await() throws Exception {
    boolean ended = process.waitFor(150, TimeUnit.SECONDS);
    String said = Files.readString(log);
    assertThat(ended).as("%s ends; it said: %s", sdk, said).isTrue();
    assertThat(process.exitValue()).as("%s said: %s", sdk, said).isZero();
    return this;
  }

  /** The source, and what the names of its users start with. */
  String name(Fault fault) {
    return sdk + "-" + fault.word();
  }

  Line line(Fault fault) {
    Line line = lines.get(fault);
    if (line == null) {
      throw new IllegalArgumentException(fault.name());
    }
    return line;
  }

  /** The SDK's own account: every call went through, none is reported twice or as failed. */
  void assertTheSdkIsContent(Fault fault) throws IOException {
    assertThat(
            Files.readString(log)
                .lines()
                .filter(line -> line.startsWith(name(fault) + " "))
                .toList())
        .containsExactlyInAnyOrder(
            name(fault) + " success identify",
            name(fault) + " success identify",
            name(fault) + " success group",
            name(fault) + " success alias",
            name(fault) + " success track");
  }

  /**
   * With a key that the hub does not know every call is reported as failed, after so many tries.
   */
  void assertAnUnknownKeyIsReported(int tries) throws IOException {
    List<String> said =
        Files.readString(log).lines().filter(line -> line.startsWith(sdk + STRANGER)).toList();
    for (String type : List.of("identify", "group", "alias", "track")) {
      assertThat(said).anyMatch(line -> line.startsWith(sdk + STRANGER + " failure " + type));
    }
    assertThat(said).noneMatch(line -> line.contains(" success "));
    assertThat(stranger.posts()).hasSize(tries);
  }

  /** Ours: what each call says of users and accounts took effect once, and once only. */
  void assertEachCallTookEffectOnce(TestDatabase database, RunningHub hub, Fault fault)
      throws Exception {
    String name = name(fault);
    assertThat(
            database.rows(
                "SELECT outcome, code FROM user_decisions WHERE source = '%s' ORDER BY position"
                    .formatted(name)))
        .as("one decision a call, and none for the track")
        .containsExactly("created|K3", "created|K3", "updated|H1", "merged|L2");
    assertThat(
            database.rows(
                "SELECT external_id, email, name, billing_id FROM users WHERE external_id LIKE"
                    + " '%s-%%'".formatted(name)))
        .containsExactly("%s-new|new@%s.example|New Name|cus_%s".formatted(name, name, name));
    assertThat(
            database.rows(
                "SELECT a.external_id, a.name, u.external_id FROM accounts a JOIN account_users l"
                    + " ON l.account_id = a.id JOIN users u ON u.id = l.user_id WHERE a.external_id"
                    + " LIKE '%s-%%'".formatted(name)))
        .containsExactly("%s-group|Group %s|%s-new".formatted(name, name, name));
    assertThat(
            database.rows(
                "SELECT type, sum(count) FROM event_counts WHERE source = '%s' GROUP BY 1 ORDER BY 1"
                    .formatted(name)))
        .as("what identifies nobody leaves nothing by which to know it again: counted each time")
        .containsExactlyElementsOf(
            fault == Fault.ANSWER_LOST ? List.of("repeat|4", "track|2") : List.of("track|1"));
    assertThat(
            database.rows(
                "SELECT id, plan FROM segment.users WHERE id LIKE '%s-%%' ORDER BY id DESC"
                    .formatted(name)))
        .containsExactly(name + "-old|", name + "-new|pro");
    assertThat(hub.get("/api/users?externalId=" + name + "-old"))
        .as("the alias finds the user")
        .contains("\"externalId\":\"" + name + "-new\"");
  }

  @Override
  public void close() {
    process.destroy();
    lines.values().forEach(Line::close);
    stranger.close();
  }
}
