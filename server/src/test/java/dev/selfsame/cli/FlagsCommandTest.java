package dev.selfsame.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.testing.SampleUsers;
import dev.selfsame.testing.Sweep;
import dev.selfsame.testing.TestDatabase;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** {@code selfsame flags}, {@code keep-apart} and {@code bars}. */
final class FlagsCommandTest {
  @RegisterExtension static final TestDatabase hub = TestDatabase.migrated();
  @TempDir Path directory;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @AfterEach
  void sweep() {
    Sweep.invariants(hub);
  }

  @Test
  void flags_are_listed_and_settled() throws IOException {
    hub.open();
    Path file = directory.resolve("users.csv");
    Files.writeString(
        file,
        """
        external_id,name,email
        id1,Ann,ann@x.org
        id2,Anne,ann@x.org
        id3,Cy,cy@x.org
        id4,Cyd,cy@x.org
        """);
    assertThat(run("import", file.toString())).isZero();
    out.getBuffer().setLength(0);

    assertThat(run("flags")).isZero();
    assertThat(said())
        .contains("same_email", "email:ann@x.org", "external_id:id3, external_id:id4", "(2 rows)")
        .endsWith("In all: 2 same_email\n");
    assertThat(run("flags", "--user", "external_id:id1", "--json")).isZero();
    String json = said();
    assertThat(json).contains("\"about\":\"email:ann@x.org\"").doesNotContain("cy@x.org", "In all");
    String id = json.replaceAll("(?s).*\"id\":\"([^\"]+)\".*", "$1");

    assertThat(run("flags", "resolve", id, "--merge", "--dry-run")).isZero();
    String merged = said();
    assertThat(merged)
        .startsWith("Nothing was written. The flag " + id + " (same_email) is open")
        .contains("\nThis would be merged into the user below: ", "  external id: id1\n")
        .containsPattern(
            "  What changes\n    external_id:id2  of [0-9a-f-]{36}, becomes former\n    email:");
    assertThat(run("flags", "resolve", id, "--merge", "--preview")).isZero();
    assertThat(said().replaceAll(", updated \\S+", ""))
        .isEqualTo(merged.replaceAll(", updated \\S+", ""));
    assertThat(run("flags", "resolve", id, "--keep-apart", "--dry-run")).isZero();
    assertThat(said())
        .matches(
            "Nothing was written. The flag %s \\(same_email\\) is open\nThese would be kept apart: %s\n"
                .formatted(id, UUIDS));
    assertThat(run("flags", "resolve", id, "--dismiss", "--preview")).isZero();
    assertThat(said())
        .isEqualTo("Nothing was written. The flag %s (same_email) is open\n".formatted(id));
    assertThat(run("flags", "resolve", id, "--keep-apart", "--reason", "twins")).isZero();
    String by = "cli:" + System.getProperty("user.name");
    assertThat(said())
        .isEqualTo("The flag %s (same_email) is closed (keep_apart, %s)\n".formatted(id, by));
    assertThat(run("flags", "resolve", id, "--dismiss")).as("closed").isEqualTo(3);
    assertThat(run("flags", "--state", "closed")).isZero();
    assertThat(said()).contains("keep_apart", by, "(1 row)");

    assertThat(run("bars")).isZero();
    assertThat(said()).contains("M2", by, "(1 row)");
    assertThat(run("bars", "--user", "external_id:id3", "--json")).isZero();
    assertThat(said()).isEqualTo("[]\n");
    assertThat(run("keep-apart", "external_id:id1", "external_id:id2")).isZero();
    assertThat(said()).isEqualTo("They were kept apart already.\n");
    for (String dry : List.of("--dry-run", "--preview")) {
      assertThat(run("keep-apart", "external_id:id1", "external_id:id2", "--lift", dry)).isZero();
      assertThat(said()).isEqualTo("Nothing was written. They may be joined again.\n");
    }
    assertThat(run("keep-apart", "external_id:id1", "external_id:id2", "--lift")).isZero();
    assertThat(said()).isEqualTo("They may be joined again.\n");
    assertThat(run("flags", "resolve", id, "--merge", "--survivor", "external_id:id2")).isZero();
    assertThat(said())
        .contains("is closed (merge, " + by + ")\nMerged into the user below: ")
        .contains("  external id: id2\n");

    assertThat(run("flags", "resolve", id)).as("no action").isEqualTo(2);
    assertThat(run("flags", "resolve", id, "--merge", "--dismiss")).as("two").isEqualTo(2);
    assertThat(run("flags", "resolve", "9.9", "--dismiss")).as("unknown").isEqualTo(1);
    assertThat(run("flags", "--kind", "same_mail")).as("no such kind").isEqualTo(2);
    assertThat(run("flags", "--state", "gone")).as("no such state").isEqualTo(2);
    assertThat(run("bars", "--limit", "0")).as("limit").isEqualTo(2);
    assertThat(run("keep-apart", "external_id:id1")).as("one user").isEqualTo(2);
    assertThat(run("keep-apart", "external_id:id3", "external_id:id3")).as("itself").isEqualTo(1);
    assertThat(run("keep-apart", "external_id:id3", SampleUsers.id(9))).as("unknown").isEqualTo(1);
    assertThat(out.toString()).isEmpty();
    assertThat(err.toString()).contains("did you mean same_email?");
  }

  private static final String UUIDS = "[0-9a-f-]{36}, [0-9a-f-]{36}";

  private String said() {
    String said = out.toString();
    out.getBuffer().setLength(0);
    return said;
  }

  private int run(String... words) {
    List<String> all = new ArrayList<>(List.of(words));
    all.addAll(List.of("--database-url", hub.address().full()));
    return SelfsameCommand.commandLine(
            (start, progress) -> {
              throw new AssertionError("nothing is served");
            })
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(all.toArray(String[]::new));
  }
}
