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

/** {@code selfsame erase}, {@code suppressions} and {@code audit}. */
final class EraseCommandTest {
  @RegisterExtension static final TestDatabase hub = TestDatabase.migrated();
  @TempDir Path directory;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @AfterEach
  void sweep() {
    Sweep.invariants(hub);
  }

  @Test
  void the_example_of_the_guide_does_what_it_says() throws IOException {
    hub.open();
    Path file = directory.resolve("users.csv");
    Files.writeString(
        file,
        """
        external_id,name,email,billing_id
        ann,Ann,ann@example.com,cus_1
        bob,Bob,bob@example.com,
        cy,Cy,bob@example.com,
        """);
    assertThat(run("import", file.toString())).isZero();
    List<String> commands =
        Files.readAllLines(Path.of("..", "docs", "erasure.md")).stream()
            .filter(line -> line.startsWith("selfsame "))
            .map(line -> line.substring("selfsame ".length()))
            .toList();
    assertThat(commands).hasSize(5);

    says(commands.get(0), "Nothing was erased. This would go:", "  users: 1", "  identifiers: 3");
    assertThat(hub.rows("SELECT count(*) FROM users")).containsExactly("3");
    says(commands.get(1), "Erased (erasure ", "  users: 1", "  suppressions: 3");
    assertThat(hub.rows("SELECT external_id FROM users ORDER BY 1")).containsExactly("bob", "cy");
    says("suppressions", "hash");
    assertThat(run("import", file.toString())).as("K22: the row goes by").isZero();
    assertThat(hub.rows("SELECT external_id FROM users ORDER BY 1")).containsExactly("bob", "cy");
    says(commands.get(2), "Lifted: it can come back");
    says(commands.get(3), "Lifted: it can come back");
    says(
        commands.get(4), "cli:" + System.getProperty("user.name"), "erased", "{\"suppress\":true}");
    assertThat(run("import", file.toString())).isZero();
    assertThat(hub.rows("SELECT external_id, email FROM users ORDER BY 1"))
        .containsExactly("ann|ann@example.com", "bob|bob@example.com", "cy|bob@example.com");

    assertThat(run("erase", "email:bob@example.com")).as("several").isEqualTo(3);
    assertThat(err.toString()).contains("Several users have the email: ");
    assertThat(run("erase", "external_id:nobody")).as("nobody").isEqualTo(1);
    assertThat(run("erase", "nobody")).as("no type").isEqualTo(2);
    assertThat(run("erase", "id:nobody")).as("no id").isEqualTo(2);
    assertThat(run("suppressions", "lift", "external_id:ann")).as("lifted already").isEqualTo(1);
    assertThat(run("suppressions", "drop", "external_id:ann")).isEqualTo(2);
    assertThat(run("audit", "--from", "yesterday")).isEqualTo(2);
    assertThat(run("audit", "--act", "undone")).isEqualTo(2);
    assertThat(err.toString()).contains("--act: there is no act undone; did you mean undo? Known:");
  }

  @Test
  void what_suppressions_lists_can_be_lifted_by_its_hash() throws IOException {
    hub.open();
    Path file = directory.resolve("users.csv");
    Files.writeString(file, "external_id\ndee\n");
    assertThat(run("import", file.toString())).isZero();
    assertThat(run("erase", "external_id:dee", "--suppress")).isZero();
    out.getBuffer().setLength(0);
    assertThat(run("suppressions")).isZero();
    String hash = out.toString().lines().skip(2).findFirst().orElseThrow().split(" ", -1)[0];
    says("suppressions lift " + hash, "Lifted: it can come back");
  }

  @Test
  void keys_and_backups_are_acts_too() {
    hub.open();
    assertThat(run("keys", "create", "--token", "--name", "etl", "--scope", "write")).isZero();
    String id = hub.rows("SELECT id FROM selfsame.token WHERE name = 'etl'").getFirst();
    assertThat(run("keys", "revoke", id)).isZero();
    assertThat(run("keys", "pages", "on", "segment")).isZero();
    assertThat(run("backup", directory.resolve("hub.backup").toString())).isZero();
    out.getBuffer().setLength(0);
    says("audit --act create_key", "cli:", "\"name\":\"etl\"", "\"scope\":\"write\"");
    says("audit --act revoke_key", id);
    says("audit --act land_pages", "\"source\":\"segment\"");
    says("audit --act backup", "hub.backup");
    says("audit --to 2020-01-01T00:00:00Z", "");
    assertThat(out.toString()).isEmpty();
  }

  private void says(String command, String... parts) {
    out.getBuffer().setLength(0);
    assertThat(run(command.split(" ", -1))).as(command + ": " + err).isZero();
    assertThat(out.toString()).contains(parts);
  }

  private int run(String... words) {
    List<String> all = new ArrayList<>(List.of(words));
    boolean nested = List.of("keys").contains(all.getFirst());
    all.addAll(nested ? 2 : 1, List.of("--database-url", hub.address().full()));
    return SelfsameCommand.commandLine(
            (start, progress) -> {
              throw new AssertionError("nothing is served");
            })
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(all.toArray(String[]::new));
  }
}
