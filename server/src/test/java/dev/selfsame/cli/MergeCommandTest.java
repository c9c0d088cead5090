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

/** {@code selfsame merge}. */
final class MergeCommandTest {
  @RegisterExtension static final TestDatabase hub = TestDatabase.migrated();
  @TempDir Path directory;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @AfterEach
  void sweep() {
    Sweep.invariants(hub);
  }

  @Test
  void users_are_named_by_identifier_or_id_shown_first_and_then_merged() throws IOException {
    hub.open();
    Path file = directory.resolve("users.csv");
    Files.writeString(
        file,
        """
        external_id,name,email,billing_id
        id1,Ann,ann@x.org,cus_1
        id2,Anne,anne@x.org,cus_2
        id3,Cy,ann@x.org,
        """);
    assertThat(run("import", file.toString())).isZero();
    out.getBuffer().setLength(0);
    String second = hub.rows("SELECT id FROM users WHERE external_id = 'id2'").getFirst();

    assertThat(run("merge", "external_id:id1", second, "--pick", "name=" + second, "--dry-run"))
        .isZero();
    assertThat(said())
        .startsWith("Nothing was written. This would be merged into the user below: " + second)
        .contains("  name: Anne\n")
        .contains("external_id:id2  former");
    assertThat(hub.rows("SELECT count(*) FROM user_merges")).containsExactly("0");

    assertThat(run("merge", "external_id:id1", second, "--pick", "name=" + second)).isZero();
    assertThat(said())
        .containsPattern("^Merged into the user below: " + second + " \\(merge \\d+\\)\n\nUser ")
        .contains("  external id: id1\n")
        .contains("  name: Anne\n");
    assertThat(hub.rows("SELECT external_id, name, email, billing_id FROM users ORDER BY id"))
        .containsExactly("id1|Anne|ann@x.org|cus_1", "id3|Cy|ann@x.org|");
    assertThat(hub.rows("SELECT payload::jsonb ->> 'by' FROM selfsame.ledger WHERE rule = 'M1'"))
        .containsExactly("cli:" + System.getProperty("user.name"));
    assertThat(run("explain", "external_id:id2")).isZero();
    assertThat(said()).contains("by hand  merged  M1");

    assertThat(run("merge", "external_id:id1", second)).as("absorbed").isEqualTo(3);
    assertThat(run("merge", "external_id:id1", "external_id:id2")).as("itself").isEqualTo(1);
    assertThat(run("merge", "external_id:id1", "external_id:id9")).as("nobody").isEqualTo(1);
    assertThat(run("merge", "external_id:id1", "email:ann@x.org")).as("several").isEqualTo(1);
    assertThat(run("merge", "external_id:id1", SampleUsers.id(9))).as("unknown").isEqualTo(1);
    assertThat(run("merge", "external_id:id1")).as("one user").isEqualTo(2);
    assertThat(run("merge", "external_id:id1", "id2")).as("no type").isEqualTo(2);
    assertThat(run("merge", "external_id:id1", ":id2")).as("no such type").isEqualTo(2);
    assertThat(run("merge", "external_id:id1", "external_id:id3", "--pick", "plan=external_id:id1"))
        .as("no such field")
        .isEqualTo(2);
    assertThat(out.toString()).isEmpty();
    assertThat(err.toString().lines().filter(line -> line.startsWith("selfsame: ")))
        .satisfiesExactly(
            line -> assertThat(line).contains("was merged into"),
            line -> assertThat(line).contains("with itself"),
            line -> assertThat(line).isEqualTo("selfsame: Nobody holds external_id:id9"),
            line -> assertThat(line).contains("Several users hold email:ann@x.org; name one by"),
            line -> assertThat(line).contains("There is no user " + SampleUsers.id(9)));
    assertThat(hub.rows("SELECT count(*) FROM user_merges")).containsExactly("1");
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
