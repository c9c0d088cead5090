package dev.selfsame.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.identity.Claim;
import dev.selfsame.intake.IntakeSettings;
import dev.selfsame.intake.Pipeline;
import dev.selfsame.intake.Receipt;
import dev.selfsame.intake.Submission;
import dev.selfsame.postgres.EmbeddedPostgres;
import dev.selfsame.postgres.PostgresSettings;
import dev.selfsame.testing.ClaimJson;
import dev.selfsame.testing.Histories;
import dev.selfsame.testing.Replay;
import dev.selfsame.testing.Sweep;
import dev.selfsame.testing.TestDatabase;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What goes into a backup comes out of it, row by row, or nothing does. */
final class BackupTest {

  @RegisterExtension static final TestDatabase hub = TestDatabase.migrated();
  @RegisterExtension static final TestDatabase target = TestDatabase.empty();
  @RegisterExtension static final TestDatabase older = TestDatabase.empty();

  private static final Path BINARIES =
      Path.of(System.getProperty("java.io.tmpdir"), "selfsame-test-binaries");

  /** So that fifteen hundred claims, in a hundred days, end about the tests' today. */
  static final Instant FIRST_DAY = Instant.parse("2026-08-18T00:00:00Z");

  private static final TransferProgress SILENT = new Heard(what -> {});

  // Not below root's home: the database runs as another account.
  @TempDir Path directory;

  private final AtomicLong messages = new AtomicLong();

  record Heard(java.util.function.Consumer<String> at) implements TransferProgress {
    @Override
    public void step(String what, Unit unit, long of) {
      at.accept(what);
    }

    @Override
    public void at(long done) {}
  }

  @BeforeEach
  void fill() throws Exception {
    assertThat(directory.toFile().setExecutable(true, false)).isTrue();
    Histories.empty(hub);
    try (Connection connection = hub.connect()) {
      new Partitions(connection).ensure(FIRST_DAY);
    }
    hub.sql(
        """
        INSERT INTO selfsame.write_key (hash, id, name, hint, space, source)
          VALUES ('\\x00ff'::bytea, 'k1', E'tab\\there', 'abcd', 1, 1) ON CONFLICT DO NOTHING;
        INSERT INTO selfsame.token (hash, id, name, hint, scope, revoked_at)
          VALUES ('\\x01'::bytea, 't1', 'τoken', 'efgh', 'read', '2026-01-01 00:00:00.123456+03') ON CONFLICT DO NOTHING;
        INSERT INTO selfsame.suppression VALUES (1, '\\x0a0d5c'::bytea, 1, 2) ON CONFLICT DO NOTHING;
        INSERT INTO selfsame.event_count VALUES (1, 1, 'track', 5, 9007199254740993) ON CONFLICT DO NOTHING;
        INSERT INTO zendesk.users (id, name, email, notes, received_at, verified) VALUES
          ('1', E'line\\nbreak \\\\N back\\\\slash\\ttab\\r', '', '\\N', '1999-12-31 23:59:59.999999+00', NULL),
          ('2', NULL, NULL, '\\.', 'infinity', true) ON CONFLICT DO NOTHING;
        INSERT INTO segment.pages (id, received_at, user_id, title, timestamp) VALUES
          ('m1', '2026-11-21 12:00:00.000001+00', 'u1', E'tab\\t', '0001-01-01 00:00:00+00') ON CONFLICT DO NOTHING;
        UPDATE selfsame.source SET settings = '{"land_pages": true}' WHERE name = 'segment';
        """);
  }

  @AfterEach
  void clear() {
    for (TestDatabase database : List.of(target, older)) {
      emptyOut(database);
    }
  }

  static void emptyOut(TestDatabase database) {
    List<String> tools;
    try (Connection connection = database.connect()) {
      tools = LandingTables.added(connection);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
    for (String schema : OwnTables.schemas(tools)) {
      database.sql("DROP SCHEMA IF EXISTS " + schema + " CASCADE");
    }
    database.sql("DROP SCHEMA IF EXISTS " + Restore.UNFINISHED + " CASCADE");
  }

  // ---- All of it, everywhere ----

  @Test
  void every_row_comes_back_in_a_new_directory_and_from_there_in_a_database() throws Exception {
    claims(hub, new Histories(1, 60, micros(FIRST_DAY)), 1_500, List.of());
    assertThat(hub.rows("SELECT count(*) > 0 FROM selfsame.folded")).containsExactly("t");
    for (String table :
        List.of("merge", "flag", "account_part", "identifier", "message_key", "trait_column")) {
      assertThat(hub.rows("SELECT count(*) > 3 FROM selfsame." + table))
          .as(table)
          .containsExactly("t");
    }
    Path first = directory.resolve("first.backup");
    Backup.Written written = backup(hub.address(), first);
    assertThat(written.position()).isEqualTo(1_500);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(first)))
        .isEqualTo("rw-------");
    Map<String, List<String>> before = everything(hub.address());
    assertThat(before.get("selfsame.message_key")).hasSizeGreaterThan(50);

    Path second = directory.resolve("second.backup");
    try (EmbeddedPostgres postgres =
        EmbeddedPostgres.open(
            PostgresSettings.in(directory.resolve("data")).withBinaries(BINARIES), line -> {})) {
      DatabaseAddress embedded =
          new DatabaseAddress(postgres.jdbcUrl(), postgres.user(), postgres.password());
      restore(first, embedded);
      assertSame(before, everything(embedded));
      backup(embedded, second);
    }

    Restore.Restored restored = restore(second, target.address());
    assertThat(restored.position()).isEqualTo(1_500);
    assertSame(before, everything(target.address()));
    assertThat(shape(target)).isEqualTo(shape(hub));
    assertThat(
            target.rows(
                "SELECT count(*) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE NOT"
                    + " indisvalid"))
        .containsExactly("0");
    Sweep.invariants(target);
    assertGoesOn(target, 1_500);
  }

  /** What the restored hub must still do: count on, and know what it was sent before. */
  private void assertGoesOn(TestDatabase restored, long position) throws Exception {
    Histories again = new Histories(1, 60, micros(FIRST_DAY));
    for (int i = 0; i < 1_490; i++) {
      again.next();
    }
    messages.set(1_490);
    List<Receipt> receipts = claims(restored, again, 60, List.of("a", "brand \"new' trait"));
    assertThat(receipts.subList(0, 10)).as("sent before the backup").allMatch(Receipt::repeated);
    assertThat(receipts.subList(10, 60)).noneMatch(Receipt::repeated);
    assertThat(receipts.get(10).position()).isEqualTo(position + 1);
    assertThat(receipts.get(59).position()).isEqualTo(position + 50);
    assertThat(
            restored.rows(
                "SELECT count(*) FROM information_schema.columns WHERE table_schema = 'segment' AND"
                    + " table_name = 'users' AND column_name IN ('referral_source', 'plan', 'a',"
                    + " 'brand \"new'' trait')"))
        .containsExactly("4");
    Sweep.invariants(restored);
    Replay.check(restored);
    ReaderQuery query = restored.open().readerQuery();
    List<String> seen = new ArrayList<>();
    query.run(
        "SELECT count(*) FROM users",
        Duration.ofSeconds(10),
        new ReaderQuery.Sink() {
          @Override
          public void columns(List<ReaderQuery.Column> columns) {}

          @Override
          public void row(@Nullable String[] values) {
            seen.add(String.valueOf(values[0]));
          }
        });
    assertThat(seen).isEqualTo(restored.rows("SELECT count(*) FROM selfsame.live_user"));
  }

  @Test
  void a_backup_while_claims_come_in_shows_one_moment() throws Exception {
    claims(hub, new Histories(2, 40, micros(FIRST_DAY)), 800, List.of());
    AtomicBoolean stop = new AtomicBoolean();
    AtomicReference<Throwable> failed = new AtomicReference<>();
    Thread feeder =
        new Thread(() -> {
          try (Pipeline pipeline = pipeline(hub)) {
            pipeline.start();
            Histories histories = new Histories(3, 40, micros(FIRST_DAY));
            while (!stop.get()) {
              pipeline
                  .submit(
                      List.of(submission(histories, List.of()), submission(histories, List.of())))
                  .get(20, TimeUnit.SECONDS);
            }
          } catch (Exception | AssertionError e) {
            failed.set(e);
          }
        });
    feeder.start();
    long during = 0;
    Path file = directory.resolve("live.backup");
    try {
      for (int round = 0; round < 3; round++) {
        AtomicLong began = new AtomicLong();
        Backup backup =
            new Backup(
                hub.address(),
                StoreSettings.DEFAULT,
                new Heard(what -> {
                  if (what.equals("Reading")) {
                    began.set(position(hub));
                    awaitBeyond(hub, began.get() + 20);
                  }
                }));
        long position = backup.write(file, true, "test", TestDatabase.NOW).position();
        assertThat(position)
            .as("the moment is before the reading")
            .isLessThanOrEqualTo(began.get());
        during += position(hub) - position;
        emptyOut(target);
        restore(file, target.address());
        assertThat(position(target)).isEqualTo(position);
        assertThat(
                rows(target.address(), "SELECT l::text FROM selfsame.ledger l ORDER BY position"))
            .isEqualTo(
                rows(
                    hub.address(),
                    "SELECT l::text FROM selfsame.ledger l WHERE position <= %d ORDER BY position"
                        .formatted(position)));
        Sweep.invariants(target);
        Replay.check(target);
      }
    } finally {
      stop.set(true);
      feeder.join();
    }
    assertThat(failed.get()).isNull();
    assertThat(during).as("claims while it was written").isGreaterThan(50);
  }

  @Test
  void an_older_schema_is_loaded_as_it_was_and_brought_up_to_date() {
    Migrations.migrate(older.address(), 3);
    older.sql(
        "INSERT INTO selfsame.token (hash, id, name, hint, scope) VALUES ('\\x07', 't7', 'old',"
            + " 'x', 'admin')");
    Path file = directory.resolve("older.backup");
    backup(older.address(), file);
    assertThat(older.rows("SELECT max(version::int) FROM selfsame.migration"))
        .as("a backup changes nothing")
        .containsExactly("3");

    restore(file, target.address());
    assertThat(target.rows("SELECT max(version::int) FROM selfsame.migration"))
        .containsExactly(Integer.toString(Migrations.LATEST));
    assertThat(target.rows("SELECT id FROM selfsame.token")).containsExactly("t7");
    target.open();
    assertThat(shape(target)).isEqualTo(shape(hub));
  }

  /** A table, or a way of numbering rows, that is not carried must be noticed. */
  @Test
  void nothing_that_holds_rows_is_left_out() throws Exception {
    List<String> carried;
    try (Connection connection = hub.connect()) {
      carried = OwnTables.of(connection).stream().map(OwnTables.Table::name).toList();
    }
    assertThat(
            hub.rows(
                """
                SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE c.relkind IN ('r', 'p', 'm', 'S', 'f') AND NOT c.relispartition
                  AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
                """))
        .containsExactlyInAnyOrderElementsOf(
            Stream.concat(
                    carried.stream(),
                    Stream.of(
                        "selfsame.migration",
                        "selfsame.reader",
                        "selfsame.member_session",
                        "selfsame.sign_in_link",
                        "selfsame.asked"))
                .toList());
    assertThat(carried.indexOf("selfsame.space"))
        .isLessThan(carried.indexOf("selfsame.source"))
        .isGreaterThanOrEqualTo(0);
    assertThat(carried.indexOf("selfsame.source"))
        .isLessThan(carried.indexOf("selfsame.write_key"));
  }

  // ---- Refused, with nothing done ----

  @Test
  void a_database_that_holds_something_is_refused_and_left_alone() {
    Path file = some();
    List<String> before = relations(hub);
    assertRefused(
        Problem.NOT_EMPTY, () -> restore(file, hub.address()), "is not empty", "chargebee");
    assertThat(relations(hub)).isEqualTo(before);

    target.sql("CREATE TABLE public.theirs (id int)");
    try {
      assertRefused(Problem.NOT_EMPTY, () -> restore(file, target.address()), "public.theirs");
      assertThat(relations(target)).containsExactly("public.theirs");
    } finally {
      target.sql("DROP TABLE public.theirs");
    }
    target.sql("CREATE SCHEMA stripe");
    assertRefused(Problem.NOT_EMPTY, () -> restore(file, target.address()), "it holds stripe");
  }

  @Test
  void two_restores_into_one_database_do_not_mix() throws Exception {
    Path file = some();
    try (Restore second = Restore.of(file, SILENT);
        Restore first =
            Restore.of(
                file,
                new Heard(what -> {
                  if (what.equals("Loading")) {
                    assertRefused(
                        Problem.NOT_EMPTY,
                        () ->
                            second.into(target.address(), StoreSettings.DEFAULT, TestDatabase.NOW),
                        "Another restore");
                  }
                }))) {
      first.into(target.address(), StoreSettings.DEFAULT, TestDatabase.NOW);
    }
    Sweep.invariants(target);
  }

  @Test
  void a_truncated_file_is_named_and_nothing_done() throws IOException {
    byte[] whole = Files.readAllBytes(some());
    Path file = directory.resolve("truncated");
    Random random = new Random(5);
    for (int i = 0; i < 40; i++) {
      int length = i == 0 ? whole.length - 1 : random.nextInt(whole.length);
      Files.write(file, java.util.Arrays.copyOf(whole, length));
      Failure failure = catchThrowableOfType(Failure.class, () -> restore(file, target.address()));
      assertThat(failure).as("of %d the first %d bytes", whole.length, length).isNotNull();
      assertThat(failure.problem())
          .isEqualTo(length < 4 ? Problem.NOT_A_BACKUP : Problem.BACKUP_DAMAGED);
    }
    assertThat(relations(target)).isEmpty();
  }

  /** Wherever a byte is flipped: a named failure, or what was flipped says nothing. */
  @Test
  void an_altered_file_is_named_and_nothing_done() throws IOException {
    Path good = some();
    byte[] whole = Files.readAllBytes(good);
    String manifest;
    try (BackupFile file = BackupFile.open(good)) {
      manifest = file.manifest().toString();
    }
    Path file = directory.resolve("altered");
    Random random = new Random(6);
    int refused = 0;
    for (int i = 0; i < 300; i++) {
      int at = random.nextInt(whole.length);
      byte[] altered = whole.clone();
      altered[at] ^= (byte) (1 << random.nextInt(8));
      Files.write(file, altered);
      try (Restore restore = Restore.of(file, SILENT);
          BackupFile read = BackupFile.open(file)) {
        assertThat(restore).isNotNull();
        assertThat(read.manifest().toString()).as("byte %d", at).isEqualTo(manifest);
      } catch (Failure e) {
        refused++;
        assertThat(e.problem())
            .as("byte %d: %s", at, e.getMessage())
            .isIn(Problem.BACKUP_DAMAGED, Problem.NOT_A_BACKUP);
      }
    }
    assertThat(refused).isGreaterThan(100);
  }

  @Test
  void a_foreign_file_is_named() throws IOException {
    Path text = Files.writeString(directory.resolve("notes.txt"), "PKnot a zip");
    assertRefused(Problem.NOT_A_BACKUP, () -> restore(text, target.address()), "not a backup");
    Path empty = Files.createFile(directory.resolve("empty"));
    assertRefused(Problem.NOT_A_BACKUP, () -> restore(empty, target.address()), "not a backup");
    Path zip = directory.resolve("other.zip");
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip))) {
      out.putNextEntry(new ZipEntry("readme"));
      out.write(1);
    }
    assertRefused(Problem.NOT_A_BACKUP, () -> restore(zip, target.address()), "not a backup");
    Path json =
        rewritten(
            some(),
            (name, bytes) ->
                name.equals(BackupFile.MANIFEST)
                    ? "{\"format\": 1}".getBytes(StandardCharsets.UTF_8)
                    : bytes);
    assertRefused(Problem.NOT_A_BACKUP, () -> restore(json, target.address()), "manifest");
    assertRefused(
        Problem.FILE_UNUSABLE,
        () -> restore(directory.resolve("missing"), target.address()),
        "does not exist");
    assertRefused(
        Problem.FILE_UNUSABLE, () -> restore(directory, target.address()), "is a directory");
    assertThat(relations(target)).isEmpty();
  }

  @Test
  void a_backup_of_a_newer_program_is_named() throws IOException {
    Path schema = manifest(some(), json -> json.put("schema", Migrations.LATEST + 1));
    assertRefused(
        Problem.BACKUP_NEWER, () -> restore(schema, target.address()), "newer Selfsame", "test");
    Path format = manifest(some(), json -> json.put("format", 2).remove("tables"));
    assertRefused(Problem.BACKUP_NEWER, () -> restore(format, target.address()), "format 2");
    assertThat(relations(target)).isEmpty();
  }

  @Test
  void a_backup_that_lacks_a_table_or_a_column_is_named() throws IOException {
    Path table = manifest(some(), json -> ((ArrayNode) json.get("tables")).remove(0));
    assertRefused(Problem.BACKUP_DAMAGED, () -> restore(table, target.address()), "lacks a table");
    for (boolean landing : List.of(false, true)) {
      Path column =
          manifest(
              some(),
              json -> {
                for (var one : json.get("tables")) {
                  if (one.get("types").isEmpty() != landing) {
                    ((ArrayNode) one.get("columns")).set(0, "other\"; DROP");
                  }
                }
              });
      assertRefused(
          Problem.BACKUP_DAMAGED,
          () -> restore(column, target.address()),
          landing ? "which no landing makes" : "is not as schema");
    }
    assertThat(relations(target)).isEmpty();
  }

  @Test
  void rows_that_the_database_refuses_leave_it_empty() throws IOException {
    Path file = doubled(some(), "selfsame.trait_column");
    assertThatThrownBy(() -> restore(file, target.address()))
        .isInstanceOf(Failure.class)
        .hasMessageContaining("trait_column");
    assertThat(relations(target)).isEmpty();
    restore(some(), target.address());
    Sweep.invariants(target);
  }

  // ---- Interrupted ----

  @Test
  void a_restore_that_is_stopped_leaves_the_database_empty() {
    Path file = some();
    for (String step :
        List.of("Making the tables", "Loading", "Building the indexes", "Analyzing")) {
      AtomicReference<Restore> running = new AtomicReference<>();
      try (Restore restore =
          Restore.of(
              file,
              new Heard(what -> {
                if (what.equals(step)) {
                  running.get().stop();
                }
              }))) {
        running.set(restore);
        assertRefused(
            Problem.STOPPED,
            () -> restore.into(target.address(), StoreSettings.DEFAULT, TestDatabase.NOW),
            "Stopped");
      }
      assertThat(relations(target)).as(step).isEmpty();
    }
  }

  @Test
  void a_restore_that_dies_leaves_a_database_that_is_refused_and_can_be_restored_again() {
    Path file = some();
    for (String step :
        List.of("Making the tables", "Loading", "Building the indexes", "Analyzing")) {
      try (Restore restore =
          Restore.of(
              file,
              new Heard(what -> {
                if (what.equals(step)) {
                  target.sqlElsewhere(
                      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE"
                          + " application_name = 'selfsame restore'");
                }
              }))) {
        assertRefused(
            Problem.STORE_AWAY,
            () -> restore.into(target.address(), StoreSettings.DEFAULT, TestDatabase.NOW),
            "cannot be reached");
      }
      assertRefused(
          Problem.RESTORE_UNFINISHED,
          () -> Database.open(target.address(), StoreSettings.DEFAULT, TestDatabase.NOW).close(),
          "did not come to its end",
          "selfsame restore");
      assertRefused(
          Problem.RESTORE_UNFINISHED,
          () -> backup(target.address(), directory.resolve("of-a-half")),
          "did not come to its end");
    }
    restore(file, target.address());
    Sweep.invariants(target);
    target.open();
    assertThat(directory.resolve("of-a-half")).doesNotExist();
  }

  @Test
  void a_backup_that_is_interrupted_leaves_no_file() throws IOException {
    Path folder = Files.createDirectory(directory.resolve("kept"));
    Path file = folder.resolve("hub.backup");
    AtomicReference<Backup> running = new AtomicReference<>();
    running.set(
        new Backup(hub.address(), StoreSettings.DEFAULT, new Heard(what -> running.get().stop())));
    assertRefused(
        Problem.STOPPED,
        () -> running.get().write(file, false, "test", TestDatabase.NOW),
        "Stopped");
    Backup dying =
        new Backup(
            hub.address(),
            StoreSettings.DEFAULT,
            new Heard(what ->
                hub.sqlElsewhere(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name"
                        + " = 'selfsame backup'")));
    assertRefused(
        Problem.STORE_AWAY,
        () -> dying.write(file, false, "test", TestDatabase.NOW),
        "cannot be reached");
    try (Stream<Path> left = Files.list(folder)) {
      assertThat(left).isEmpty();
    }
  }

  @Test
  void a_file_that_is_there_stays_unless_it_may_be_replaced() throws IOException {
    Path file = Files.writeString(directory.resolve("precious"), "mine");
    assertRefused(Problem.FILE_EXISTS, () -> backup(hub.address(), file), "--overwrite");
    assertThat(file).hasContent("mine");

    Path raced = directory.resolve("raced");
    Backup backup =
        new Backup(
            hub.address(),
            StoreSettings.DEFAULT,
            new Heard(what -> {
              try {
                Files.writeString(raced, "mine", StandardOpenOption.CREATE);
              } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
              }
            }));
    assertRefused(
        Problem.FILE_EXISTS,
        () -> backup.write(raced, false, "test", TestDatabase.NOW),
        "--overwrite");
    assertThat(raced).hasContent("mine");

    new Backup(hub.address(), StoreSettings.DEFAULT, SILENT)
        .write(file, true, "test", TestDatabase.NOW);
    restore(file, target.address());
    assertRefused(Problem.FILE_UNUSABLE, () -> backup(hub.address(), directory), "is a directory");
    assertRefused(
        Problem.FILE_UNUSABLE,
        () -> backup(hub.address(), directory.resolve("no/such/folder")),
        "cannot be written");
  }

  @Test
  void a_database_without_a_hub_has_no_backup() {
    assertRefused(
        Problem.NOT_FOUND,
        () -> backup(target.address(), directory.resolve("nothing")),
        "no hub in the database");
    assertThat(directory.resolve("nothing")).doesNotExist();
  }

  // ---- What they share ----

  static Backup.Written backup(DatabaseAddress from, Path file) {
    return new Backup(from, StoreSettings.DEFAULT, SILENT)
        .write(file, false, "test", TestDatabase.NOW);
  }

  static Restore.Restored restore(Path file, DatabaseAddress into) {
    try (Restore restore = Restore.of(file, SILENT)) {
      return restore.into(into, StoreSettings.DEFAULT, TestDatabase.NOW);
    }
  }

  /** A small one. */
  private Path some() {
    Path file = directory.resolve("some-" + messages.incrementAndGet() + ".backup");
    backup(hub.address(), file);
    return file;
  }

  static void assertRefused(Problem problem, Runnable what, String... words) {
    Failure failure = catchThrowableOfType(Failure.class, what::run);
    assertThat(failure).isNotNull();
    assertThat(failure.problem()).as(failure.getMessage()).isEqualTo(problem);
    assertThat(failure).hasMessageContainingAll(words);
  }

  /** Sends so many claims, each with a message's key and now and then with traits. */
  List<Receipt> claims(TestDatabase database, Histories histories, int count, List<String> traits)
      throws Exception {
    List<CompletableFuture<List<Receipt>>> answers = new ArrayList<>();
    try (Pipeline pipeline = pipeline(database)) {
      pipeline.start();
      for (int i = 0; i < count; i++) {
        answers.add(pipeline.submit(List.of(submission(histories, traits))));
      }
      List<Receipt> receipts = new ArrayList<>();
      for (CompletableFuture<List<Receipt>> answer : answers) {
        receipts.addAll(answer.get(20, TimeUnit.SECONDS));
      }
      return receipts;
    }
  }

  private Submission submission(Histories histories, List<String> traits) {
    Claim claim = histories.next();
    long number = messages.incrementAndGet();
    boolean identify = claim instanceof Claim.Identify;
    List<String> names = identify ? new ArrayList<>(traits) : new ArrayList<>();
    if (identify && number % 3 == 0) {
      names.add("plan");
      names.add("trait %d".formatted(number % 5));
    }
    Map<String, String> values = new LinkedHashMap<>();
    names.forEach(name -> values.put(name, "value \\ \t \n " + number));
    return new Submission(
        claim,
        histories.now(),
        new Submission.MessageKey(number % 7, number * 31, number * 17),
        ClaimJson.payload(claim),
        names.isEmpty() ? null : Json.object(values).getBytes(StandardCharsets.UTF_8),
        Set.copyOf(names),
        Map.of());
  }

  private static Pipeline pipeline(TestDatabase database) {
    Database open = database.open();
    return new Pipeline(
        "default", open.sessions("intake"), IntakeSettings.DEFAULT, new TraitColumns(open)::ensure);
  }

  private static long position(TestDatabase database) {
    return Long.parseLong(
        database.rows("SELECT position FROM selfsame.space WHERE number = 1").getFirst());
  }

  private static void awaitBeyond(TestDatabase database, long position) {
    long end = System.nanoTime() + 20_000_000_000L;
    while (position(database) <= position) {
      assertThat(System.nanoTime()).as("claims come while the backup runs").isLessThan(end);
    }
  }

  static long micros(Instant instant) {
    return instant.toEpochMilli() * 1_000;
  }

  /**
   * Every row of every table and every published view; of the messages' keys those that the program
   * keeps.
   */
  static Map<String, List<String>> everything(DatabaseAddress address) throws SQLException {
    List<String> names = new ArrayList<>();
    try (Connection connection = connect(address)) {
      OwnTables.of(connection).forEach(table -> names.add(table.name()));
    }
    ReaderRole.PUBLISHED.forEach(view -> names.add("public." + view));
    names.add("segment.users");
    Map<String, List<String>> everything = new LinkedHashMap<>();
    for (String name : names) {
      String kept =
          name.equals("selfsame.message_key")
              ? " WHERE at > "
                  + micros(TestDatabase.NOW.minus(Duration.ofDays(Partitions.KEY_DAYS)))
              : "";
      everything.put(
          name,
          rows(
              address,
              "SELECT t::text FROM " + name + " t" + kept + " ORDER BY t::text COLLATE \"C\""));
    }
    return everything;
  }

  static void assertSame(Map<String, List<String>> before, Map<String, List<String>> after) {
    assertThat(after.keySet()).isEqualTo(before.keySet());
    before.forEach((name, rows) -> assertThat(after.get(name)).as(name).isEqualTo(rows));
  }

  private static List<String> rows(DatabaseAddress address, String query) throws SQLException {
    List<String> rows = new ArrayList<>();
    try (Connection connection = connect(address);
        Statement statement = connection.createStatement()) {
      statement.execute("SET timezone = 'UTC'");
      try (ResultSet result = statement.executeQuery(query)) {
        while (result.next()) {
          rows.add(result.getString(1));
        }
      }
    }
    return rows;
  }

  private static Connection connect(DatabaseAddress address) throws SQLException {
    return DriverManager.getConnection(address.url(), address.user(), address.password());
  }

  /** Indexes, keys and columns of what is not made by time; the columns that traits made aside. */
  static List<String> shape(TestDatabase database) {
    return database.rows(
        """
        SELECT pg_get_indexdef(i.indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
        JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname NOT LIKE 'pg\\_%' AND NOT c.relispartition
        UNION ALL
        SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(k.oid) FROM pg_constraint k
        JOIN pg_class c ON c.oid = k.conrelid WHERE NOT c.relispartition AND k.connamespace::regnamespace::text NOT LIKE 'pg\\_%'
          AND k.connamespace::regnamespace::text <> 'information_schema'
        UNION ALL
        SELECT a.attrelid::regclass || ' ' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || a.attnotnull
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema' AND c.relkind IN ('r', 'p') AND NOT c.relispartition
          AND a.attnum > 0
        ORDER BY 1
        """);
  }

  static List<String> relations(TestDatabase database) {
    return database.rows(
        """
        SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
        UNION ALL
        SELECT nspname FROM pg_namespace WHERE nspname NOT LIKE 'pg\\_%' AND nspname NOT IN ('information_schema', 'public')
        ORDER BY 1
        """);
  }

  private interface Change {
    byte[] of(String name, byte[] bytes);
  }

  /** The same file with other entries, as a zip tool would write it. */
  private Path rewritten(Path file, Change change) throws IOException {
    Path other = directory.resolve("rewritten-" + messages.incrementAndGet());
    try (ZipFile zip = new ZipFile(file.toFile());
        ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(other))) {
      for (ZipEntry entry : zip.stream().toList()) {
        try (InputStream in = zip.getInputStream(entry)) {
          out.putNextEntry(new ZipEntry(entry.getName()));
          out.write(change.of(entry.getName(), in.readAllBytes()));
        }
      }
    }
    return other;
  }

  private Path manifest(Path file, java.util.function.Consumer<ObjectNode> change)
      throws IOException {
    return rewritten(
        file,
        (name, bytes) -> {
          if (!name.equals(BackupFile.MANIFEST)) {
            return bytes;
          }
          ObjectNode json = (ObjectNode) Json.MAPPER.readTree(bytes);
          change.accept(json);
          return Json.MAPPER.writeValueAsBytes(json);
        });
  }

  /** A sound file in which every row of a table is there twice. */
  private Path doubled(Path file, String table) throws IOException {
    ByteArrayOutputStream rows = new ByteArrayOutputStream();
    Path twice =
        rewritten(
            file,
            (name, bytes) -> {
              if (name.equals("tables/" + table + ".copy")) {
                rows.writeBytes(bytes);
                rows.writeBytes(bytes);
                return rows.toByteArray();
              }
              return bytes;
            });
    return manifest(
        twice,
        json -> {
          for (var node : json.get("tables")) {
            if (node.get("name").asString().equals(table)) {
              ObjectNode one = (ObjectNode) node;
              one.put("rows", one.get("rows").asLong() * 2);
              one.put("bytes", rows.size());
              one.put(
                  "sha256",
                  HexFormat.of().formatHex(BackupFile.sha256().digest(rows.toByteArray())));
            }
          }
        });
  }
}
