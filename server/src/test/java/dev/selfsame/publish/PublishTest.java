package dev.selfsame.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.intake.Preview;
import dev.selfsame.source.api.AccountWrites;
import dev.selfsame.source.land.MariaDbServer;
import dev.selfsame.store.DatabaseAddress;
import dev.selfsame.store.PublicationLog;
import dev.selfsame.store.PublishedTable;
import dev.selfsame.store.StoredPublications;
import dev.selfsame.store.UserQueries;
import dev.selfsame.testing.AlertReceiver;
import dev.selfsame.testing.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Who is who in real databases and files: whole, by what changed, and not at all where it broke.
 */
final class PublishTest extends WithHub {
  @RegisterExtension static final TestDatabase hub = TestDatabase.migrated();
  @RegisterExtension static final TestDatabase warehouse = TestDatabase.empty();

  /** What a value may look like and must still look like there. */
  private static final List<String> NAMES =
      List.of(
          "Ann \\\"the one\\\", O'Neill; \\\\N \\\\. back\\\\slash",
          "line\\nbreak\\r\\nand\\ttab",
          "Zoë 猫 \\ud83d\\ude00 \\u202eabc",
          "=HYPERLINK(1)",
          "+1",
          "-1",
          "@x",
          "'quoted",
          "NULL",
          "\\\"\\\"",
          "a,b|c");

  PublishTest() {
    super(hub, warehouse);
  }

  private void people() {
    int i = 0;
    for (String name : NAMES) {
      identify(
          "p" + i,
          "\"name\":\"%s\",\"email\":\"p%d@x.org\",\"billingUserId\":\"cus_%d\""
              .formatted(name, i, i));
      i++;
    }
    identify("only-an-id", "");
    events(
        "{\"type\":\"group\",\"groupId\":\"acme\",\"userId\":\"p0\",\"traits\":{\"name\":\"Ac\\\"me\\n\"}}");
  }

  /** What a history is made of: new users, changed ones, a merge, its undo, an erasure. */
  private void happens() {
    identify("p1", "\"name\":\"Another\",\"email\":\"new@x.org\"");
    identify("late", "\"email\":\"late@x.org\"");
    merge(user("p2"), user("p3"));
    merge(user("p4"), user("p5"));
    undoLast();
    erase(user("p6"));
    events(
        "{\"type\":\"group\",\"groupId\":\"late\",\"userId\":\"p0\",\"traits\":{\"domain\":\"x.org\"}}");
  }

  @Test
  void all_rows_then_what_changed_in_postgresql() {
    people();
    publications.add("dwh", toWarehouse(), null, false, false, ANN);
    PublishResult first = publish("dwh");
    assertThat(first.full()).isTrue();
    assertThat(first.rows()).containsEntry("users", 12L);
    assertThat(tables(warehouse, "public.")).isEqualTo(views());

    PublishResult nothing = publish("dwh");
    assertThat(nothing.full()).isFalse();
    assertThat(nothing.rows()).isEmpty();

    UUID erased = user("p6");
    happens();
    PublishResult second = publish("dwh");
    assertThat(second.full()).isFalse();
    assertThat(second.since()).isEqualTo(first.position());
    assertThat(second.users()).isBetween(7L, 9L);
    assertThat(tables(warehouse, "public.")).isEqualTo(views());
    assertThat(warehouse.rows("SELECT * FROM user_identifiers WHERE user_id = '" + erased + "'"))
        .isEmpty();
    assertThat(hub.rows("SELECT * FROM selfsame.unpublished")).isEmpty();
    assertThat(warehouse.rows("SELECT ledger_position FROM selfsame_published"))
        .isEqualTo(hub.rows("SELECT position FROM selfsame.space"));

    // A merge re-points: the absorbed user's rows are the survivor's.
    UUID absorbed = user("p8");
    merge(user("p7"), absorbed);
    publish("dwh");
    assertThat(warehouse.rows("SELECT * FROM users WHERE id = '" + absorbed + "'")).isEmpty();
    assertThat(warehouse.rows("SELECT user_id FROM user_identifiers WHERE value = 'p8'"))
        .containsExactly(user("p7").toString());
    undoLast();
    publish("dwh");
    assertThat(warehouse.rows("SELECT count(*) FROM users WHERE id = '" + absorbed + "'"))
        .containsExactly("1");
    assertThat(tables(warehouse, "public.")).isEqualTo(views());
    assertThat(publications.runs("dwh", 10)).hasSize(5);
  }

  @Test
  void accounts_that_are_merged_or_deleted_go_from_there_too() {
    events(
        "{\"type\":\"group\",\"groupId\":\"acme\",\"traits\":{}},"
            + "{\"type\":\"group\",\"groupId\":\"old\",\"traits\":{\"name\":\"Old\"}},"
            + "{\"type\":\"group\",\"groupId\":\"gone\",\"traits\":{}}");
    publications.add("dwh", toWarehouse(), null, false, false, ANN);
    publish("dwh");
    assertThat(warehouse.rows("SELECT count(*) FROM accounts")).containsExactly("3");
    AccountWrites writes =
        new AccountWrites(
            SPACE,
            database,
            pipeline,
            () -> Preview.open(SPACE, database.sessions("preview")),
            new UserQueries(database, SPACE),
            () -> now);
    writes.merge("old", "acme", ANN);
    writes.delete("gone", ANN);
    assertThat(publish("dwh").full()).isFalse();
    assertThat(warehouse.rows("SELECT external_id, name FROM accounts"))
        .containsExactly("acme|Old");
    assertThat(tables(warehouse, "public.")).isEqualTo(views());
    assertThat(hub.rows("SELECT * FROM selfsame.unpublished")).isEmpty();
  }

  @Test
  void what_breaks_off_is_not_seen_and_what_was_committed_is_not_done_twice() {
    people();
    publications.add("dwh", toWarehouse(), null, false, false, ANN);
    for (Publish.Step step : List.of(Publish.Step.BEGUN, Publish.Step.WRITTEN)) {
      breakAt(step);
      assertThatThrownBy(() -> publish("dwh")).hasMessage("pulled");
      assertThat(warehouse.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))
          .isEmpty();
    }
    assertThat(publications.get("dwh").failures()).isEqualTo(2);
    assertThat(publications.runs("dwh", 1).getFirst().state())
        .isEqualTo(PublicationLog.State.FAILED);
    // After the commit there, before it is noted here.
    breakAt(Publish.Step.COMMITTED);
    assertThatThrownBy(() -> publish("dwh")).hasMessage("pulled");
    assertThat(publications.get("dwh").position()).isNull();
    assertThat(tables(warehouse, "public.")).isEqualTo(views());
    steps = step -> {};

    happens();
    Map<String, List<String>> before = tables(warehouse, "public.");
    for (Publish.Step step : List.of(Publish.Step.BEGUN, Publish.Step.WRITTEN)) {
      breakAt(step);
      assertThatThrownBy(() -> publish("dwh")).hasMessage("pulled");
      assertThat(tables(warehouse, "public.")).isEqualTo(before);
    }
    breakAt(Publish.Step.COMMITTED);
    assertThatThrownBy(() -> publish("dwh")).hasMessage("pulled");
    steps = step -> {};
    assertThat(tables(warehouse, "public.")).isEqualTo(views());
    erase(user("p9"));
    PublishResult on = publish("dwh");
    assertThat(on.full()).isFalse();
    assertThat(on.users()).isBetween(1L, 2L);
    assertThat(tables(warehouse, "public.")).isEqualTo(views());
    assertThat(publications.get("dwh").failures()).isZero();
  }

  @Test
  void users_are_erased_whose_lines_an_earlier_erasure_struck() {
    people();
    publications.add("dwh", toWarehouse(), null, false, false, ANN);
    publish("dwh");
    UUID first = user("p2");
    merge(user("p1"), first);
    hub.sql(
        "UPDATE selfsame.ledger SET before = '{\"%s\":{\"user\":null}}' WHERE position = (SELECT max(position) FROM selfsame.ledger)"
            .formatted(first));
    erase(user("p1"));
    publish("dwh");
    assertThat(tables(warehouse, "public.")).isEqualTo(views());
  }

  private void breakAt(Publish.Step at) {
    steps =
        step -> {
          if (step == at) {
            throw new IllegalStateException("pulled");
          }
        };
  }

  @Test
  void a_connection_that_drops_leaves_nothing() {
    people();
    publications.add("dwh", toWarehouse(), null, false, false, ANN);
    publish("dwh");
    Map<String, List<String>> before = tables(warehouse, "public.");
    happens();
    steps =
        step -> {
          if (step == Publish.Step.WRITTEN) {
            warehouse.sqlElsewhere(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name ="
                    + " 'Selfsame' AND datname = '"
                    + warehouse.rows("SELECT current_database()").getFirst()
                    + "'");
          }
        };
    Failure dropped = failure(() -> publish("dwh"));
    assertThat(dropped.problem()).isEqualTo(Problem.WAREHOUSE_UNREACHABLE);
    assertThat(dropped.getMessage()).contains("went away", "nothing of this publish");
    assertThat(tables(warehouse, "public.")).isEqualTo(before);
    steps = step -> {};
    assertThat(publish("dwh").full()).isFalse();
    assertThat(tables(warehouse, "public.")).isEqualTo(views());
  }

  @Test
  void a_publish_that_lost_its_turn_leaves_nothing() {
    people();
    publications.add("dwh", toWarehouse(), null, false, false, ANN);
    publish("dwh");
    Map<String, List<String>> before = tables(warehouse, "public.");
    happens();
    steps =
        step -> {
          if (step == Publish.Step.WRITTEN) {
            hub.sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name ="
                    + " 'selfsame publish turn' AND datname = current_database()");
          }
        };
    assertThat(problem(() -> publish("dwh"))).isEqualTo(Problem.STOPPED);
    assertThat(tables(warehouse, "public.")).isEqualTo(before);
    steps = step -> {};
    publish("dwh");
    assertThat(tables(warehouse, "public.")).isEqualTo(views());
  }

  @Test
  void who_runs_it_is_told_when_it_fails_by_itself_and_when_it_runs_again() throws Exception {
    people();
    publications.close();
    try (AlertReceiver alerts = new AlertReceiver()) {
      publications = publications(new PublishSettings(Duration.ofHours(1), 2, 1_000, alerts.url()));
      warehouse.sql("CREATE TABLE accounts (id text)");
      publications.add("dwh", toWarehouse(), null, false, false, ANN);
      assertThat(problem(() -> publish("dwh"))).isEqualTo(Problem.PUBLISH_FOREIGN);
      publications.add("dwh", toWarehouse(), 60, false, true, ANN);
      for (int failures = 1; failures <= 3; failures++) {
        int reached = failures;
        now = Objects.requireNonNull(publications.get("dwh").due());
        publications.runDue();
        await(() -> publications.get("dwh").failures() == reached);
      }
      assertThat(alerts.next(Duration.ofSeconds(10)))
          .contains(
              "\"event\":\"publication.failing\"",
              "\"publication\":\"dwh\"",
              "\"failures\":1",
              "publish_foreign",
              "public.accounts");
      warehouse.sql("DROP TABLE accounts");
      now = Objects.requireNonNull(publications.get("dwh").due());
      publications.runDue();
      await(() -> publications.get("dwh").failures() == 0);
      assertThat(alerts.next(Duration.ofSeconds(10)))
          .as("only the first of a series is news, and none of what somebody runs by hand")
          .contains("\"event\":\"publication.recovered\"", "\"publication\":\"dwh\"");
    }
  }

  @Test
  void what_is_not_ours_is_not_touched() {
    people();
    warehouse.sql("CREATE TABLE accounts (id text); INSERT INTO accounts VALUES ('theirs')");
    publications.add("dwh", toWarehouse(), null, false, false, ANN);
    Failure foreign = failure(() -> publications.run("dwh", true, ANN));
    assertThat(foreign.problem()).isEqualTo(Problem.PUBLISH_FOREIGN);
    assertThat(foreign.getMessage()).contains("public.accounts", "--prefix");
    assertThat(warehouse.rows("SELECT id FROM accounts")).containsExactly("theirs");
    assertThat(warehouse.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))
        .containsExactly("accounts");

    warehouse.sql("DROP TABLE accounts; CREATE VIEW accounts AS SELECT 1 AS id");
    assertThat(problem(() -> publish("dwh"))).isEqualTo(Problem.PUBLISH_FOREIGN);

    publications.add("dwh", new Target.Tables("dwh", "crm", "s_"), null, false, true, ANN);
    publish("dwh");
    assertThat(tables(warehouse, "crm.s_")).isEqualTo(views());
    // Another publication's are not this one's either.
    publications.add("other", new Target.Tables("dwh", "crm", "s_"), null, false, false, ANN);
    assertThat(problem(() -> publish("other"))).isEqualTo(Problem.PUBLISH_FOREIGN);
    // The same name again, removed meanwhile, goes on with its tables, and writes all rows.
    publications.remove("dwh", ANN);
    erase(user("p1"));
    publications.add("dwh", new Target.Tables("dwh", "crm", "s_"), null, false, false, ANN);
    assertThat(publish("dwh").full()).isTrue();
    assertThat(tables(warehouse, "crm.s_")).isEqualTo(views());
  }

  @Test
  void what_somebody_changed_is_named_and_made_anew_if_asked() {
    people();
    publications.add("dwh", toWarehouse(), null, false, false, ANN);
    publish("dwh");
    identify("more", "");
    warehouse.sql("ALTER TABLE users ADD COLUMN mine text; DROP TABLE user_merges");
    Failure changed = failure(() -> publish("dwh"));
    assertThat(changed.problem()).isEqualTo(Problem.PUBLISH_CHANGED);
    assertThat(changed.getMessage())
        .contains("public.users has other columns", "public.user_merges is gone", "--full");
    publications.run("dwh", true, ANN);
    assertThat(tables(warehouse, "public.")).isEqualTo(views());
    // Rows are not looked at; all of them are written anew with full.
    warehouse.sql("DELETE FROM users WHERE external_id = 'p1'");
    publications.run("dwh", true, ANN);
    assertThat(tables(warehouse, "public.")).isEqualTo(views());
    assertThat(publish("dwh").rows()).isEmpty();
    // Restored from a backup of theirs, or emptied: what stands there is behind what we know.
    warehouse.sql("UPDATE selfsame_published SET ledger_position = 1");
    assertThat(publish("dwh").full()).isTrue();
    // Another history than this hub's.
    warehouse.sql("UPDATE selfsame_published SET ledger_time = 7");
    assertThat(publish("dwh").full()).isTrue();
    warehouse.sql("DELETE FROM selfsame_published");
    assertThat(publish("dwh").full()).isTrue();
    assertThat(tables(warehouse, "public.")).isEqualTo(views());
  }

  @Test
  void whoever_may_not_is_told_so() {
    people();
    DatabaseAddress address = warehouse.address();
    String role = "reader_" + UUID.randomUUID().toString().substring(0, 8);
    warehouse.sql("CREATE ROLE %s LOGIN PASSWORD 'x'".formatted(role));
    connections.add("weak", address.url(), role, "x", Map.of(), false, ANN);
    publications.add("weak", new Target.Tables("weak", null, ""), null, false, false, ANN);
    assertThat(problem(() -> publish("weak"))).isEqualTo(Problem.PUBLISH_RIGHTS);
    connections.add("weak", address.url(), role, "wrong", Map.of(), true, ANN);
    assertThat(problem(() -> publish("weak"))).isEqualTo(Problem.WAREHOUSE_LOGIN);
    connections.add("weak", "postgresql://127.0.0.1:1/x", role, "x", Map.of(), true, ANN);
    assertThat(problem(() -> publish("weak"))).isEqualTo(Problem.WAREHOUSE_UNREACHABLE);
    assertThat(problem(() -> connections.remove("weak", ANN))).isEqualTo(Problem.CONNECTION_IN_USE);
    warehouse.sql("DROP ROLE " + role);
  }

  @Test
  void all_rows_then_what_changed_in_duckdb() throws SQLException {
    people();
    String url = "jdbc:duckdb:" + data.resolve("who.db");
    connections.add("duck", url, null, null, Map.of(), false, ANN);
    publications.add("duck", new Target.Tables("duck", null, ""), null, false, false, ANN);
    publish("duck");
    assertThat(duckdb(url, name -> "main." + name)).isEqualTo(views());
    happens();
    breakAt(Publish.Step.WRITTEN);
    assertThatThrownBy(() -> publish("duck")).hasMessage("pulled");
    breakAt(Publish.Step.COMMITTED);
    assertThatThrownBy(() -> publish("duck")).hasMessage("pulled");
    steps = step -> {};
    assertThat(publish("duck").rows()).isEmpty();
    assertThat(duckdb(url, name -> "main." + name)).isEqualTo(views());
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement()) {
      statement.execute("DROP TABLE users; CREATE VIEW users AS SELECT 1 AS id");
    }
    assertThat(problem(() -> publish("duck"))).isEqualTo(Problem.PUBLISH_FOREIGN);
    assertThat(problem(() -> publications.run("duck", true, ANN)))
        .isEqualTo(Problem.PUBLISH_FOREIGN);
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement()) {
      statement.execute("DROP VIEW users; ALTER TABLE accounts DROP COLUMN name");
    }
    assertThat(problem(() -> publish("duck"))).isEqualTo(Problem.PUBLISH_CHANGED);
    publications.run("duck", true, ANN);
    assertThat(duckdb(url, name -> "main." + name)).isEqualTo(views());
  }

  @Test
  void files_are_whole_and_seen_together() throws Exception {
    people();
    for (FileFormat format : FileFormat.values()) {
      Path directory = data.resolve("lake").resolve(format.code());
      String name = format.code();
      publications.add(name, new Target.Files(directory, format), null, false, false, ANN);
      publish(name);
      Path link = directory.resolve("current");
      Path first = link.toRealPath();
      assertThat(files(directory, format)).isEqualTo(guarded(format, views()));
      assertThat(Files.readString(link.resolve("manifest.json")))
          .contains("\"position\" : " + hub.rows("SELECT position FROM selfsame.space").getFirst());
      assertThat(publish(name).rows()).isEmpty();
      assertThat(link.toRealPath()).isEqualTo(first);

      identify("more-" + name, "\"email\":\"more@x.org\"");
      Map<String, List<String>> before = files(directory, format);
      breakAt(Publish.Step.WRITTEN);
      assertThatThrownBy(() -> publish(name)).hasMessage("pulled");
      assertThat(link.toRealPath()).isEqualTo(first);
      assertThat(files(directory, format)).isEqualTo(before);
      breakAt(Publish.Step.COMMITTED);
      assertThatThrownBy(() -> publish(name)).hasMessage("pulled");
      steps = step -> {};
      assertThat(publish(name).rows()).isEmpty();
      assertThat(files(directory, format)).isEqualTo(guarded(format, views()));
      // What was before is gone, and with it whoever was erased.
      assertThat(first).doesNotExist();
      // Somebody took a file away: all of it is written again.
      Files.delete(link.resolve("users." + format.code()));
      assertThat(publish(name).full()).isTrue();
      assertThat(files(directory, format)).isEqualTo(guarded(format, views()));
    }
    Path theirs = Files.createDirectory(data.resolve("theirs"));
    Files.writeString(theirs.resolve("letter.txt"), "mine");
    publications.add("t", new Target.Files(theirs, FileFormat.CSV), null, false, false, ANN);
    assertThat(problem(() -> publish("t"))).isEqualTo(Problem.PUBLISH_FOREIGN);
    assertThat(theirs)
        .isDirectoryContaining("glob:**letter.txt")
        .isDirectoryNotContaining("glob:**users*");
    publications.add(
        "again",
        new Target.Files(data.resolve("lake").resolve("csv"), FileFormat.CSV),
        null,
        false,
        false,
        ANN);
    assertThat(problem(() -> publish("again"))).isEqualTo(Problem.PUBLISH_FOREIGN);
    Path file = Files.writeString(data.resolve("file"), "");
    publications.add(
        "on-a-file",
        new Target.Files(file.resolve("below"), FileFormat.CSV),
        null,
        false,
        false,
        ANN);
    assertThat(problem(() -> publish("on-a-file"))).isEqualTo(Problem.PUBLISH_UNWRITABLE);
  }

  private static Map<String, List<String>> files(Path directory, FileFormat format) {
    return duckdb(
        "jdbc:duckdb:",
        name -> {
          Path file = directory.resolve("current").resolve(name + "." + format.code());
          return switch (format) {
            case PARQUET -> "'%s'".formatted(file);
            case CSV ->
                "read_csv('%s', header = true, all_varchar = true, quote = '\"', escape = '\"', delim = ',', allow_quoted_nulls = false, parallel = false, strict_mode = false)"
                    .formatted(file);
          };
        });
  }

  /** As the guard leaves cells that begin like formulas. */
  private static Map<String, List<String>> guarded(
      FileFormat format, Map<String, List<String>> tables) {
    if (format == FileFormat.PARQUET) {
      return tables;
    }
    Map<String, List<String>> all = new TreeMap<>(tables);
    for (PublishedTable table : List.of(PublishedTable.USERS)) {
      all.computeIfPresent(
          table.code(),
          (name, rows) ->
              rows.stream().map(row -> row.replaceAll("\\|([=+@'-])", "|'$1")).sorted().toList());
    }
    return all;
  }

  @Test
  void all_rows_then_what_changed_in_mariadb() throws Exception {
    Assumptions.assumeTrue(MariaDbServer.missing().isEmpty(), "No MariaDB is installed");
    Path place = Files.createTempDirectory("publish-mariadb");
    Files.setPosixFilePermissions(place, PosixFilePermissions.fromString("rwxr-xr-x"));
    MariaDbServer server = MariaDbServer.start(place);
    try {
      people();
      connections.add(
          "maria", "mariadb://" + server.place(), "tool", "p@ss/word", Map.of(), false, ANN);
      publications.add("maria", new Target.Tables("maria", null, "who_"), null, false, false, ANN);
      publish("maria");
      assertThat(maria(server)).isEqualTo(views());
      happens();
      Map<String, List<String>> before = maria(server);
      breakAt(Publish.Step.WRITTEN);
      assertThatThrownBy(() -> publish("maria")).hasMessage("pulled");
      assertThat(maria(server)).isEqualTo(before);
      breakAt(Publish.Step.COMMITTED);
      assertThatThrownBy(() -> publish("maria")).hasMessage("pulled");
      steps = step -> {};
      assertThat(publish("maria").rows()).isEmpty();
      assertThat(maria(server)).isEqualTo(views());
      server.sql("ALTER TABLE who_users DROP COLUMN name");
      assertThat(problem(() -> publish("maria"))).isEqualTo(Problem.PUBLISH_CHANGED);
      breakAt(Publish.Step.WRITTEN);
      assertThatThrownBy(() -> publications.run("maria", true, ANN)).hasMessage("pulled");
      steps = step -> {};
      // Its tables are not made in a transaction: the next publish writes all of it, unasked.
      assertThat(publish("maria").full()).isTrue();
      assertThat(maria(server)).isEqualTo(views());
      server.sql("CREATE TABLE users (id int)");
      publications.add("bare", new Target.Tables("maria", null, ""), null, false, false, ANN);
      assertThat(problem(() -> publish("bare"))).isEqualTo(Problem.PUBLISH_FOREIGN);
    } finally {
      server.close();
    }
  }

  private static Map<String, List<String>> maria(MariaDbServer server) throws SQLException {
    Map<String, List<String>> all = new TreeMap<>();
    try (Connection connection =
            DriverManager.getConnection("jdbc:mariadb://" + server.place(), "tool", "p@ss/word");
        Statement statement = connection.createStatement()) {
      for (PublishedTable table : PublishedTable.values()) {
        String columns =
            table.columns().stream()
                .map(column ->
                    switch (column.type()) {
                      case TEXT -> "`" + column.name() + "`";
                      case BOOLEAN ->
                          "CASE `%s` WHEN 1 THEN 'true' ELSE 'false' END".formatted(column.name());
                      case TIME ->
                          "date_format(`%s`, '%%Y-%%m-%%d %%H:%%i:%%s.%%f')"
                              .formatted(column.name());
                    })
                .collect(Collectors.joining(", "));
        all.put(
            table.code(),
            rows(statement, "SELECT %s FROM who_%s".formatted(columns, table.code())));
      }
    }
    return all;
  }

  @Test
  void very_many_changes_are_written_as_a_whole() {
    people();
    publications.close();
    publications = publications(new PublishSettings(Duration.ofMillis(50), 2, 3, null));
    publications.add("dwh", toWarehouse(), null, false, false, ANN);
    publish("dwh");
    identify("p1", "\"name\":\"x\"");
    assertThat(publish("dwh").full()).isFalse();
    happens();
    assertThat(publish("dwh").full()).isTrue();
    assertThat(tables(warehouse, "public.")).isEqualTo(views());
  }

  @Test
  void it_runs_by_itself_and_one_at_a_time() throws Exception {
    people();
    publications.close();
    publications = publications(new PublishSettings(Duration.ofMillis(20), 2, 1_000, null));
    publications.add("dwh", toWarehouse(), 5, false, false, ANN);
    publications.schedule();
    await(() -> publications.get("dwh").position() != null);
    assertThat(tables(warehouse, "public.")).isEqualTo(views());
    identify("later", "");
    now = now.plusSeconds(6);
    await(() -> tables(warehouse, "public.").equals(views()));
    // What is due and has nothing to say leaves no run.
    long runs = publications.runs("dwh", 100).size();
    now = now.plusSeconds(6);
    Thread.sleep(200);
    assertThat(publications.runs("dwh", 100)).hasSize((int) runs);

    publications.add("dwh", toWarehouse(), null, true, true, ANN);
    identify("after-a-sync", "");
    Thread.sleep(200);
    assertThat(tables(warehouse, "public.")).isNotEqualTo(views());
    new StoredPublications(database, SPACE).afterSync(now);
    await(() -> tables(warehouse, "public.").equals(views()));

    identify("at-once", "");
    List<Problem> refused = new ArrayList<>();
    steps =
        step -> {
          if (step == Publish.Step.WRITTEN) {
            try (Publications other = publications(PublishSettings.DEFAULT)) {
              refused.add(problem(() -> other.run("dwh", false, ANN)));
              refused.add(problem(() -> other.remove("dwh", ANN)));
            }
          }
        };
    publish("dwh");
    assertThat(refused).containsExactly(Problem.PUBLISH_UNDER_WAY, Problem.PUBLISH_UNDER_WAY);
  }

  private static void await(BooleanSupplier what) throws InterruptedException {
    for (int i = 0; i < 400 && !what.getAsBoolean(); i++) {
      Thread.sleep(50);
    }
    assertThat(what.getAsBoolean()).isTrue();
  }

  @Test
  void what_cannot_be_is_refused_by_name() {
    publications.add("dwh", toWarehouse(), null, false, false, ANN);
    assertThat(problem(() -> publications.add("dwh", toWarehouse(), null, false, false, ANN)))
        .isEqualTo(Problem.PUBLICATION_EXISTS);
    assertThat(problem(() -> publications.add("Dwh", toWarehouse(), null, false, false, ANN)))
        .isEqualTo(Problem.PUBLICATION_INVALID);
    assertThat(problem(() -> publications.add("x", toWarehouse(), 0, false, false, ANN)))
        .isEqualTo(Problem.PUBLICATION_INVALID);
    assertThat(problem(() -> new Target.Tables("dwh", "a\"b", "")))
        .isEqualTo(Problem.PUBLICATION_INVALID);
    assertThat(problem(() -> new Target.Files(Path.of("here"), FileFormat.CSV)))
        .isEqualTo(Problem.PUBLICATION_INVALID);
    assertThat(problem(() -> FileFormat.of("orc"))).isEqualTo(Problem.PUBLICATION_INVALID);
    assertThat(
            problem(() ->
                publications.add(
                    "x", new Target.Tables("none", null, ""), null, false, false, ANN)))
        .isEqualTo(Problem.NOT_FOUND);
    connections.add("other", "jdbc:h2:" + data.resolve("h2"), "sa", null, Map.of(), false, ANN);
    assertThat(
            problem(() ->
                publications.add(
                    "x", new Target.Tables("other", null, ""), null, false, false, ANN)))
        .isEqualTo(Problem.PUBLICATION_INVALID);
    assertThat(problem(() -> publications.run("none", false, ANN))).isEqualTo(Problem.NOT_FOUND);
  }

  /** A column that is added to a published view belongs here too. */
  @Test
  void the_tables_have_the_views_columns() {
    for (PublishedTable table : PublishedTable.values()) {
      assertThat(
              hub.rows(
                  "SELECT column_name, CASE data_type WHEN 'timestamp with time zone' THEN 'time'"
                      + " ELSE data_type END FROM information_schema.columns WHERE table_schema ="
                      + " 'public' AND table_name = '%s' ORDER BY ordinal_position"
                          .formatted(table.code())))
          .containsExactlyElementsOf(
              table.columns().stream()
                  .map(
                      column -> column.name() + "|" + column.type().name().toLowerCase(Locale.ROOT))
                  .toList());
    }
  }
}
