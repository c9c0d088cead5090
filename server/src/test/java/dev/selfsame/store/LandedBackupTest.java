package dev.selfsame.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.intake.IntakeSettings;
import dev.selfsame.intake.Pipeline;
import dev.selfsame.intake.Preview;
import dev.selfsame.source.land.Landed;
import dev.selfsame.source.land.Landing;
import dev.selfsame.source.land.LandingRequest;
import dev.selfsame.source.land.LandingWatch;
import dev.selfsame.source.land.RowSource;
import dev.selfsame.store.LandedRows.Counts;
import dev.selfsame.testing.Sweep;
import dev.selfsame.testing.TestDatabase;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The tools, tables and columns that landings add go into a backup and come out of it. */
final class LandedBackupTest {

  @RegisterExtension static final TestDatabase hub = TestDatabase.migrated();
  @RegisterExtension static final TestDatabase plain = TestDatabase.migrated();
  @RegisterExtension static final TestDatabase older = TestDatabase.empty();
  @RegisterExtension static final TestDatabase target = TestDatabase.empty();

  private static final LandingRequest LEADS =
      LandingRequest.of("marketo.leads", "LeadId", "E-Mail", "dbId", "changed");

  private static final String LEAD_ROWS =
      """
      {"LeadId": 901, "E-Mail": "m1@x.org", "dbId": "m1", "name": "M One", "changed": "2026-09-01", "score": 7}
      {"LeadId": 902, "E-Mail": "m2@x.org", "dbId": null, "name": "M\\tTwo", "changed": 1790000000, "score": null}
      """;

  private static final String ZENDESK_ROW =
      """
      {"id": 1, "email": "z1@x.org", "score": 7, "ratio": 0.5, "vip": true, "seen": "2026-10-01T10:00:00Z", "Odd Name": "a\\\\b", "select": "x"}\
      """;

  private static final String MEMBER_ROW =
      "{\"id\": \"m5\", \"email_address\": \"r5@x.org\", \"tier\": \"gold\"}";

  private static final String ORDER_ROW = "{\"id\": 1, \"total\": 19.5, \"1st\": false}";

  private static final String VIEWS =
      "SELECT schemaname || '.' || viewname || ' ' || definition FROM pg_views WHERE schemaname NOT"
          + " IN ('pg_catalog', 'information_schema') ORDER BY 1";

  @TempDir Path directory;

  /** Lands rows as the program does. */
  private record Lander(Database database, Pipeline pipeline, Landing landing)
      implements AutoCloseable {

    static Lander on(TestDatabase at) {
      Database database = at.open();
      Pipeline pipeline =
          new Pipeline(
              "default",
              database.sessions("intake"),
              IntakeSettings.DEFAULT,
              new TraitColumns(database)::ensure);
      pipeline.start();
      return new Lander(
          database,
          pipeline,
          new Landing(database, "default", InstantSource.fixed(TestDatabase.NOW)));
    }

    Landed land(LandingRequest request, String rows) {
      return landing.land(
          request,
          RowSource.lines("rows", rows),
          pipeline,
          () -> Preview.open("default", database.sessions("preview")),
          LandingWatch.NONE);
    }

    Landed land(String table, String rows) {
      return land(LandingRequest.into(table), rows);
    }

    @Override
    public void close() {
      pipeline.close();
    }
  }

  /** A hub with two tools more, columns of every type more, and rows that still claim something. */
  @BeforeAll
  static void land() {
    Lander ended;
    try (Lander lander = Lander.on(hub)) {
      lander.land(LEADS, LEAD_ROWS);
      lander.land("zendesk.users", ZENDESK_ROW);
      lander.land("acme.orders", ORDER_ROW);
      lander.land(
          "segment.users",
          "{\"id\": \"r5a\", \"email\": \"r5@x.org\"}\n{\"id\": \"r5b\", \"email\": \"r5@x.org\"}");
      lander.land("mailchimp.members", MEMBER_ROW);
      ended = lander;
    }
    assertThatThrownBy(() -> ended.land("intercom.users", "{\"id\": \"i1\", \"plan\": \"pro\"}"))
        .isInstanceOf(Failure.class)
        .hasMessageContaining("but not all that they say is decided");
    hub.sql(
        """
        INSERT INTO selfsame.landing (id, tool, name, origin, actor, state, created_at, changed_at, request, counts)
        VALUES ('018f0000-0000-7000-8000-000000000001', 'marketo', 'leads', 'leads.jsonl', 'cli', 'done', now(), now(),
          '{"a": 1}', '{"added": 2}')
        """);
    assertThat(hub.rows("SELECT tool, name, id, again FROM selfsame.landed_claim ORDER BY 1"))
        .containsExactly("intercom|users|i1|f", "mailchimp|list_members|m5|t");
  }

  @AfterEach
  void clear() {
    BackupTest.emptyOut(target);
    BackupTest.emptyOut(older);
  }

  // ---- All of it ----

  @Test
  void what_landings_added_comes_back_and_the_next_ones_go_on() throws Exception {
    Path file = backup(hub);
    Map<String, List<String>> before = BackupTest.everything(hub.address());
    assertThat(before.get("marketo.leads")).hasSize(2);
    assertThat(before.get("selfsame.landing")).hasSize(1);
    BackupTest.restore(file, target.address());
    BackupTest.assertSame(before, BackupTest.everything(target.address()));
    assertThat(BackupTest.shape(target)).isEqualTo(BackupTest.shape(hub));
    assertThat(target.rows(VIEWS)).isEqualTo(hub.rows(VIEWS));
    Sweep.invariants(target);

    assertThat(
            target.rows(
                "SELECT score, ratio, vip, seen AT TIME ZONE 'UTC', odd_name, \"select\" FROM"
                    + " zendesk.users"))
        .containsExactly("7|0.5|t|2026-10-01 10:00:00|a\\b|x");
    assertThat(target.rows("SELECT tier FROM mailchimp.members")).containsExactly("gold");
    try (Lander lander = Lander.on(target)) {
      assertReaderSees(lander.database());
      long position = position(target);
      assertThat(lander.land(LEADS, LEAD_ROWS).counts()).isEqualTo(new Counts(0, 0, 2, 0));
      assertThat(lander.land("zendesk.users", ZENDESK_ROW).counts())
          .isEqualTo(new Counts(0, 0, 1, 0));
      assertThat(lander.land("acme.orders", ORDER_ROW).counts()).isEqualTo(new Counts(0, 0, 1, 0));
      assertThat(lander.land("mailchimp.members", MEMBER_ROW).counts())
          .isEqualTo(new Counts(0, 0, 1, 0));
      assertThat(position(target)).as("nothing new is said").isEqualTo(position);

      // What was not decided before the backup is decided after it.
      lander.land("intercom.contacts", "{\"id\": \"i2\"}");
      assertThat(target.rows("SELECT intercom_id FROM intercom_users ORDER BY 1"))
          .containsExactly("i1", "i2");
      lander.land("segment.users", "{\"id\": \"r5b\", \"email\": \"r5b@x.org\"}");
      lander.land("mailchimp.audiences", "{\"id\": \"a\"}");
      lander.land("mailchimp.members", "{\"id\": \"m6\", \"email_address\": \"m6@x.org\"}");
      assertThat(target.rows("SELECT segment_id FROM user_identities WHERE mailchimp_id = 'm5'"))
          .containsExactly("r5a");
      assertThat(target.rows("SELECT count(*) FROM selfsame.landed_claim")).containsExactly("0");

      // Nobody has to say again that they are people; a tool more stands behind those before.
      Landed landed =
          lander.land(
              "marketo.leads", "{\"id\": 903, \"email\": \"m3@x.org\", \"region\": \"EU\"}");
      assertThat(Objects.requireNonNull(landed.decided()).codes()).isEqualTo(Map.of("R4", 1L));
      lander.land(
          LandingRequest.of("pipedrive.persons", null, "mail", null, null),
          "{\"id\": 1, \"mail\": \"m3@x.org\"}");
      assertThat(
              target.rows(
                  "SELECT marketo_id, pipedrive_id FROM user_identities WHERE email = 'm3@x.org'"))
          .containsExactly("903|1");
      assertThat(target.rows("SELECT name, ordinal FROM selfsame.tool ORDER BY ordinal"))
          .containsExactly("marketo|1", "acme|2", "pipedrive|3");
    }
    Sweep.invariants(target);
  }

  private static void assertReaderSees(Database database) {
    assertThat(
            read(
                database,
                "SELECT l.id, m.user_id = i.user_id, i.segment_id, l.score FROM marketo.leads l"
                    + " JOIN marketo_users m ON m.marketo_id = l.id JOIN user_identities i ON"
                    + " i.marketo_id = l.id ORDER BY 1"))
        .containsExactly("901|t|m1|7", "902|t|null|null");
    assertThat(read(database, "SELECT total, _1st FROM acme.orders")).containsExactly("19.5|f");
    assertThat(
            read(
                database, "SELECT marketo_id FROM user_identities_by_email WHERE email LIKE 'm2%'"))
        .containsExactly("902");
  }

  private static List<String> read(Database database, String query) {
    List<String> seen = new ArrayList<>();
    database
        .readerQuery()
        .run(
            query,
            Duration.ofSeconds(10),
            new ReaderQuery.Sink() {
              @Override
              public void columns(List<ReaderQuery.Column> columns) {}

              @Override
              public void row(@Nullable String[] values) {
                seen.add(String.join("|", values));
              }
            });
    return seen;
  }

  /** As earlier programs wrote them. */
  @Test
  void a_backup_that_does_not_tell_of_types_and_tools_is_read() throws Exception {
    plain.sql(
        "INSERT INTO zendesk.users (id, email) VALUES ('1', 'z@x.org') ON CONFLICT DO NOTHING");
    Consumer<ObjectNode> earlier =
        json -> {
          json.remove("tools");
          json.get("tables").forEach(table -> ((ObjectNode) table).remove("types"));
        };
    BackupTest.restore(changed(backup(plain), name -> name, earlier), target.address());
    BackupTest.assertSame(
        BackupTest.everything(plain.address()), BackupTest.everything(target.address()));
    BackupTest.emptyOut(target);

    Path landed = changed(backup(hub), name -> name, earlier);
    BackupTest.assertRefused(
        Problem.BACKUP_DAMAGED, () -> BackupTest.restore(landed, target.address()), "damaged");
    assertThat(BackupTest.relations(target)).isEmpty();
  }

  @Test
  void mailchimps_lists_of_an_older_hub_are_its_audiences_now() {
    Migrations.migrate(older.address(), 6);
    older.sql(
        """
        INSERT INTO mailchimp.lists (id, name) VALUES ('l1', 'All'), ('l2', 'Nobody');
        INSERT INTO mailchimp.list_members (id, list_id, email_address, unique_email_id) VALUES ('m1', 'l1', 'a@x.org', 'theirs')
        """);
    Path file = backup(older);
    BackupTest.restore(file, target.address());
    older.open();
    for (TestDatabase now : List.of(older, target)) {
      assertThat(now.rows("SELECT max(version::int) FROM selfsame.migration"))
          .containsExactly(Integer.toString(Migrations.LATEST));
      assertThat(now.rows("SELECT id, name FROM mailchimp.audiences ORDER BY 1"))
          .containsExactly("l1|All", "l2|Nobody");
      try (Lander lander = Lander.on(now)) {
        lander.land(
            LandingRequest.into("segment.users"), "{\"id\": \"u1\", \"email\": \"a@x.org\"}");
        lander.land(
            "mailchimp.members",
            "{\"id\": \"m1\", \"email_address\": \"a@x.org\", \"status\": \"subscribed\"}");
        lander.land("mailchimp.members", "{\"id\": \"m1\", \"email_address\": \"A@x.org\"}");
        assertThat(
                read(
                    lander.database(),
                    "SELECT id, name, unique_email_id, mailchimp_unique_email_id FROM"
                        + " mailchimp.lists ORDER BY 1"))
            .containsExactly("l1|All|u1|theirs", "l2|Nobody|null|null");
      }
    }
  }

  @Test
  void views_made_again_without_added_tools_are_as_the_migrations_made_them() throws Exception {
    List<String> before = plain.rows(VIEWS);
    assertThat(before)
        .anyMatch(view -> view.startsWith("public.user_identities "))
        .anyMatch(view -> view.startsWith("public.user_identities_by_email "))
        .anyMatch(view -> view.startsWith("selfsame.record_email "))
        .anyMatch(view -> view.startsWith("mailchimp.members "));
    try (Connection connection = plain.connect()) {
      ToolViews.show(connection);
      ToolViews.showMembers(connection);
    }
    assertThat(plain.rows(VIEWS)).isEqualTo(before);
  }

  @Test
  void a_tool_or_a_table_that_lands_while_a_backup_begins_is_noticed() throws Exception {
    for (String table : List.of("begun.things", "zendesk.begun")) {
      CompletableFuture<Path> backup;
      try (Connection holder = hub.connect();
          Statement statement = holder.createStatement();
          Lander lander = Lander.on(hub)) {
        holder.setAutoCommit(false);
        statement.execute("LOCK TABLE segment.screens IN ACCESS EXCLUSIVE MODE");
        backup = CompletableFuture.supplyAsync(() -> backup(hub));
        awaitWaiting();
        lander.land(table, "{\"id\": 1, \"late\": 1}");
        holder.rollback();
      }
      assertThatThrownBy(() -> backup.get(60, TimeUnit.SECONDS))
          .hasRootCauseInstanceOf(Failure.class)
          .hasMessageContaining("The tables changed while the backup began");
    }
    BackupTest.restore(backup(hub), target.address());
    assertThat(target.rows("SELECT late FROM begun.things")).containsExactly("1");
  }

  private static void awaitWaiting() {
    long end = System.nanoTime() + 30_000_000_000L;
    while (hub.rows(
            "SELECT 1 FROM pg_stat_activity WHERE application_name = 'selfsame backup' AND"
                + " wait_event_type = 'Lock' AND datname = current_database()")
        .isEmpty()) {
      assertThat(System.nanoTime()).as("the backup waits for the lock").isLessThan(end);
    }
  }

  // ---- Refused, with nothing done ----

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          tool   | x; DROP SCHEMA public CASCADE | is no name that an added tool can have
          tool   | Marketo                       | is no name that an added tool can have
          tool   | pg_evil                       | is no name that an added tool can have
          tool   | public                        | is no name that an added tool can have
          tool   | selfsame                      | is no name that an added tool can have
          tool   | selfsame_unfinished_restore   | is no name that an added tool can have
          tool   | zendesk                       | is no name that an added tool can have
          tool   | account                       | an added tool cannot be called account
          tool   | acme                          | an added tool cannot be called acme
          tool   | hotrod                        | "marketo.leads" is no name that a landing table can have
          more   | hotrod                        | names the added tools
          table  | public.leads                  | "public.leads" is no name that a landing table can have
          table  | selfsame.leads                | "selfsame.leads" is no name that a landing table can have
          table  | leads                         | "leads" is no name that a landing table can have
          table  | marketo.leads (id int); --    | is no name that a landing table can have
          column | score bigint); --             | which no landing makes
          column | Score                         | which no landing makes
          type   | numeric                       | which no landing makes
          type   | bigint DEFAULT 1/0            | which no landing makes
          types  | 1                             | types
          """)
  void names_and_types_that_no_landing_makes_are_refused(String what, String with, String says)
      throws Exception {
    Path file =
        changed(
            backup(hub),
            name ->
                what.equals("table") && name.equals("tables/marketo.leads.copy")
                    ? "tables/" + with + ".copy"
                    : name,
            json -> {
              ObjectNode leads = table(json, "marketo.leads");
              ArrayNode tools = (ArrayNode) json.get("tools");
              ArrayNode types = (ArrayNode) leads.get("types");
              int score = strings(leads.get("columns")).indexOf("score");
              switch (what) {
                case "tool" -> tools.set(0, with);
                case "more" -> tools.add(with);
                case "table" -> leads.put("name", with);
                case "column" -> ((ArrayNode) leads.get("columns")).set(score, with);
                case "type" -> types.set(score, with);
                case "types" -> types.remove(score);
                default -> throw new IllegalArgumentException(what);
              }
            });
    BackupTest.assertRefused(
        Problem.BACKUP_DAMAGED, () -> BackupTest.restore(file, target.address()), says);
    assertThat(BackupTest.relations(target)).isEmpty();
    assertThat(target.rows("SELECT count(*) FROM pg_namespace WHERE nspname = 'public'"))
        .containsExactly("1");
  }

  /** Views are made by what these rows name. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          selfsame.tool          | x; DROP VIEW users\\t99\\n | names the added tools [marketo, acme
          selfsame.landing_table | selfsame\\tpart\\tt\\n     | "selfsame.part" is no name that a landing table can have
          """)
  void rows_that_name_what_there_is_not_are_refused(String table, String rows, String says)
      throws Exception {
    byte[] text = rows.replace("\\t", "\t").replace("\\n", "\n").getBytes(UTF_8);
    Path file = withRows(backup(hub), table, text, 1);
    BackupTest.assertRefused(
        Problem.BACKUP_DAMAGED, () -> BackupTest.restore(file, target.address()), says);
    assertThat(BackupTest.relations(target)).isEmpty();
  }

  @Test
  void a_schema_called_like_an_added_tool_is_in_the_way() throws Exception {
    target.sql("CREATE SCHEMA marketo");
    try {
      Path file = backup(hub);
      BackupTest.assertRefused(
          Problem.NOT_EMPTY,
          () -> BackupTest.restore(file, target.address()),
          "is not empty: it holds marketo");
      assertThat(BackupTest.relations(target)).containsExactly("marketo");
    } finally {
      target.sql("DROP SCHEMA marketo");
    }
  }

  // ---- Interrupted ----

  @Test
  void a_restore_that_fails_or_is_stopped_leaves_no_tool_behind() throws Exception {
    Path file = backup(hub);
    Path twice = withRows(file, "marketo.leads", null, 4);
    assertThatThrownBy(() -> BackupTest.restore(twice, target.address()))
        .isInstanceOf(Failure.class)
        .hasMessageContaining("leads");
    assertThat(BackupTest.relations(target)).isEmpty();
    for (String step : List.of("Loading", "Analyzing")) {
      AtomicReference<Restore> running = new AtomicReference<>();
      try (Restore restore =
          Restore.of(
              file,
              new BackupTest.Heard(what -> {
                if (what.equals(step)) {
                  running.get().stop();
                }
              }))) {
        running.set(restore);
        BackupTest.assertRefused(
            Problem.STOPPED,
            () -> restore.into(target.address(), StoreSettings.DEFAULT, TestDatabase.NOW),
            "Stopped");
      }
      assertThat(BackupTest.relations(target)).as(step).isEmpty();
    }
  }

  @Test
  void a_restore_that_dies_with_added_tools_can_be_done_again() throws Exception {
    Path file = backup(hub);
    try (Restore restore =
        Restore.of(
            file,
            new BackupTest.Heard(what -> {
              if (what.equals("Analyzing")) {
                target.sqlElsewhere(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name"
                        + " = 'selfsame restore'");
              }
            }))) {
      BackupTest.assertRefused(
          Problem.STORE_AWAY,
          () -> restore.into(target.address(), StoreSettings.DEFAULT, TestDatabase.NOW),
          "cannot be reached");
    }
    assertThat(BackupTest.relations(target)).contains("marketo", Restore.UNFINISHED);
    Path other = backup(plain);
    BackupTest.restore(other, target.address());
    assertThat(BackupTest.relations(target)).doesNotContain("marketo", "acme", Restore.UNFINISHED);
  }

  // ---- What they share ----

  private Path backup(TestDatabase of) {
    Path file = directory.resolve("hub-" + System.nanoTime() + ".backup");
    BackupTest.backup(of.address(), file);
    return file;
  }

  private static long position(TestDatabase of) {
    return Long.parseLong(
        of.rows("SELECT position FROM selfsame.space WHERE number = 1").getFirst());
  }

  private static ObjectNode table(ObjectNode manifest, String name) {
    for (var table : manifest.get("tables")) {
      if (table.get("name").asString().equals(name)) {
        return (ObjectNode) table;
      }
    }
    throw new AssertionError("no " + name);
  }

  private static List<String> strings(tools.jackson.databind.JsonNode array) {
    List<String> strings = new ArrayList<>();
    array.forEach(each -> strings.add(each.asString()));
    return strings;
  }

  /** The same rows with another manifest, and entries called otherwise. */
  private Path changed(Path file, UnaryOperator<String> names, Consumer<ObjectNode> manifest)
      throws IOException {
    return rewritten(
        file,
        names,
        (name, bytes) -> {
          if (!name.equals(BackupFile.MANIFEST)) {
            return bytes;
          }
          ObjectNode json = (ObjectNode) Json.MAPPER.readTree(bytes);
          manifest.accept(json);
          return Json.MAPPER.writeValueAsBytes(json);
        });
  }

  /**
   * A sound file in which a table has rows more.
   *
   * @param rows their text; null for those that it has once more
   * @param total how many it has then, less those before
   */
  private Path withRows(Path file, String table, byte @Nullable [] rows, long total)
      throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    Path more =
        rewritten(
            file,
            name -> name,
            (name, bytes) -> {
              if (!name.equals("tables/" + table + ".copy")) {
                return bytes;
              }
              all.writeBytes(bytes);
              all.writeBytes(rows == null ? bytes : rows);
              return all.toByteArray();
            });
    return changed(
        more,
        name -> name,
        json -> {
          ObjectNode one = table(json, table);
          one.put("rows", rows == null ? total : one.get("rows").asLong() + total);
          one.put("bytes", all.size());
          one.put(
              "sha256", HexFormat.of().formatHex(BackupFile.sha256().digest(all.toByteArray())));
        });
  }

  private interface Change {
    byte[] of(String name, byte[] bytes);
  }

  private Path rewritten(Path file, UnaryOperator<String> names, Change change) throws IOException {
    Path other = directory.resolve("rewritten-" + System.nanoTime());
    try (ZipFile zip = new ZipFile(file.toFile());
        OutputStream to = Files.newOutputStream(other);
        ZipOutputStream out = new ZipOutputStream(to)) {
      for (ZipEntry entry : zip.stream().toList()) {
        try (InputStream in = zip.getInputStream(entry)) {
          out.putNextEntry(new ZipEntry(names.apply(entry.getName())));
          out.write(change.of(entry.getName(), in.readAllBytes()));
        }
      }
    }
    return other;
  }
}
