package dev.selfsame.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.store.DatabaseAddress;
import dev.selfsame.testing.Sweep;
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

/** {@code selfsame connection} and {@code selfsame source}. */
final class SourceCommandTest {
  @RegisterExtension static final TestDatabase hub = TestDatabase.migrated();
  @RegisterExtension static final TestDatabase warehouse = TestDatabase.empty();
  @TempDir private Path directory;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void users_come_from_a_warehouse() throws IOException {
    hub.open();
    warehouse.sql(
        "CREATE TABLE people (id text, email text, plan text); INSERT INTO people VALUES ('1',"
            + " 'ann@x.org', 'pro'), (NULL, 'cy@x.org', NULL)");
    DatabaseAddress at = warehouse.address();
    Path password = directory.resolve("password");
    Files.writeString(password, String.valueOf(at.password()) + "\n");
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
    assertThat(said()).contains("Added dwh", "It answers within ");
    assertThat(run("connection", "list")).isZero();
    assertThat(said())
        .contains("dwh", "postgresql", "kept")
        .doesNotContain(String.valueOf(at.password()));
    assertThat(run("connection", "test", "dwh")).isZero();
    assertThat(said()).contains("dwh answers within ");

    Path query = directory.resolve("users.sql");
    Files.writeString(
        query,
        "SELECT * FROM people WHERE now() > $LAST_SYNC_TIMESTAMP ORDER BY id; -- all of them\n");
    assertThat(
            run("source", "add", "users", "--connection", "dwh", "--query-file", query.toString()))
        .as(err.toString())
        .isZero();
    assertThat(run("source", "run", "users")).isEqualTo(3);
    assertThat(err.toString()).contains("source configure users");
    said();
    assertThat(run("source", "preview", "users", "--rows", "2")).isZero();
    assertThat(said()).contains("looks_like", "ann@x.org", "(2 rows)", "asks for what is new");
    assertThat(
            run(
                "source",
                "configure",
                "users",
                "--external-id",
                "id",
                "--email",
                "email",
                "--trait",
                "plan"))
        .as(err.toString())
        .isZero();
    said();
    assertThat(run("source", "run", "users")).as(err.toString()).isZero();
    assertThat(said())
        .contains("V4 1, V7 1", "row 2: rejected, no_id", "The next run asks for rows since 20");
    assertThat(run("source", "enable", "users", "--every", "often")).isEqualTo(1);
    assertThat(err.toString()).contains("15m, 6h, 1d");
    assertThat(run("source", "enable", "users", "--cron", "0 6 * * *", "--left-rows", "report"))
        .as(err.toString())
        .isZero();
    assertThat(said()).contains("users runs next at ", "T06:00:00Z");
    assertThat(run("source", "pause", "users")).isZero();
    assertThat(run("source", "list")).isZero();
    assertThat(said()).contains("users", "dwh", "create", "0 6 * * *, paused");
    assertThat(run("source", "pause", "users", "--resume")).isZero();
    assertThat(run("source", "enable", "users", "--shadow")).isZero();
    assertThat(said()).contains("users runs by hand");
    assertThat(run("source", "run", "users")).as(err.toString()).isZero();
    assertThat(said()).contains("Nothing was done.");
    assertThat(run("source", "enable", "users")).isZero();
    assertThat(run("source", "cancel", "users")).isEqualTo(3);
    assertThat(err.toString()).contains("No run of users is under way");
    said();
    assertThat(run("source", "log", "users")).isZero();
    assertThat(said()).contains("done", "cli:", "(2 rows)");
    assertThat(run("connection", "remove", "dwh")).isEqualTo(3);
    assertThat(run("source", "add", "x", "--connection", "dwh")).isEqualTo(2);
    assertThat(hub.rows("SELECT external_id, email FROM users")).containsExactly("1|ann@x.org");
    Sweep.invariants(hub);
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
