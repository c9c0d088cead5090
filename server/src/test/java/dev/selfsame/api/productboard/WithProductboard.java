package dev.selfsame.api.productboard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.access.Access;
import dev.selfsame.access.GivenSecrets;
import dev.selfsame.access.StoredAccess;
import dev.selfsame.api.AccountsApi;
import dev.selfsame.api.MergeApi;
import dev.selfsame.api.NotesApi;
import dev.selfsame.api.UserWritesApi;
import dev.selfsame.http.Bodies;
import dev.selfsame.http.HttpServer;
import dev.selfsame.http.HttpSettings;
import dev.selfsame.intake.IntakeSettings;
import dev.selfsame.intake.Pipeline;
import dev.selfsame.intake.Preview;
import dev.selfsame.lookup.Lookup;
import dev.selfsame.review.Erasures;
import dev.selfsame.review.Merges;
import dev.selfsame.source.api.AccountWrites;
import dev.selfsame.source.api.NoteWrites;
import dev.selfsame.source.api.UserWrites;
import dev.selfsame.store.AccountQueries;
import dev.selfsame.store.Database;
import dev.selfsame.store.ErasureQueries;
import dev.selfsame.store.MergeQueries;
import dev.selfsame.store.NoteQueries;
import dev.selfsame.store.StoredGrants;
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
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A server with both APIs of users and notes, as a client of Productboard's calls it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class WithProductboard {
  static final String TOKEN = "token-of-the-operator-1234";
  static final String USERS = "/compat/productboard/users";
  static final String NOTES = "/compat/productboard/notes";
  static final String COMPANIES = "/compat/productboard/companies";
  static final String NOBODY = "01940000-0000-7000-8000-000000000000";
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  private final TestDatabase hub;
  private Pipeline pipeline;
  private HttpServer server;
  private Duration later = Duration.ZERO;
  String readToken;
  String writeToken;

  WithProductboard(TestDatabase hub) {
    this.hub = hub;
  }

  @BeforeAll
  void start() {
    Database database = hub.open();
    StoredAccess access =
        new StoredAccess(
            new StoredGrants(database), new GivenSecrets(null, TOKEN), InstantSource.system());
    readToken = access.issueToken("reader", Access.Scope.READ).secret();
    writeToken = access.issueToken("writer", Access.Scope.WRITE).secret();
    pipeline =
        new Pipeline("default", database.sessions("intake"), IntakeSettings.DEFAULT, traits -> {});
    pipeline.start();
    InstantSource clock = () -> Instant.now().plus(later);
    UserQueries users = new UserQueries(database, "default");
    Lookup lookup = new Lookup(users);
    NoteQueries notes = new NoteQueries(database, "default", clock);
    UserWrites userWrites =
        new UserWrites(
            "default",
            database,
            pipeline,
            () -> Preview.open("default", database.sessions("preview")),
            users,
            clock);
    NoteWrites noteWrites = new NoteWrites("default", database, pipeline, users, notes, clock);
    Erasures erasures =
        new Erasures(
            "default",
            pipeline,
            database.sessions("preview"),
            users,
            new ErasureQueries(database, "default"),
            clock);
    AccountQueries accounts = new AccountQueries(database, "default");
    AccountWrites accountWrites =
        new AccountWrites(
            "default",
            database,
            pipeline,
            () -> Preview.open("default", database.sessions("preview")),
            users,
            clock);
    Bodies bodies = new Bodies(4 * 1024 * 1024);
    server =
        HttpServer.start(
            HttpSettings.DEFAULT.withListen("127.0.0.1:0").withAccessLog(false),
            List.of(
                new UserWritesApi(userWrites, bodies),
                new NotesApi(noteWrites, notes, lookup, bodies),
                new MergeApi(
                    new Merges(
                        pipeline,
                        () -> Preview.open("default", database.sessions("preview")),
                        users,
                        new MergeQueries(database, "default"),
                        clock),
                    bodies),
                new AccountsApi(accountWrites, accounts, lookup, bodies),
                new ProductboardFieldsApi(),
                new ProductboardCompaniesApi(accountWrites, accounts, bodies, null),
                new ProductboardUsersApi(userWrites, erasures, lookup, bodies, null),
                new ProductboardNotesApi(noteWrites, notes, bodies, clock, null)),
            access,
            List::of,
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
  }

  @AfterAll
  void stop() {
    server.close();
    pipeline.close();
  }

  @BeforeEach
  void empty() {
    Histories.empty(hub);
    later = Duration.ZERO;
  }

  @AfterEach
  void sweep() {
    Sweep.invariants(hub);
  }

  /** From now on it is so much later. */
  void wait(Duration time) {
    later = later.plus(time);
  }

  String url() {
    return server.url();
  }

  /** As a client of version 1, with all rights. */
  HttpResponse<String> call(String method, String path, @Nullable String body) throws Exception {
    return call(method, path, body, TOKEN, "1");
  }

  HttpResponse<String> call(
      String method, String path, @Nullable String body, String token, @Nullable String version)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(path.startsWith("http") ? path : server.url() + path))
            .header("Authorization", "Bearer " + token)
            .header("Content-Type", "application/json")
            .method(
                method,
                body == null
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(quoted(body)));
    if (version != null) {
      request.header("X-Version", version);
    }
    return CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  static JsonNode json(HttpResponse<String> answer) {
    return JSON.readTree(answer.body());
  }

  static JsonNode json(String text) {
    return JSON.readTree(quoted(text));
  }

  static String quoted(String body) {
    return body.replace('\'', '"');
  }

  /** What was answered, and with which status. */
  static JsonNode answered(HttpResponse<String> answer, int status) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    return json(answer);
  }

  /** The id of a user of Productboard's API that is made. */
  String user(String data) throws Exception {
    return answered(call("POST", USERS, "{'data': " + data + "}"), 201)
        .get("data")
        .get("id")
        .asString();
  }

  /** The id of a company that is made. */
  String company(String body) throws Exception {
    return answered(call("POST", COMPANIES, body), 201).get("data").get("id").asString();
  }

  /** The id of a note that is made. */
  String note(String body) throws Exception {
    return answered(call("POST", NOTES, body), 201).get("data").get("id").asString();
  }

  /** A setting of the policy that stands, such as {@code || '{"emails": "unique"}'}. */
  void setting(String change) {
    hub.sql(
        """
        INSERT INTO selfsame.policy (space, version, settings)
          SELECT p.space, p.version + 1, p.settings %s FROM selfsame.policy p JOIN selfsame.space s
          ON s.number = p.space AND s.policy_version = p.version;
        UPDATE selfsame.space SET policy_version = policy_version + 1;
        """
            .formatted(change));
  }

  List<String> rows(String sql) {
    return hub.rows(sql);
  }
}
