package dev.selfsame.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.selfsame.store.DatabaseAddress;
import dev.selfsame.testing.SampleUsers;
import dev.selfsame.testing.TestDatabase;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

final class CommandsTest {
  @RegisterExtension static final TestDatabase hub = TestDatabase.migrated();
  @TempDir Path directory;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeAll
  static void users() {
    hub.open();
    SampleUsers.insert(hub);
  }

  @Test
  void query_without_a_statement_shows_the_identities() {
    assertThat(run("query", "--format", "csv")).isZero();
    assertThat(out.toString())
        .startsWith("segment_id,email,zendesk_id,")
        .contains("ann-1,ann@x.org,77,");
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void query_prints_the_result_alone_in_each_format() {
    String sql = "SELECT 1 AS n, 'x' AS t";
    assertThat(run("query", sql)).isZero();
    assertThat(run("query", "--format=csv", sql)).isZero();
    assertThat(run("query", "--format=json", sql)).isZero();
    assertThat(out.toString())
        .isEqualTo("n  t\n-  -\n1  x\n(1 row)\nn,t\r\n1,x\r\n[\n{\"n\":1,\"t\":\"x\"}\n]\n");
  }

  @Test
  void query_exits_by_what_went_wrong_with_one_line() {
    assertThat(run("query", "DROP TABLE zendesk.users")).isEqualTo(3);
    assertThat(run("query", "SELECT * FROM selfsame.part")).isEqualTo(3);
    assertThat(run("query", "SELECT 1; SELECT 2")).isEqualTo(3);
    assertThat(run("query", "SELECT nonsense FROM")).isEqualTo(1);
    assertThat(run("query", "--timeout", "1", "SELECT pg_sleep(10)")).isEqualTo(1);
    assertThat(err.toString().lines()).hasSize(5).allMatch(line -> line.startsWith("selfsame: "));
    assertThat(run("query", "--timeout", "0", "SELECT 1")).isEqualTo(2);
    assertThat(run("query", "--format", "xml", "SELECT 1")).isEqualTo(2);
    assertThat(out.toString()).isEmpty();
  }

  @Test
  void explain_tells_the_story_of_each_holder() {
    assertThat(run("explain", "email:OLD@x.org")).isZero();
    assertThat(out.toString())
        .contains("User " + SampleUsers.id(1))
        .contains("email:old@x.org  former")
        .contains("segment  updated  K9")
        .contains("The user with this id was updated; nobody else has this email.")
        .contains("K21: The user id is an earlier id of a merged user: that user was taken.")
        .contains("The email changed from old@x.org to ann@x.org; the earlier one no longer finds")
        .contains("Flagged same_email.");
    assertThat(run("explain", "email:nobody@x.org")).isZero();
    assertThat(out.toString()).endsWith("Nobody holds email:nobody@x.org.\n");
    assertThat(run("explain", "nobody")).isEqualTo(2);
  }

  @Test
  void explain_takes_ids_and_two_and_says_what_it_cannot(@TempDir Path directory)
      throws IOException {
    String bea = SampleUsers.id(2);
    assertThat(run("explain", SampleUsers.id(3))).as("absorbed").isZero();
    assertThat(out.toString()).startsWith("User " + bea);
    out.getBuffer().setLength(0);

    assertThat(run("explain", "external_id:bea", "stripe_id:cus_3")).isZero();
    assertThat(out.toString())
        .startsWith(
            "external_id:bea and stripe_id:cus_3 are one user, %s: one merge joins them.\n"
                .formatted(bea))
        .contains("  The user %s (email:shop@x.org) became part of".formatted(SampleUsers.id(3)))
        .contains("    9  1970-01-01T00:00:09Z  segment  K10\n");
    out.getBuffer().setLength(0);

    assertThat(run("explain", SampleUsers.id(1), SampleUsers.id(4))).isZero();
    assertThat(out.toString()).contains("are two users", "Both have email:ann@x.org.");
    out.getBuffer().setLength(0);

    Path file = directory.resolve("bea.svg");
    assertThat(run("explain", bea, "--fields", "--graph", file.toString())).isZero();
    assertThat(out.toString())
        .contains("  email: shop@x.org  (segment, said 1970-01-01T00:00:03Z, position 3)\n")
        .contains("    not bea@x.org")
        .endsWith("Drew the user %s into %s\n".formatted(bea, file));
    assertThat(Files.readString(file)).startsWith("<svg ").contains("K10");
    out.getBuffer().setLength(0);

    hub.sql(
        "UPDATE selfsame.policy SET settings = '{\"survivorship\": {\"email\": [\"segment\","
            + " \"csv\"]}}'");
    try {
      assertThat(run("explain", bea, "--fields")).isZero();
      assertThat(out.toString())
          .contains(
              "\n    by the policy what comes first of segment, csv stands\n    not bea@x.org");
    } finally {
      hub.sql("UPDATE selfsame.policy SET settings = '{}'");
    }
    out.getBuffer().setLength(0);

    assertThat(run("explain", "email:ann@x.org", bea)).as("several").isEqualTo(3);
    assertThat(run("explain", bea, bea)).as("the same").isEqualTo(1);
    assertThat(run("explain", bea, SampleUsers.id(9))).as("unknown").isEqualTo(1);
    assertThat(run("explain", SampleUsers.id(9))).as("unknown").isEqualTo(1);
    assertThat(run("explain", bea, "nonsense")).as("neither").isEqualTo(2);
    assertThat(run("explain", bea, SampleUsers.id(1), "--fields")).isEqualTo(2);
    assertThat(run("explain", bea, "--graph", "bea.png")).isEqualTo(2);
    assertThat(run("explain", bea, "--graph", directory.resolve("none/x.svg").toString()))
        .isEqualTo(1);
    assertThat(run("explain")).isEqualTo(2);
    assertThat(run("explain", bea, bea, bea)).isEqualTo(2);
    assertThat(out.toString()).isEmpty();
    assertThat(err.toString())
        .contains("2 users hold email:ann@x.org; name one by its id: ")
        .contains("Both name the same: " + bea)
        .contains("There is no user " + SampleUsers.id(9));
  }

  @Test
  void keys_are_made_listed_and_revoked() {
    assertThat(run("keys", "create", "--source", "web", "--untrusted", "--name", "site")).isZero();
    String key = out.toString().strip();
    assertThat(key).startsWith("wk_");
    assertThat(run("keys", "create", "--token", "--scope", "write")).isZero();
    out.getBuffer().setLength(0);
    assertThat(run("keys", "list")).isZero();
    assertThat(out.toString())
        .contains("write key", "site", "web", "token", "write", key.substring(key.length() - 4));
    String id =
        out.toString()
            .lines()
            .filter(line -> line.contains("site"))
            .findFirst()
            .orElseThrow()
            .substring(0, 36);
    assertThat(run("keys", "revoke", id)).isZero();
    assertThat(run("keys", "revoke", id)).isEqualTo(1);
    assertThat(run("keys", "create", "--token", "--source", "web")).isEqualTo(2);
    assertThat(run("keys", "create", "--scope", "read")).isEqualTo(2);
    assertThat(run("keys", "create", "--token", "--scope", "all")).isEqualTo(2);
    assertThat(run("keys", "create", "--source", "Not a name")).isEqualTo(2);
    assertThat(run("keys")).isEqualTo(2);
  }

  @Test
  void a_browsers_key_has_a_source_of_its_own_that_is_not_trusted() {
    assertThat(run("keys", "create", "--browser")).isZero();
    assertThat(
            hub.rows("SELECT name, settings ->> 'trusted' FROM selfsame.source WHERE number > 3"))
        .contains("browser|false");
    assertThat(run("keys", "create", "--untrusted", "--source", "segment")).isEqualTo(1);
    assertThat(err.toString()).contains("The source segment is a trusted segment source already");
  }

  @Test
  void webhooks_are_made_listed_and_revoked() throws IOException {
    assertThat(run("keys", "create", "--hook", "from-segment")).isZero();
    List<String> lines = out.toString().lines().toList();
    assertThat(lines).hasSize(3);
    assertThat(lines.get(0)).isEqualTo("Path: /hooks/segment/from-segment");
    assertThat(lines.get(1)).matches("Shared secret: whs_[0-9A-Za-z]{32}");
    assertThat(lines.get(2)).matches("Authorization: Bearer wha_[0-9A-Za-z]{32}");
    out.getBuffer().setLength(0);

    Path secret = Files.writeString(directory.resolve("secret"), "typed at Segment, long\n");
    assertThat(
            run(
                "keys",
                "create",
                "--hook",
                "from-segment",
                "--only",
                "signature",
                "--secret-file",
                secret.toString(),
                "--name",
                "given"))
        .isZero();
    assertThat(out.toString()).isEqualTo("Path: /hooks/segment/from-segment\n");
    assertThat(
            hub.rows(
                "SELECT convert_from(secret, 'UTF8'), authorization_hash FROM selfsame.hook WHERE"
                    + " name = 'given'"))
        .containsExactly("typed at Segment, long|");
    out.getBuffer().setLength(0);

    assertThat(run("keys", "list")).isZero();
    assertThat(out.toString()).contains("webhook", "from-segment", "given", "long");
    String id =
        out.toString()
            .lines()
            .filter(line -> line.contains("given"))
            .findFirst()
            .orElseThrow()
            .substring(0, 36);
    assertThat(run("keys", "revoke", id)).isZero();
    assertThat(run("keys", "revoke", id)).isEqualTo(1);
  }

  @Test
  void webhooks_that_make_notes_are_made() {
    assertThat(run("keys", "create", "--note-hook", "helpdesk", "--only", "signature")).isZero();
    List<String> lines = out.toString().lines().toList();
    assertThat(lines).hasSize(2);
    assertThat(lines.get(0))
        .isEqualTo("Path: /hooks/notes/helpdesk/json, or …/zendesk, or …/intercom");
    assertThat(lines.get(1)).matches("Shared secret: whs_[0-9A-Za-z]{32}");
    assertThat(run("keys", "create", "--note-hook", "helpdesk")).as("another secret").isZero();
    assertThat(
            hub.rows(
                "SELECT o.name, o.channel, o.settings ->> 'may_erase', h.name FROM selfsame.hook h"
                    + " JOIN selfsame.source o ON o.space = h.space AND o.number = h.source WHERE"
                    + " h.name = 'helpdesk'"))
        .containsExactly(
            "helpdesk insights|insights||helpdesk", "helpdesk insights|insights||helpdesk");
    assertThat(run("keys", "create", "--hook", "h", "--note-hook", "n")).isEqualTo(2);
    assertThat(run("keys", "create", "--note-hook", "n", "--token")).isEqualTo(2);
    assertThat(run("keys", "create", "--note-hook", "n", "--secret-file", "/no/such/file"))
        .isEqualTo(1);
    assertThat(hub.rows("SELECT count(*) FROM selfsame.source WHERE name = 'n insights'"))
        .as("a source is made only for a webhook that is")
        .containsExactly("0");
  }

  @Test
  void a_webhook_that_cannot_be_is_refused_with_a_line() throws IOException {
    assertThat(run("keys", "create", "--hook", "segment")).isEqualTo(1);
    Path small = Files.writeString(directory.resolve("small"), "short");
    assertThat(run("keys", "create", "--hook", "h", "--secret-file", small.toString()))
        .isEqualTo(1);
    assertThat(run("keys", "create", "--hook", "h", "--secret-file", "/no/such/file")).isEqualTo(1);
    assertThat(err.toString().lines()).hasSize(3).allMatch(line -> line.startsWith("selfsame: "));
    assertThat(err.toString())
        .contains("has a source of its own")
        .contains("must have 16 to 200 characters; it has 5")
        .contains("/no/such/file cannot be read");
    assertThat(run("keys", "create", "--hook", "Not a name")).isEqualTo(2);
    assertThat(run("keys", "create", "--hook", "h", "--only", "hope")).isEqualTo(2);
    assertThat(run("keys", "create", "--hook", "h", "--browser")).isEqualTo(2);
    assertThat(run("keys", "create", "--hook", "h", "--token")).isEqualTo(2);
    assertThat(run("keys", "create", "--only", "signature")).isEqualTo(2);
    assertThat(
            run(
                "keys",
                "create",
                "--hook",
                "h",
                "--only",
                "authorization",
                "--secret-file",
                small.toString()))
        .isEqualTo(2);
    assertThat(hub.rows("SELECT count(*) FROM selfsame.source WHERE name = 'h'"))
        .as("a source is made only for a webhook that is")
        .containsExactly("0");
  }

  @Test
  void doctor_has_a_line_for_each_check() {
    // The tests' server does not wait for the disk, and the doctor must say so.
    assertThat(run("doctor")).isEqualTo(1);
    assertThat(
            out.toString()
                .lines()
                .map(line -> line.substring(0, Math.min(line.length(), 16)).strip()))
        .contains(
            "ok    jdk",
            "ok    database",
            "ok    schema",
            "fail  fsync",
            "ok    clock",
            "ok    reader");
  }

  @Test
  void a_directory_without_a_hub_is_named_and_left_alone() throws IOException {
    Path nothing = directory.resolve("nothing");
    assertThat(runPlain("query", "--data", nothing.toString())).isEqualTo(1);
    assertThat(err.toString()).contains("There is no hub in " + nothing).contains("selfsame serve");
    assertThat(runPlain("doctor", "--data", nothing.toString())).isZero();
    assertThat(Files.exists(nothing)).isFalse();
  }

  @Test
  void a_running_server_is_found_by_its_file() throws IOException {
    new ServerFile("http://127.0.0.1:1", ProcessHandle.current().pid(), hub.address().full())
        .write(directory);
    assertThat(Files.getPosixFilePermissions(directory.resolve("server.json"))).hasSize(2);
    assertThat(runPlain("query", "--data", directory.toString(), "SELECT count(*) FROM users"))
        .isZero();
    assertThat(out.toString()).contains("4");
    ServerFile.remove(directory);
    assertThat(ServerFile.running(directory)).isNull();
  }

  @Test
  void connect_shows_a_url_that_reads_and_nothing_else() throws Exception {
    assertThat(run("connect")).isZero();
    String role = hub.rows("SELECT role FROM selfsame.reader").getFirst();
    assertThat(out.toString())
        .startsWith("postgresql://" + role + ":")
        .hasLineCount(1)
        .contains("@" + hub.address().place() + "\n");
    DatabaseAddress reader = DatabaseAddress.parse(out.toString().strip());
    try (Connection connection =
            DriverManager.getConnection(reader.url(), reader.user(), reader.password());
        Statement statement = connection.createStatement()) {
      assertThat(statement.execute("SELECT count(*) FROM user_identities")).isTrue();
      assertThatThrownBy(() -> statement.execute("SELECT * FROM selfsame.part"))
          .hasMessageContaining("permission denied");
      assertThatThrownBy(() -> statement.execute("CREATE TABLE mine (id int)"))
          .isInstanceOf(SQLException.class);
    }
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void connect_without_a_server_says_how_to_start_one() throws IOException {
    Files.createDirectories(directory.resolve("stopped/postgres"));
    String stopped = directory.resolve("stopped").toString();
    assertThat(runPlain("connect", "--data", stopped)).isEqualTo(1);
    assertThat(err.toString())
        .contains("No server runs on " + stopped)
        .contains("selfsame serve --data " + stopped);
    new ServerFile("http://127.0.0.1:1", ProcessHandle.current().pid(), hub.address().full())
        .write(directory);
    assertThat(runPlain("connect", "--data", directory.toString())).isZero();
    assertThat(out.toString()).startsWith("postgresql://selfsame_reader_");
  }

  @Test
  void backup_and_restore_exit_by_what_went_wrong() throws IOException {
    String file = directory.resolve("hub.backup").toString();
    assertThat(run("backup", file)).isZero();
    assertThat(out.toString()).startsWith(file + ": ").hasLineCount(1);
    assertThat(err.toString()).isEqualTo("Counting\nReading\n");
    assertThat(run("backup", file)).isEqualTo(3);
    assertThat(err.toString()).contains("--overwrite");
    assertThat(run("backup", "--overwrite", file)).isZero();
    assertThat(run("restore", file)).isEqualTo(3);
    assertThat(err.toString()).contains("is not empty");
    Files.writeString(directory.resolve("text"), "text");
    assertThat(run("restore", directory.resolve("text").toString())).isEqualTo(1);
    assertThat(run("restore")).isEqualTo(2);
    assertThat(run("backup")).isEqualTo(2);
    Path nothing = directory.resolve("nothing");
    assertThat(runPlain("backup", "--data", nothing.toString(), file + "2")).isEqualTo(1);
    assertThat(runPlain("restore", "--data", nothing.toString(), file + "2")).isEqualTo(1);
    assertThat(Files.exists(nothing)).isFalse();
  }

  @Test
  void the_sql_port_belongs_to_the_data_directory() {
    assertThat(run("serve", "--sql-port", "5433")).isEqualTo(2);
    assertThat(err.toString()).contains("--sql-port is for the data directory's PostgreSQL");
    assertThat(runPlain("serve", "--sql-port", "70000")).isEqualTo(2);
  }

  @Test
  void what_a_killed_server_left_does_not_count() throws Exception {
    Process ended = new ProcessBuilder("true").start();
    ended.waitFor();
    new ServerFile("http://127.0.0.1:1", ended.pid(), "postgresql://a@b/c").write(directory);
    assertThat(ServerFile.running(directory)).isNull();
  }

  @Test
  void a_database_that_is_away_is_one_line() {
    assertThat(runPlain("query", "--database-url", "postgresql://app:x@127.0.0.1:1/x"))
        .isEqualTo(1);
    assertThat(err.toString().lines())
        .singleElement()
        .asString()
        .contains("127.0.0.1:1/x cannot be reached");
  }

  private int run(String... words) {
    List<String> all = new ArrayList<>(List.of(words));
    int afterName = words[0].equals("keys") ? Math.min(2, words.length) : 1;
    all.addAll(
        afterName,
        words.length == 1 && words[0].equals("keys")
            ? List.of()
            : List.of("--database-url", hub.address().full()));
    return runPlain(all.toArray(String[]::new));
  }

  private int runPlain(String... words) {
    return SelfsameCommand.commandLine(
            (start, progress) -> {
              throw new AssertionError("not started");
            })
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(words);
  }
}
