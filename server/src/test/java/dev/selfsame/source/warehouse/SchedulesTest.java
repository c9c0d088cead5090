package dev.selfsame.source.warehouse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.store.StoredLedger;
import dev.selfsame.store.StoredPublications;
import dev.selfsame.store.StoredSyncs;
import dev.selfsame.store.SyncLog;
import dev.selfsame.store.SyncRows;
import dev.selfsame.store.Turn;
import dev.selfsame.testing.AlertReceiver;
import dev.selfsame.testing.TestDatabase;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Sources that run by themselves, are told to end, only try, and lose rows. */
final class SchedulesTest extends WithWarehouse {
  @RegisterExtension static final TestDatabase hub = TestDatabase.migrated();
  @RegisterExtension static final TestDatabase warehouse = TestDatabase.empty();

  private static final String INCREMENTAL =
      "SELECT user_id, email, name FROM people WHERE loaded > $LAST_SYNC_TIMESTAMP";

  SchedulesTest() {
    super(hub, warehouse);
  }

  private void operate(String schedule, LeftRows leftRows, boolean shadow) {
    syncs.operate("users", schedule.isEmpty() ? null : schedule, false, leftRows, shadow, ANN);
  }

  private static void await(String what, BooleanSupplier done) throws InterruptedException {
    for (int i = 0; i < 400 && !done.getAsBoolean(); i++) {
      Thread.sleep(50);
    }
    assertThat(done.getAsBoolean()).as(what).isTrue();
  }

  private void awaitRuns(int count) throws InterruptedException {
    await(
        count + " runs ended",
        () -> {
          List<Syncs.Run> runs = syncs.runs("users", 100);
          return runs.size() == count
              && runs.stream().noneMatch(run -> run.state() == SyncLog.State.RUNNING)
              && !Objects.equals(syncs.get("users").due(), null);
        });
  }

  // ---- when ----

  @Test
  void how_often_or_a_cron_expression_says_when() {
    Instant at = Instant.parse("2026-11-21T12:07:30Z");
    assertThat(Schedule.of("15m").first(at)).isEqualTo(at);
    assertThat(Schedule.of("15m").next(at, at.plusSeconds(20))).isEqualTo(at.plusSeconds(900));
    assertThat(Schedule.of("1m").next(at, at.plusSeconds(100)))
        .as("a run that took longer than its interval is followed by the next one")
        .isEqualTo(at.plusSeconds(100));
    assertThat(Schedule.of(" 0 6 * * * ").first(at)).isEqualTo("2026-11-22T06:00:00Z");
    assertThat(Schedule.of("*/10 * * * *").next(at, at)).isEqualTo("2026-11-21T12:10:00Z");
    for (String wrong :
        List.of("", "15", "0m", "32d", "15 minutes", "* * * *", "99 * * * *", "0 0 30 2 *")) {
      assertThat(problem(() -> Schedule.of(wrong))).as(wrong).isEqualTo(Problem.SOURCE_INVALID);
    }
    assertThat(List.of(1, 2, 3, 7, 50).stream().map(Schedule::patience))
        .containsExactly(
            Duration.ofMinutes(1),
            Duration.ofMinutes(2),
            Duration.ofMinutes(4),
            Duration.ofHours(1),
            Duration.ofHours(1));
  }

  @Test
  void a_source_runs_when_it_is_due_and_not_when_it_is_paused() throws Exception {
    people("1,ann@x.org,Ann");
    source(IDS);
    operate("15m", LeftRows.KEEP, false);
    syncs.runDue();
    awaitRuns(1);
    assertThat(users()).containsExactly("1|ann@x.org|Ann");
    assertThat(syncs.runs("users", 1).getFirst().actor()).isEqualTo("schedule");
    assertThat(syncs.get("users").due()).isEqualTo(now.plus(Duration.ofMinutes(15)));
    syncs.runDue();
    assertThat(syncs.runs("users", 10)).as("not due").hasSize(1);
    now = now.plus(Duration.ofMinutes(15));
    syncs.operate("users", "15m", true, LeftRows.KEEP, false, ANN);
    syncs.runDue();
    assertThat(syncs.runs("users", 10)).as("paused").hasSize(1);
    syncs.operate("users", "15m", false, LeftRows.KEEP, false, ANN);
    syncs.runDue();
    awaitRuns(2);
    operate("", LeftRows.KEEP, false);
    now = now.plus(Duration.ofDays(1));
    syncs.runDue();
    assertThat(syncs.runs("users", 10)).as("by hand").hasSize(2);
    assertThat(hub.rows("SELECT count(*) FROM selfsame.act WHERE act = 'schedule_source'"))
        .containsExactly("4");
  }

  @Test
  void of_two_servers_one_runs_what_is_due() throws Exception {
    people("1,ann@x.org,Ann");
    source(IDS);
    operate("1h", LeftRows.KEEP, false);
    try (Syncs other = syncs(SyncSettings.DEFAULT)) {
      for (int i = 0; i < 5; i++) {
        Thread both = Thread.ofPlatform().start(other::runDue);
        syncs.runDue();
        both.join();
        awaitRuns(i + 1);
        now = now.plus(Duration.ofHours(1));
      }
    }
  }

  @Test
  void the_schedule_looks_by_itself() throws Exception {
    people("1,ann@x.org,Ann");
    source(IDS);
    operate("1h", LeftRows.KEEP, false);
    syncs.close();
    syncs =
        syncs(
            new SyncSettings(
                Duration.ofMinutes(10), Duration.ofHours(1), Duration.ofMillis(20), 4, null));
    syncs.schedule();
    awaitRuns(1);
  }

  @Test
  void only_what_is_configured_can_be_scheduled() {
    syncs.add("users", "dwh", "SELECT * FROM people", false);
    assertThat(problem(() -> operate("15m", LeftRows.KEEP, false)))
        .isEqualTo(Problem.SOURCE_NOT_CONFIGURED);
  }

  @Test
  void publications_that_go_after_runs_are_due_when_one_ends() {
    people("1,ann@x.org,Ann");
    source(IDS);
    StoredPublications publications = new StoredPublications(database, SPACE);
    StoredPublications.Place there = new StoredPublications.Place("dwh", null, "", null, null);
    publications.put("after", there, null, true, false, ANN, now);
    publications.put("by hand", there, null, false, false, ANN, now);
    operate("", LeftRows.KEEP, true);
    run();
    assertThat(publications.due(now)).as("a shadow run changes nothing").isEmpty();
    operate("", LeftRows.KEEP, false);
    run();
    assertThat(publications.due(now)).containsExactly("after");
  }

  // ---- failing ----

  private void alertsGoTo(AlertReceiver receiver) {
    syncs.close();
    syncs =
        syncs(
            new SyncSettings(
                Duration.ofMinutes(10),
                Duration.ofHours(1),
                Duration.ofSeconds(5),
                4,
                receiver.url()));
  }

  @Test
  void a_source_that_fails_waits_longer_each_time_and_says_so() throws Exception {
    try (AlertReceiver alerts = new AlertReceiver()) {
      alertsGoTo(alerts);
      people("1,ann@x.org,Ann");
      source(INCREMENTAL, IDS, false);
      operate("1d", LeftRows.KEEP, false);
      warehouse.sql("ALTER TABLE people RENAME COLUMN email TO mail");
      for (int failures = 1; failures <= 3; failures++) {
        syncs.runDue();
        awaitRuns(failures);
        assertThat(syncs.get("users").failures()).isEqualTo(failures);
        Instant due = Objects.requireNonNull(syncs.get("users").due());
        assertThat(due).isEqualTo(now.plus(Duration.ofMinutes(1L << (failures - 1))));
        now = due;
      }
      assertThat(alerts.next(Duration.ofSeconds(10)))
          .contains(
              "\"event\":\"source.failing\"",
              "\"source\":\"users\"",
              "\"failures\":1",
              "warehouse_query",
              "email");
      assertThat(alerts.next(Duration.ofMillis(500)))
          .as("only the first of a series is news")
          .isNull();
      syncs.operate("users", "1d", true, LeftRows.KEEP, false, ANN);
      syncs.operate("users", "1d", false, LeftRows.KEEP, false, ANN);
      assertThat(syncs.get("users").failures()).as("a pause forgets none").isEqualTo(3);
      warehouse.sql("ALTER TABLE people RENAME COLUMN mail TO email");
      syncs.runDue();
      awaitRuns(4);
      assertThat(alerts.next(Duration.ofSeconds(10))).contains("\"event\":\"source.recovered\"");
      assertThat(syncs.get("users").failures()).isZero();
      assertThat(syncs.get("users").due()).isEqualTo(now.plus(Duration.ofDays(1)));
    }
  }

  // ---- ending early ----

  /** A preview would take as long: the columns are known by now. */
  private void asksSlowly(double seconds, String which) {
    syncs.add(
        "users",
        "dwh",
        "SELECT user_id, email, name, pg_sleep(%s)::text FROM people %s".formatted(seconds, which),
        true);
  }

  @Test
  void a_run_is_cancelled_while_the_warehouse_works_on_the_query() throws Exception {
    people("1,ann@x.org,Ann");
    source(IDS);
    asksSlowly(60, "");
    assertThat(problem(() -> syncs.cancel("users", ANN))).isEqualTo(Problem.NO_RUN);
    Syncs.Run run = syncs.start("users", false, ANN);
    try (Syncs other = syncs(SyncSettings.DEFAULT)) {
      assertThat(other.cancel("users", ANN).id()).as("from any server").isEqualTo(run.id());
    }
    await("cancelled", () -> syncs.get(run.id()).state() == SyncLog.State.CANCELLED);
    assertThat(Objects.requireNonNull(syncs.get(run.id()).error()).code()).isEqualTo("stopped");
    assertThat(users()).isEmpty();
  }

  @Test
  void a_run_ends_whose_turn_another_server_may_take() throws Exception {
    people("1,ann@x.org,Ann");
    source(IDS);
    asksSlowly(60, "");
    Syncs.Run run = syncs.start("users", false, ANN);
    assertThat(
            hub.rows(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name ="
                    + " 'selfsame sync' AND datname = current_database()"))
        .containsExactly("t");
    await("ended", () -> syncs.get(run.id()).state() == SyncLog.State.INTERRUPTED);
    assertThat(Objects.requireNonNull(syncs.get(run.id()).error()).detail())
        .contains("keeps other servers from this source");
  }

  @Test
  void a_cancelled_run_is_no_failure() throws Exception {
    try (AlertReceiver alerts = new AlertReceiver()) {
      alertsGoTo(alerts);
      people("1,ann@x.org,Ann");
      source(IDS);
      asksSlowly(60, "");
      operate("1h", LeftRows.KEEP, false);
      // After one that failed, another failure would not be news, but this is not even one.
      hub.sql("UPDATE selfsame.sync SET failures = 1");
      Syncs.Run run = syncs.start("users", false, ANN);
      syncs.cancel("users", ANN);
      await("cancelled", () -> syncs.get(run.id()).state() == SyncLog.State.CANCELLED);
      await("noted", () -> !hub.rows("SELECT 1 FROM selfsame.sync WHERE failures = 1").isEmpty());
      assertThat(alerts.next(Duration.ofSeconds(2))).isNull();
    }
  }

  @Test
  void a_run_is_cancelled_between_its_rows() throws Exception {
    warehouse.sql(
        "INSERT INTO people (user_id, name) SELECT n::text, 'N' FROM generate_series(1, 9000) n");
    source(INCREMENTAL, IDS, false);
    asksSlowly(0.0002, "WHERE loaded > $LAST_SYNC_TIMESTAMP ORDER BY user_id::int");
    Syncs.Run run = syncs.start("users", false, ANN);
    await("some rows", () -> syncs.get(run.id()).result().rows() > 0);
    syncs.cancel("users", ANN);
    await("cancelled", () -> syncs.get(run.id()).state() == SyncLog.State.CANCELLED);
    assertThat(syncs.get("users").watermark()).isNull();
    long applied = syncs.get(run.id()).result().created();
    assertThat(applied).isBetween(1L, 8_999L);
    RunResult next = run();
    assertThat(next.rows()).isEqualTo(9_000);
    assertThat(next.same()).isEqualTo(applied);
  }

  @Test
  void a_server_that_stops_ends_its_runs_and_they_are_still_due() throws Exception {
    people("1,ann@x.org,Ann");
    source(IDS);
    asksSlowly(60, "");
    operate("1h", LeftRows.KEEP, false);
    syncs.runDue();
    Instant due = syncs.get("users").due();
    long began = System.nanoTime();
    syncs.close();
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(20));
    assertThat(syncs.runs("users", 1).getFirst().state()).isEqualTo(SyncLog.State.INTERRUPTED);
    assertThat(syncs.get("users").due()).isEqualTo(due);
  }

  @Test
  void what_a_killed_server_left_is_noticed() {
    people("1,ann@x.org,Ann");
    source(IDS);
    run();
    hub.sql("UPDATE selfsame.sync_run SET state = 'running'");
    StoredSyncs stored = new StoredSyncs(database, SPACE);
    try (Turn turn = stored.turn(stored.get("users").source())) {
      assertThat(turn).isNotNull();
      syncs.interruptAbandoned();
      assertThat(syncs.runs("users", 1).getFirst().state())
          .as("somebody runs it")
          .isEqualTo(SyncLog.State.RUNNING);
    }
    syncs.interruptAbandoned();
    assertThat(syncs.runs("users", 1).getFirst().state()).isEqualTo(SyncLog.State.INTERRUPTED);
  }

  // ---- an end at every step ----

  /**
   * The database refuses one step after the other, as if the program had ended right before it; the
   * next run makes up for it, and the rows are applied once.
   */
  @Test
  void no_end_at_any_step_loses_a_row() {
    Map<String, String> steps =
        Map.of(
            "the claims of a page", "BEFORE INSERT ON selfsame.part FOR EACH STATEMENT",
            "what the page said", "BEFORE INSERT ON selfsame.sync_row FOR EACH STATEMENT",
            "the watermark", "BEFORE UPDATE OF watermark ON selfsame.sync FOR EACH STATEMENT",
            "how the run ended",
                "BEFORE UPDATE OF state ON selfsame.sync_run FOR EACH ROW WHEN"
                    + " (NEW.state = 'done')");
    hub.sql(
        "CREATE OR REPLACE FUNCTION selfsame.refuse() RETURNS trigger LANGUAGE plpgsql AS"
            + " $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '57P01'; END $$");
    int generation = 0;
    source(INCREMENTAL, IDS, false);
    for (Map.Entry<String, String> step : steps.entrySet()) {
      generation++;
      warehouse.sql(
          "INSERT INTO people (user_id, name) SELECT '%d-' || n, 'N' FROM generate_series(1, 3000) n"
              .formatted(generation));
      Instant before = syncs.get("users").watermark();
      hub.sql("CREATE TRIGGER refused " + step.getValue() + " EXECUTE FUNCTION selfsame.refuse()");
      Failure failure =
          catchThrowableOfType(
              Failure.class, () -> syncs.run("users", false, ANN, result -> {}, () -> false));
      String table = step.getValue().replaceFirst(".* ON (\\S+) .*", "$1");
      hub.sql("DROP TRIGGER refused ON " + table);
      if (!step.getKey().equals("how the run ended")) {
        assertThat(failure).as(step.getKey()).isNotNull();
        assertThat(syncs.get("users").watermark())
            .as("not past rows that were not read: " + step.getKey())
            .isEqualTo(before);
      }
      RunResult next = run();
      assertThat(next.rejected()).as(step.getKey()).isEmpty();
      assertThat(hub.rows("SELECT count(*) FROM users"))
          .as(step.getKey())
          .containsExactly(Integer.toString(generation * 3_000));
    }
  }

  // ---- trying ----

  @Test
  void a_shadow_says_what_would_be_and_does_nothing() {
    people("1,ann@x.org,Ann", "2,bob@x.org,Bob", ",cy@x.org,Cy");
    source(INCREMENTAL, IDS, false);
    run();
    warehouse.sql("UPDATE people SET name = 'Annie' WHERE user_id = '1'");
    people("3,di@x.org,Di");
    operate("", LeftRows.MARK, true);
    List<String> before = hub.rows("SELECT * FROM selfsame.ledger ORDER BY position");
    Instant watermark = syncs.get("users").watermark();
    for (int i = 0; i < 2; i++) {
      RunResult result = run();
      assertThat(result.shadow()).isTrue();
      assertThat(result.rows()).isEqualTo(4);
      assertThat(result.created()).isEqualTo(1);
      assertThat(result.updated()).isEqualTo(1);
      assertThat(result.rejected()).containsEntry("no_id", 1L);
      assertThat(syncs.get("users").watermark()).isEqualTo(watermark);
    }
    assertThat(hub.rows("SELECT * FROM selfsame.ledger ORDER BY position")).isEqualTo(before);
    operate("", LeftRows.KEEP, false);
    RunResult result = run();
    assertThat(result.shadow()).isFalse();
    assertThat(result.created()).isEqualTo(1);
    assertThat(users()).containsExactly("1|ann@x.org|Annie", "2|bob@x.org|Bob", "3|di@x.org|Di");
  }

  // ---- rows that left ----

  @Test
  void rows_that_left_are_kept_reported_or_marked() {
    people("1,ann@x.org,Ann", "2,bob@x.org,Bob", "3,cy@x.org,Cy");
    source(IDS);
    assertThat(run().left()).as("nobody looks").isNull();
    warehouse.sql("DELETE FROM people WHERE user_id = '2'");
    operate("", LeftRows.REPORT, false);
    assertThat(run().left()).isEqualTo(1);
    assertThat(run().left()).as("still").isEqualTo(1);
    assertThat(gone()).isEmpty();
    operate("", LeftRows.MARK, false);
    assertThat(run().left()).isEqualTo(1);
    assertThat(gone()).containsExactly("2|users");
    assertThat(run().left()).as("that is known").isZero();
    people("2,bob@x.org,Bob");
    RunResult back = run();
    assertThat(back.back()).isEqualTo(1);
    assertThat(back.same()).isEqualTo(3);
    assertThat(gone()).isEmpty();
    warehouse.sql("DELETE FROM people");
    assertThat(run().left()).isEqualTo(3);
    assertThat(gone()).as("an answer without a row marks nobody").isEmpty();
  }

  @Test
  void an_answer_that_is_not_whole_says_nothing_of_other_rows() {
    people("1,ann@x.org,Ann", "2,bob@x.org,Bob");
    source(INCREMENTAL, IDS, false);
    operate("", LeftRows.MARK, false);
    assertThat(run().left()).isZero();
    warehouse.sql("UPDATE people SET loaded = now() - interval '1 day' WHERE user_id = '2'");
    RunResult since = run();
    assertThat(since.rows()).isEqualTo(1);
    assertThat(since.left()).isNull();
    warehouse.sql("DELETE FROM people WHERE user_id = '2'");
    Syncs.Run full = syncs.run("users", true, ANN, result -> {}, () -> false);
    assertThat(full.result().left()).isEqualTo(1);
    assertThat(gone()).containsExactly("2|users");
  }

  @Test
  void a_row_that_got_its_external_id_did_not_leave() {
    warehouse.sql("ALTER TABLE people ADD COLUMN device text");
    warehouse.sql("INSERT INTO people (device, name) VALUES ('d1', 'A visitor')");
    source(
        new Mapping(
            "user_id", "device", false, "name", "email", null, null, null, List.of(), false));
    operate("", LeftRows.MARK, false);
    assertThat(run().left()).isZero();
    warehouse.sql("UPDATE people SET user_id = '7'");
    assertThat(run().left()).isZero();
    assertThat(gone()).isEmpty();
    warehouse.sql("UPDATE people SET device = NULL");
    assertThat(run().left()).as("what the row was called").isEqualTo(1);
    assertThat(gone()).as("the user still has a row").isEmpty();
    warehouse.sql("DELETE FROM people");
    people("8,,Other");
    run();
    assertThat(gone()).containsExactly("7|users");
  }

  /** Ten pieces, each held against its part of the known rows. */
  @Test
  void however_many_rows_there_are_those_that_left_are_found() {
    warehouse.sql("INSERT INTO people (user_id) SELECT n::text FROM generate_series(1, 5000) n");
    source(IDS);
    run();
    SyncRows known =
        new SyncRows(
            database,
            new StoredLedger(database, SPACE).settings(),
            new StoredSyncs(database, SPACE).get("users").source());
    List<byte[]> names = new ArrayList<>();
    known.each(new byte[0], null, false, names::add);
    int left = 7;
    try (SeenRows seen = SeenRows.open(500)) {
      names.subList(left, names.size()).forEach(seen::add);
      assertThat(seen.left(known, true, now)).isEqualTo(left);
      assertThat(seen.left(known, true, now)).isZero();
    }
    assertThat(gone()).hasSize(left);
  }

  private List<String> gone() {
    return hub.rows(
        "SELECT u.external_id, g.source FROM gone_users g JOIN users u ON u.id = g.user_id ORDER BY"
            + " 1");
  }
}
