package dev.selfsame.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.testing.TestDatabase;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Spaces on the command line, and in a backup. */
final class SpacesCommandTest {
  @RegisterExtension static final TestDatabase hub = TestDatabase.migrated();
  @RegisterExtension static final TestDatabase target = TestDatabase.empty();
  @TempDir static Path directory;

  @BeforeAll
  static void acme() throws Exception {
    assertThat(run(0, "spaces", "create", "acme")).contains("keys create --space acme");
    for (String space : List.of("acme", "default")) {
      Path users = directory.resolve(space + ".csv");
      Files.writeString(users, "external_id,email,name\nu1,ann@x.org,Ann of %s\n".formatted(space));
      run(0, "import", users.toString(), "--space", space);
    }
  }

  private static String run(int status, String... words) {
    return run(hub, status, words);
  }

  private static String run(TestDatabase on, int status, String... words) {
    List<String> all = new ArrayList<>(List.of(words));
    all.addAll(List.of("--database-url", on.address().full()));
    StringWriter out = new StringWriter();
    int given =
        SelfsameCommand.commandLine(
                (start, progress) -> {
                  throw new AssertionError("nothing is served");
                })
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(out, true))
            .execute(all.toArray(String[]::new));
    assertThat(given).as(out.toString()).isEqualTo(status);
    return out.toString();
  }

  @Test
  void commands_are_about_the_space_that_they_name() {
    assertThat(run(0, "spaces", "list")).contains("default").contains("acme");
    assertThat(run(0, "lookup", "ann@x.org", "--space", "acme")).contains("Ann of acme");
    assertThat(run(0, "lookup", "ann@x.org")).contains("Ann of default");
    String sql = "SELECT name FROM users";
    assertThat(run(0, "query", sql, "--space", "acme", "--format", "csv"))
        .contains("Ann of acme")
        .doesNotContain("default");
    assertThat(run(0, "query", sql, "--format", "csv"))
        .contains("Ann of default")
        .doesNotContain("acme");
    assertThat(run(0, "connect", "--space", "acme"))
        .startsWith("postgresql://selfsame_reader_")
        .isNotEqualTo(run(0, "connect"));
    assertThat(run(0, "keys", "create", "--space", "acme", "--token")).startsWith("sst_");
    assertThat(run(0, "keys", "create", "--space", "acme")).startsWith("wk_");
    assertThat(run(0, "keys", "create", "--space", "acme", "--hook", "relay"))
        .contains("/hooks/segment/relay");
    assertThat(hub.rows("SELECT space FROM selfsame.token WHERE space = 2")).containsExactly("2");
    assertThat(hub.rows("SELECT space FROM selfsame.write_key")).containsExactly("2");
    assertThat(hub.rows("SELECT space FROM selfsame.hook")).containsExactly("2");
    assertThat(run(0, "keys", "list")).contains("acme");
    assertThat(run(0, "audit", "--space", "acme")).contains("create_key");
    assertThat(run(0, "audit")).contains("create_space").doesNotContain("create_key");
  }

  @Test
  void a_space_that_there_is_not_is_named() {
    for (String command : List.of("lookup ann@x.org", "audit", "policy show", "keys create")) {
      List<String> words = new ArrayList<>(List.of(command.split(" ", -1)));
      words.addAll(List.of("--space", "acmee"));
      assertThat(run(1, words.toArray(String[]::new)))
          .as(command)
          .contains("There is no space acmee");
    }
    assertThat(run(3, "spaces", "create", "acme")).contains("There is a space acme already");
    assertThat(run(1, "spaces", "create", "Acme")).contains("1 to 40 of a-z, 0-9 and _");
    assertThat(run(2, "land", "x.csv", "--table", "stripe.customers", "--space", "acme"))
        .as("rows of tools land in the first space alone")
        .contains("--space");
  }

  @Test
  void a_backup_has_all_spaces_and_what_their_readers_see_is_made_anew() {
    Path file = directory.resolve("hub.backup");
    run(0, "backup", file.toString());
    run(target, 0, "restore", file.toString());
    assertThat(run(target, 0, "query", "SELECT name FROM users", "--space", "acme"))
        .contains("Ann of acme")
        .doesNotContain("default");
    assertThat(run(target, 0, "query", "SELECT name FROM users"))
        .contains("Ann of default")
        .doesNotContain("acme");
    assertThat(run(target, 0, "lookup", "ann@x.org", "--space", "acme")).contains("Ann of acme");
  }
}
