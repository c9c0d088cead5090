package dev.selfsame.publish;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.selfsame.access.Actor;
import dev.selfsame.access.GivenSecrets;
import dev.selfsame.access.StoredAccess;
import dev.selfsame.connection.Connections;
import dev.selfsame.connection.Drivers;
import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.http.Bodies;
import dev.selfsame.http.HttpServer;
import dev.selfsame.http.HttpSettings;
import dev.selfsame.identity.IdentifierType;
import dev.selfsame.identity.Source;
import dev.selfsame.intake.IntakeSettings;
import dev.selfsame.intake.Pipeline;
import dev.selfsame.intake.Preview;
import dev.selfsame.replay.History;
import dev.selfsame.review.EraseRequest;
import dev.selfsame.review.Erasures;
import dev.selfsame.review.MergeRequest;
import dev.selfsame.review.Merges;
import dev.selfsame.review.Undos;
import dev.selfsame.secret.Secrets;
import dev.selfsame.source.Channels;
import dev.selfsame.source.segment.Handover;
import dev.selfsame.source.segment.SegmentSettings;
import dev.selfsame.source.segment.TrackingApi;
import dev.selfsame.store.Database;
import dev.selfsame.store.DatabaseAddress;
import dev.selfsame.store.ErasureQueries;
import dev.selfsame.store.LinkQueries;
import dev.selfsame.store.MergeQueries;
import dev.selfsame.store.PublicationLog;
import dev.selfsame.store.PublishedTable;
import dev.selfsame.store.StoredGrants;
import dev.selfsame.store.StoredLedger;
import dev.selfsame.store.StoredSources;
import dev.selfsame.store.UserQueries;
import dev.selfsame.testing.Histories;
import dev.selfsame.testing.Sweep;
import dev.selfsame.testing.TestDatabase;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A hub that takes events, and a warehouse of the same cluster to publish to. */
abstract class WithHub {
  static final String SPACE = "default";
  static final Actor ANN = new Actor("cli:ann", null);

  final TestDatabase hub;
  final TestDatabase warehouse;

  @TempDir Path data;
  volatile Instant now = TestDatabase.NOW;
  volatile Consumer<Publish.Step> steps = step -> {};
  Database database;
  Pipeline pipeline;
  Connections connections;
  Publications publications;
  private HttpServer server;
  private HttpClient client;
  private String key;

  WithHub(TestDatabase hub, TestDatabase warehouse) {
    this.hub = hub;
    this.warehouse = warehouse;
  }

  @BeforeEach
  void open() {
    Histories.empty(hub);
    warehouse.sql(
        "DROP SCHEMA IF EXISTS crm CASCADE; DROP SCHEMA public CASCADE; CREATE SCHEMA public");
    database = hub.open();
    StoredSources.ensure(database, SPACE, Source.billing(0, "stripe", IdentifierType.STRIPE_ID));
    pipeline =
        new Pipeline(SPACE, database.sessions("intake"), IntakeSettings.DEFAULT, names -> {});
    pipeline.start();
    StoredAccess access =
        new StoredAccess(new StoredGrants(database), GivenSecrets.NONE, () -> now);
    key = access.issueWriteKey("k" + UUID.randomUUID(), SPACE, "segment").secret();
    HttpSettings http = HttpSettings.DEFAULT.withListen("127.0.0.1:0").withAccessLog(false);
    PrometheusMeterRegistry metrics = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    server =
        HttpServer.start(
            http,
            List.of(
                new TrackingApi(
                    access,
                    new Handover(space -> pipeline, () -> now, SegmentSettings.DEFAULT, metrics),
                    new Bodies(http.bodyMemory()),
                    SegmentSettings.DEFAULT,
                    null,
                    metrics)),
            access,
            List::of,
            metrics);
    client = HttpClient.newHttpClient();
    connections =
        new Connections(
            database,
            SPACE,
            Secrets.of(data, Map.of()),
            new Drivers(data.resolve("drivers")),
            () -> now);
    publications = publications(PublishSettings.DEFAULT);
    DatabaseAddress address = warehouse.address();
    connections.add("dwh", address.url(), address.user(), address.password(), Map.of(), false, ANN);
  }

  final Publications publications(PublishSettings settings) {
    return new Publications(
        database,
        SPACE,
        connections,
        data.resolve("scratch"),
        settings,
        () -> now,
        step -> steps.accept(step));
  }

  @AfterEach
  void close() {
    publications.close();
    client.close();
    server.close();
    pipeline.close();
    Sweep.invariants(hub);
    assertThat(data.resolve("scratch"))
        .satisfiesAnyOf(
            left -> assertThat(left).doesNotExist(), left -> assertThat(left).isEmptyDirectory());
  }

  // ---- what happens in the hub ----

  final void identify(String userId, String traits) {
    events("{\"type\":\"identify\",\"userId\":\"%s\",\"traits\":{%s}}".formatted(userId, traits));
  }

  final void events(String events) {
    try {
      HttpResponse<String> response =
          client.send(
              HttpRequest.newBuilder(URI.create(server.url() + "/v1/batch"))
                  .header(
                      "Authorization",
                      "Basic " + Base64.getEncoder().encodeToString((key + ":").getBytes(UTF_8)))
                  .POST(HttpRequest.BodyPublishers.ofString("{\"batch\":[%s]}".formatted(events)))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  final UUID user(String externalId) {
    return UUID.fromString(
        hub.rows("SELECT user_id FROM segment_users WHERE segment_id = '%s'".formatted(externalId))
            .getFirst());
  }

  final void merge(UUID... users) {
    new Merges(
            pipeline,
            () -> Preview.open(SPACE, database.sessions("preview")),
            new UserQueries(database, SPACE),
            new MergeQueries(database, SPACE),
            () -> now)
        .merge(new MergeRequest(List.of(users), null, Map.of(), ANN));
  }

  final Undos undos() {
    return new Undos(
        pipeline,
        () -> Preview.open(SPACE, database.sessions("preview")),
        new UserQueries(database, SPACE),
        new MergeQueries(database, SPACE),
        new LinkQueries(database, SPACE),
        () -> new History(new StoredLedger(database, SPACE), Channels.readers()),
        () -> now);
  }

  final void undoLast() {
    undos()
        .undo(
            hub.rows(
                    "SELECT merge_id FROM user_merges WHERE undone_at IS NULL ORDER BY merged_at"
                        + " DESC, merge_id DESC LIMIT 1")
                .getFirst(),
            ANN);
  }

  final void erase(UUID user) {
    new Erasures(
            SPACE,
            pipeline,
            database.sessions("preview"),
            new UserQueries(database, SPACE),
            new ErasureQueries(database, SPACE),
            () -> now)
        .erase(new EraseRequest(List.of(), List.of(user), false, ANN));
  }

  // ---- publishing, and what stands there ----

  final Target toWarehouse() {
    return new Target.Tables("dwh", null, "");
  }

  final PublishResult publish(String name) {
    now = now.plusSeconds(60);
    Publications.Run run = publications.run(name, false, ANN);
    assertThat(run.state()).isEqualTo(PublicationLog.State.DONE);
    return run.result();
  }

  static String select(PublishedTable table, String from) {
    return table.columns().stream()
        .map(column ->
            switch (column.type()) {
              case TEXT -> "\"" + column.name() + "\"";
              case BOOLEAN -> "\"" + column.name() + "\"::text";
              case TIME ->
                  "to_char(\"%s\" AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')"
                      .formatted(column.name());
            })
        .collect(Collectors.joining(", ", "SELECT ", " FROM " + from));
  }

  /** Every row of every table as the hub's views have it, sorted. */
  final Map<String, List<String>> views() {
    return tables(hub, "public.");
  }

  final Map<String, List<String>> tables(TestDatabase in, String prefix) {
    Map<String, List<String>> all = new TreeMap<>();
    for (PublishedTable table : PublishedTable.values()) {
      all.put(
          table.code(), in.rows(select(table, prefix + table.code())).stream().sorted().toList());
    }
    return all;
  }

  /** The same of a DuckDB database, or of what one reads. */
  static Map<String, List<String>> duckdb(String url, UnaryOperator<String> from) {
    Map<String, List<String>> all = new TreeMap<>();
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement()) {
      statement.execute("SET TimeZone = 'UTC'");
      for (PublishedTable table : PublishedTable.values()) {
        String columns =
            table.columns().stream()
                .map(column ->
                    switch (column.type()) {
                      case TEXT -> "\"" + column.name() + "\"";
                      case BOOLEAN -> "\"" + column.name() + "\"::varchar";
                      case TIME ->
                          "strftime(\"%s\"::timestamptz, '%%Y-%%m-%%d %%H:%%M:%%S.%%f')"
                              .formatted(column.name());
                    })
                .collect(Collectors.joining(", "));
        all.put(
            table.code(),
            rows(statement, "SELECT %s FROM %s".formatted(columns, from.apply(table.code()))));
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
    return all;
  }

  static List<String> rows(Statement statement, String query) throws SQLException {
    List<String> rows = new ArrayList<>();
    try (ResultSet result = statement.executeQuery(query)) {
      int width = result.getMetaData().getColumnCount();
      while (result.next()) {
        StringBuilder row = new StringBuilder();
        for (int i = 1; i <= width; i++) {
          String value = result.getString(i);
          row.append(i == 1 ? "" : "|").append(value == null ? "" : value);
        }
        rows.add(row.toString());
      }
    }
    return rows.stream().sorted().toList();
  }

  static Failure failure(ThrowingCallable call) {
    return catchThrowableOfType(Failure.class, call);
  }

  static Problem problem(ThrowingCallable call) {
    return failure(call).problem();
  }
}
