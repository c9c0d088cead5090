package dev.selfsame.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.store.DatabaseAddress;
import dev.selfsame.testing.TestDatabase;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** {@code selfsame publish}. */
final class PublishCommandTest {
  @RegisterExtension static final TestDatabase hub = TestDatabase.migrated();
  @RegisterExtension static final TestDatabase warehouse = TestDatabase.empty();
  @TempDir private Path directory;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void who_is_who_goes_to_a_warehouse_and_to_files() throws IOException {
    hub.open();
    DatabaseAddress at = warehouse.address();
    Path password = directory.resolve("password");
    Files.writeString(password, String.valueOf(at.password()) + "\n");
    Path people =
        Files.writeString(directory.resolve("people.csv"), "external_id,email\n1,ann@x.org\n");
    assertThat(run("import", people.toString())).as(err.toString()).isZero();
    assertThat(
            run(
                "connection",
                "add",
                "dwh",
                "--url",
                at.url(),
                "--user",
                at.user(),
                "--password-file",
                password.toString()))
        .as(err.toString())
        .isZero();
    assertThat(run("publish", "add", "who")).isEqualTo(2);
    assertThat(run("publish", "add", "who", "--connection", "none")).isEqualTo(1);
    said();
    assertThat(
            run("publish", "add", "who", "--connection", "dwh", "--schema", "crm", "--every", "60"))
        .as(err.toString())
        .isZero();
    assertThat(said()).contains("Next: selfsame publish run who");
    assertThat(run("publish", "add", "who", "--connection", "dwh")).isEqualTo(3);
    assertThat(run("publish", "run", "who")).as(err.toString()).isZero();
    assertThat(said()).contains("user_identities", "1 rows", "All rows, up to position 1");
    assertThat(warehouse.rows("SELECT segment_id, email FROM crm.user_identities"))
        .containsExactly("1|ann@x.org");
    assertThat(run("publish", "run", "who")).isZero();
    assertThat(said()).contains("Nothing has changed since position 1");
    Files.writeString(people, "external_id,email\n2,bob@x.org\n");
    assertThat(run("import", people.toString())).isZero();
    assertThat(run("publish", "run", "who")).isZero();
    assertThat(said()).contains("What changed of 1 users, up to position 2");
    assertThat(run("publish", "list")).isZero();
    assertThat(said()).contains("dwh, schema crm", "every 60 s");
    assertThat(run("publish", "log", "who")).isZero();
    assertThat(said()).contains("all", "nothing", "changes", "cli:", "(3 rows)");
    assertThat(run("connection", "remove", "dwh")).isEqualTo(3);

    Path lake = directory.resolve("lake");
    assertThat(run("publish", "add", "lake", "--directory", lake.toString(), "--format", "csv"))
        .as(err.toString())
        .isZero();
    assertThat(run("publish", "run", "lake")).as(err.toString()).isZero();
    assertThat(lake.resolve("current/users.csv")).content().contains("ann@x.org", "bob@x.org");
    warehouse.sql("DROP TABLE crm.users");
    assertThat(run("publish", "run", "who")).isEqualTo(3);
    assertThat(err.toString()).contains("crm.users is gone", "--full");
    assertThat(run("publish", "run", "who", "--full")).as(err.toString()).isZero();
    assertThat(run("publish", "remove", "who")).isZero();
    assertThat(run("connection", "remove", "dwh")).isZero();
    assertThat(warehouse.rows("SELECT count(*) FROM crm.users")).containsExactly("2");
  }

  private String said() {
    String said = out.toString();
    out.getBuffer().setLength(0);
    return said;
  }

  private int run(String... words) {
    List<String> all = new ArrayList<>(List.of(words));
    all.addAll(List.of("--data", directory.toString(), "--database-url", hub.address().full()));
    return SelfsameCommand.commandLine(
            (start, progress) -> {
              throw new AssertionError("nothing is served");
            })
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(all.toArray(String[]::new));
  }
}
