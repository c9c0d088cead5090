package dev.selfsame.source.warehouse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.selfsame.access.Actor;
import dev.selfsame.connection.Connections;
import dev.selfsame.connection.Drivers;
import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.intake.IntakeSettings;
import dev.selfsame.intake.Pipeline;
import dev.selfsame.intake.Preview;
import dev.selfsame.secret.Secrets;
import dev.selfsame.store.Database;
import dev.selfsame.store.DatabaseAddress;
import dev.selfsame.store.SyncLog;
import dev.selfsame.testing.Histories;
import dev.selfsame.testing.Sweep;
import dev.selfsame.testing.TestDatabase;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A hub and a warehouse with people, both real PostgreSQLs, and a source that asks for them. */
abstract class WithWarehouse {
  static final String SPACE = "default";
  static final Actor ANN = new Actor("cli:ann", null);
  static final Mapping IDS =
      new Mapping("user_id", null, false, "name", "email", null, null, null, List.of(), false);

  private final TestDatabase hub;
  private final TestDatabase warehouse;

  @TempDir Path data;
  volatile Instant now = TestDatabase.NOW;
  Database database;
  Pipeline pipeline;
  Connections connections;
  Syncs syncs;

  WithWarehouse(TestDatabase hub, TestDatabase warehouse) {
    this.hub = hub;
    this.warehouse = warehouse;
  }

  @BeforeEach
  void open() {
    Histories.empty(hub);
    warehouse.sql(
        """
        DROP TABLE IF EXISTS people;
        CREATE TABLE people (user_id text, email text, name text, accounts text[], company text, plan text,
          seats int, updated timestamptz, loaded timestamptz NOT NULL DEFAULT now());
        """);
    database = hub.open();
    pipeline =
        new Pipeline(SPACE, database.sessions("intake"), IntakeSettings.DEFAULT, names -> {});
    pipeline.start();
    connections =
        new Connections(
            database,
            SPACE,
            Secrets.of(data, Map.of()),
            new Drivers(data.resolve("drivers")),
            () -> now);
    syncs = syncs(SyncSettings.DEFAULT);
    DatabaseAddress address = warehouse.address();
    connections.add("dwh", address.url(), address.user(), address.password(), Map.of(), false, ANN);
  }

  final Syncs syncs(SyncSettings settings) {
    return new Syncs(
        database,
        SPACE,
        connections,
        pipeline,
        () -> Preview.open(SPACE, database.sessions("preview")),
        settings,
        () -> now);
  }

  @AfterEach
  void sweep() {
    syncs.close();
    pipeline.close();
    Sweep.invariants(hub);
  }

  final void people(String... rows) {
    for (String row : rows) {
      String[] cells = row.split(",", -1);
      warehouse.sql(
          "INSERT INTO people (user_id, email, name) VALUES (%s, %s, %s)"
              .formatted(literal(cells[0]), literal(cells[1]), literal(cells[2])));
    }
  }

  static String literal(String cell) {
    return cell.isEmpty() ? "NULL" : "'" + cell + "'";
  }

  final void source(Mapping mapping) {
    source("SELECT * FROM people ORDER BY ctid", mapping, false);
  }

  final void source(String query, Mapping mapping, boolean updateOnly) {
    syncs.add("users", "dwh", query, true);
    syncs.configure("users", mapping, updateOnly, ANN);
  }

  final RunResult run() {
    now = now.plusSeconds(60);
    Syncs.Run run = syncs.run("users", false, ANN, result -> {}, () -> false);
    assertThat(run.state()).isEqualTo(SyncLog.State.DONE);
    return run.result();
  }

  final List<String> users() {
    return hub.rows("SELECT external_id, email, name FROM users ORDER BY external_id, email");
  }

  static Problem problem(ThrowingCallable call) {
    return catchThrowableOfType(Failure.class, call).problem();
  }
}
