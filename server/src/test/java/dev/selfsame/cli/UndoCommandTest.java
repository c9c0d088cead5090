package dev.selfsame.cli;

import static org.assertj.core.api.Assertions.assertThat;

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

/** {@code selfsame merges}, {@code undo} and {@code move-identifier}. */
final class UndoCommandTest {
  @RegisterExtension static final TestDatabase hub = TestDatabase.migrated();
  @TempDir Path directory;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @AfterEach
  void sweep() {
    Sweep.invariants(hub);
  }

  @Test
  void a_merge_is_listed_shown_taken_back_and_one_identifier_moved() throws IOException {
    hub.open();
    Path file = directory.resolve("users.csv");
    Files.writeString(
        file,
        """
        external_id,name,email,billing_id
        id1,Ann,ann@x.org,cus_1
        id2,Anne,anne@x.org,cus_2
        """);
    assertThat(run("import", file.toString())).isZero();
    assertThat(run("merges")).isZero();
    assertThat(err.toString()).contains("There are no such merges.");
    assertThat(run("merge", "external_id:id1", "external_id:id2")).isZero();
    String merge = hub.rows("SELECT merge_id FROM user_merges").getFirst();
    said();

    assertThat(run("merges", "--user", "external_id:id2")).isZero();
    assertThat(said())
        .startsWith(merge + "  ")
        .contains("  M1  ", "by cli:")
        .doesNotContain("undone");

    assertThat(run("undo", merge, "--preview")).isZero();
    String foreseen = said();
    assertThat(run("undo", merge, "--dry-run")).isZero();
    assertThat(untimed(said())).isEqualTo(untimed(foreseen));
    assertThat(foreseen)
        .startsWith("Nothing was written. ")
        .contains("  name: Ann\n", "  name: Anne\n");
    assertThat(hub.rows("SELECT count(*) FROM users")).containsExactly("1");
    assertThat(run("undo", merge)).isZero();
    assertThat(said()).startsWith("The merge " + merge + " is undone.");
    assertThat(hub.rows("SELECT external_id, name, email, billing_id FROM users ORDER BY id"))
        .containsExactly("id1|Ann|ann@x.org|cus_1", "id2|Anne|anne@x.org|cus_2");
    assertThat(run("merges", "--state", "undone")).isZero();
    assertThat(said()).contains("; undone ", " by cli:");
    assertThat(run("explain", "external_id:id2")).isZero();
    assertThat(said()).contains("by hand  undone  U1");

    assertThat(run("move-identifier", "email:anne@x.org", "--to", "external_id:id1", "--preview"))
        .isZero();
    assertThat(said()).startsWith("Nothing was written.");
    assertThat(
            run(
                "move-identifier",
                "email:anne@x.org",
                "--to",
                "external_id:id1",
                "--current",
                "true"))
        .isZero();
    assertThat(said()).startsWith("Moved.").contains("email:ann@x.org  former");
    assertThat(hub.rows("SELECT external_id, email FROM users ORDER BY id"))
        .containsExactly("id1|anne@x.org", "id2|");

    err.getBuffer().setLength(0);
    assertThat(run("undo", merge)).as("twice").isEqualTo(3);
    assertThat(run("undo", "77777")).as("no such merge").isEqualTo(1);
    assertThat(run("undo")).as("no merge").isEqualTo(2);
    assertThat(run("merges", "--state", "gone")).as("no such state").isEqualTo(2);
    assertThat(run("merges", "--limit", "0")).as("no such limit").isEqualTo(2);
    assertThat(run("move-identifier", "anne@x.org", "--to", "external_id:id1")).isEqualTo(2);
    assertThat(run("move-identifier", "email:anne@x.org", "--to", "external_id:id1")).isEqualTo(1);
    assertThat(out.toString()).isEmpty();
    assertThat(err.toString().lines().filter(line -> line.startsWith("selfsame: ")))
        .satisfiesExactly(
            line -> assertThat(line).contains("is undone already"),
            line -> assertThat(line).contains("There is no merge 77777"),
            line -> assertThat(line).contains("to move to the user that has it"));
  }

  /** A preview says that the users would change now. */
  private static String untimed(String text) {
    return text.replaceAll(", updated \\S+", "");
  }

  private String said() {
    String text = out.toString();
    out.getBuffer().setLength(0);
    return text;
  }

  private int run(String... words) {
    List<String> all = new ArrayList<>(List.of(words));
    all.addAll(1, List.of("--database-url", hub.address().full()));
    return SelfsameCommand.commandLine(
            (start, progress) -> {
              throw new AssertionError("nothing is served");
            })
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(all.toArray(String[]::new));
  }
}
