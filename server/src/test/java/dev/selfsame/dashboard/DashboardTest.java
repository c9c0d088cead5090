package dev.selfsame.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.access.Actor;
import dev.selfsame.access.GivenSecrets;
import dev.selfsame.access.StoredAccess;
import dev.selfsame.api.OpenApi;
import dev.selfsame.ask.AskSettings;
import dev.selfsame.ask.Asking;
import dev.selfsame.ask.Questions;
import dev.selfsame.connection.Connections;
import dev.selfsame.connection.Drivers;
import dev.selfsame.http.HttpServer;
import dev.selfsame.http.HttpSettings;
import dev.selfsame.http.Role;
import dev.selfsame.identity.Claim;
import dev.selfsame.identity.Raw;
import dev.selfsame.identity.Source;
import dev.selfsame.intake.Intake;
import dev.selfsame.intake.IntakeSettings;
import dev.selfsame.intake.Pipeline;
import dev.selfsame.intake.Preview;
import dev.selfsame.intake.Receipt;
import dev.selfsame.intake.Submission;
import dev.selfsame.lookup.Identities;
import dev.selfsame.lookup.Lookup;
import dev.selfsame.member.MemberRole;
import dev.selfsame.member.Members;
import dev.selfsame.policy.Policies;
import dev.selfsame.replay.History;
import dev.selfsame.resolution.Rule;
import dev.selfsame.review.Bars;
import dev.selfsame.review.Erasures;
import dev.selfsame.review.Flagged;
import dev.selfsame.review.Merges;
import dev.selfsame.review.Moves;
import dev.selfsame.review.Retrials;
import dev.selfsame.review.Undos;
import dev.selfsame.secret.Secrets;
import dev.selfsame.source.Channels;
import dev.selfsame.source.api.AccountWrites;
import dev.selfsame.source.csv.Exports;
import dev.selfsame.source.csv.ImportSettings;
import dev.selfsame.source.csv.Imports;
import dev.selfsame.source.land.LandingSettings;
import dev.selfsame.source.land.Landings;
import dev.selfsame.source.warehouse.SyncSettings;
import dev.selfsame.source.warehouse.Syncs;
import dev.selfsame.store.AccountQueries;
import dev.selfsame.store.ActLog;
import dev.selfsame.store.ActivityQueries;
import dev.selfsame.store.Database;
import dev.selfsame.store.DatabaseAddress;
import dev.selfsame.store.ErasureQueries;
import dev.selfsame.store.FlagQueries;
import dev.selfsame.store.IdentityQueries;
import dev.selfsame.store.LinkQueries;
import dev.selfsame.store.MergeQueries;
import dev.selfsame.store.NoteQueries;
import dev.selfsame.store.StoredGrants;
import dev.selfsame.store.StoredLedger;
import dev.selfsame.store.StoredMembers;
import dev.selfsame.store.StoredPolicies;
import dev.selfsame.store.SyncLog;
import dev.selfsame.store.UserQueries;
import dev.selfsame.testing.Sweep;
import dev.selfsame.testing.TestDatabase;
import io.javalin.router.JavalinDefaultRoutingApi;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The dashboard over HTTP as a browser without scripts uses it: on a real intake and database. */
final class DashboardTest {
  @RegisterExtension static final TestDatabase hub = TestDatabase.migrated();
  @RegisterExtension static final TestDatabase shop = TestDatabase.empty();

  private static final String PASSWORD = "correct horse battery";
  private static final Source SEGMENT = Source.segment(1, "segment");
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static final Actor ADMIN = new Actor("member:ann@example.com", null);
  private static final Pattern TOKEN = Pattern.compile("name=\"form_token\" value=\"([\\w-]+)\"");

  /** Small enough to meet each bound. */
  private static final ImportSettings IMPORTING =
      new ImportSettings(100_000, 0, 3, 100, Duration.ofHours(24));

  private static final int LIMIT_SECONDS = 4;

  private static Asking asking;
  private static Imports imports;

  /** What lets an import's rows through, a chunk each; null: all at once. */
  private static volatile @Nullable Semaphore gate;

  private static Dashboard dashboard;
  private static Members members;
  private static Lookup lookup;
  private static HttpServer server;
  private static Pipeline pipeline;
  private static Landings landings;
  private static Syncs syncs;
  private static String viewer;
  private static String operator;
  private static String admin;
  private static long at = System.currentTimeMillis() * 1_000;

  @TempDir static Path data;

  @BeforeAll
  static void start() {
    Database database = hub.open();
    pipeline =
        new Pipeline("default", database.sessions("intake"), IntakeSettings.DEFAULT, traits -> {});
    pipeline.start();
    UserQueries users = new UserQueries(database, "default");
    InstantSource clock = InstantSource.system();
    members = new Members(new StoredMembers(database), clock);
    lookup = new Lookup(users);
    MergeQueries made = new MergeQueries(database, "default");
    FlagQueries flags = new FlagQueries(database, "default");
    Supplier<Preview> previews = () -> Preview.open("default", database.sessions("preview"));
    Merges merges = new Merges(pipeline, previews, users, made, clock);
    Bars bars = new Bars(pipeline, previews, users, flags, clock);
    asking =
        new Asking(
            database, Duration.ofSeconds(LIMIT_SECONDS), new AskSettings(null, 2_000, 2), clock);
    imports =
        Imports.open(data.resolve("imports"), IMPORTING, database, "default", new Gated(), clock);
    landings =
        Landings.open(
            data.resolve("landings"),
            LandingSettings.DEFAULT,
            database,
            "default",
            pipeline,
            clock);
    Connections connections =
        new Connections(
            database,
            "default",
            Secrets.of(data, Map.of()),
            new Drivers(data.resolve("drivers")),
            clock);
    syncs =
        new Syncs(
            database, "default", connections, pipeline, previews, SyncSettings.DEFAULT, clock);
    dashboard =
        new Dashboard(
            members,
            null,
            new DashboardServices(
                lookup,
                merges,
                new Undos(
                    pipeline,
                    previews,
                    users,
                    made,
                    new LinkQueries(database, "default"),
                    () -> new History(new StoredLedger(database, "default"), Channels.readers()),
                    clock),
                new Retrials(
                    () -> new History(new StoredLedger(database, "default"), Channels.readers()),
                    previews),
                new Flagged(pipeline, merges, bars, users, flags, clock),
                bars,
                new Moves(pipeline, previews, users, made, clock),
                new Erasures(
                    "default",
                    pipeline,
                    database.sessions("preview"),
                    users,
                    new ErasureQueries(database, "default"),
                    clock),
                new ActLog(database),
                new ActivityQueries(database, "default"),
                new Policies(
                    new StoredPolicies(database, "default"),
                    () -> new History(new StoredLedger(database, "default"), Channels.readers()),
                    clock),
                landings,
                LandingSettings.DEFAULT.maxBytes(),
                new Identities(lookup, new IdentityQueries(database, "default")),
                Questions.in(data),
                asking,
                actor -> new StoredGrants(database, actor),
                actor ->
                    new StoredAccess(new StoredGrants(database, actor), GivenSecrets.NONE, clock),
                imports,
                IMPORTING,
                new Exports(database, "default", clock),
                connections,
                syncs,
                new AccountQueries(database, "default"),
                new AccountWrites("default", database, pipeline, previews, users, clock),
                new NoteQueries(database, "default", clock),
                clock),
            null);
    server =
        HttpServer.start(
            HttpSettings.DEFAULT.withListen("127.0.0.1:0").withAccessLog(false),
            List.of(dashboard),
            new StoredAccess(new StoredGrants(database), GivenSecrets.NONE, clock),
            List::of,
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
    admin = members.enter(members.firstLink(), "ann@example.com", "Ann", PASSWORD, "").cookie();
    viewer = member("vic@example.com", MemberRole.VIEWER);
    operator = member("oda@example.com", MemberRole.OPERATOR);
  }

  /** The real intake behind a gate, so that a test can look at an import that is half done. */
  private static final class Gated implements Intake {
    @Override
    public CompletableFuture<List<Receipt>> submit(List<Submission> submissions) {
      Semaphore closed = gate;
      if (closed != null) {
        closed.acquireUninterruptibly();
      }
      return pipeline.submit(submissions);
    }
  }

  private static String member(String email, MemberRole role) {
    return members
        .enter(members.invite(email, email, role, ADMIN), "", email, PASSWORD, "")
        .cookie();
  }

  @AfterAll
  static void stop() throws IOException {
    server.close();
    asking.close();
    landings.close();
    imports.close();
    pipeline.close();
  }

  @AfterEach
  void sweep() {
    Sweep.invariants(hub);
  }

  // ---- what browsers send ----

  private static HttpResponse<String> get(String path, @Nullable String cookie) {
    return send(request(path, cookie).GET());
  }

  private static HttpResponse<String> post(
      String path, @Nullable String cookie, Map<String, String> entries) {
    StringBuilder form = new StringBuilder();
    entries.forEach((name, value) ->
        form.append(form.isEmpty() ? "" : "&")
            .append(name.replaceFirst("#.*", ""))
            .append('=')
            .append(URLEncoder.encode(value, StandardCharsets.UTF_8)));
    return send(
        request(path, cookie)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(BodyPublishers.ofString(form.toString())));
  }

  private static HttpRequest.Builder request(String path, @Nullable String cookie) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(server.url() + path)).header("Accept", "text/html");
    return cookie == null ? request : request.header("Cookie", SessionGuard.COOKIE + "=" + cookie);
  }

  private static HttpResponse<String> send(HttpRequest.Builder request) {
    try {
      return CLIENT.send(request.build(), BodyHandlers.ofString());
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static String token(String cookie) {
    Matcher token = TOKEN.matcher(get("/users", cookie).body());
    assertThat(token.find()).as("a form on the page").isTrue();
    return token.group(1);
  }

  private static String location(HttpResponse<String> answer) {
    return answer.headers().firstValue("Location").orElse("");
  }

  // ---- users to look at ----

  private static UUID identify(String id, String name, String email) {
    at += 1_000;
    Claim claim =
        new Claim.Identify(
            SEGMENT, at, Raw.text(id), Raw.text(name), Raw.text(email), Raw.ABSENT, Raw.ABSENT);
    Submission submission =
        new Submission(claim, at, null, new byte[] {'{', '}'}, null, Set.of(), Map.of());
    return Objects.requireNonNull(
        pipeline.submit(List.of(submission)).join().getFirst().user(), "created");
  }

  // ---- who may do what ----

  private record Route(String method, String path, Role role) {}

  private static List<Route> routes() {
    List<Route> routes = new ArrayList<>();
    Object recording =
        Proxy.newProxyInstance(
            DashboardTest.class.getClassLoader(),
            new Class<?>[] {JavalinDefaultRoutingApi.class},
            (proxy, method, args) -> {
              Role role = null;
              for (Object arg : args) {
                if (arg instanceof Object[] roles
                    && roles.length == 1
                    && roles[0] instanceof Role) {
                  role = (Role) roles[0];
                } else if (arg instanceof Role one) {
                  role = one;
                }
              }
              assertThat(role).as("the role of %s %s", method.getName(), args[0]).isNotNull();
              routes.add(
                  new Route(
                      method.getName().toUpperCase(Locale.ROOT),
                      args[0].toString(),
                      Objects.requireNonNull(role)));
              return proxy;
            });
    dashboard.addTo((JavalinDefaultRoutingApi) recording);
    return routes;
  }

  @Test
  void every_route_asks_for_its_role() {
    List<Route> routes = routes();
    assertThat(routes).hasSizeGreaterThan(15);
    assertThat(routes.stream().filter(route -> route.role() == Role.OPEN).map(Route::path))
        .as("what strangers may call")
        .containsExactlyInAnyOrder("/assets/{name}", "/sign-in", "/sign-in", "/sign-in/enter");
    for (Route route : routes) {
      if (route.role() == Role.OPEN) {
        continue;
      }
      String path = route.path().replaceAll("\\{\\w+\\}", "01940000-0000-7000-8000-000000000000");
      assertThat(location(call(route, path, null, "")))
          .as("a stranger, %s", route)
          .startsWith("/sign-in");
      for (String who : List.of(viewer, operator, admin)) {
        MemberRole has = Objects.requireNonNull(members.signed(who)).member().role();
        boolean may =
            switch (route.role()) {
              case OPEN, READ -> true;
              case WRITE -> has != MemberRole.VIEWER;
              case ADMIN -> has == MemberRole.ADMIN;
            };
        if (route.path().equals("/sign-out")) {
          continue;
        }
        HttpResponse<String> answer = call(route, path, who, token(who));
        assertThat(answer.statusCode() == 403)
            .as("%s, %s: %d %s", has, route, answer.statusCode(), answer.body())
            .isEqualTo(!may);
        assertThat(answer.statusCode()).as("%s, %s", has, route).isLessThan(500);
      }
    }
  }

  private static HttpResponse<String> call(
      Route route, String path, @Nullable String cookie, String token) {
    return route.method().equals("GET")
        ? get(path, cookie)
        : post(path, cookie, Map.of("form_token", token));
  }

  @Test
  void strangers_are_shown_the_way_in_and_led_back() {
    assertThat(location(get("/users?q=a%20b", null)))
        .isEqualTo("/sign-in?next=%2Fusers%3Fq%3Da%2520b");
    assertThat(get("/users", null).statusCode()).isEqualTo(303);
    assertThat(location(get("/", null))).isEqualTo("/sign-in");
    HttpResponse<String> page = get("/sign-in?next=/users", null);
    assertThat(page.body()).contains("<h1>Sign in</h1>").contains("value=\"/users\"");
    HttpResponse<String> in =
        post(
            "/sign-in",
            null,
            Map.of("email", "ann@example.com", "password", PASSWORD, "next", "/users?q=x"));
    assertThat(in.statusCode()).isEqualTo(303);
    assertThat(location(in)).isEqualTo("/users?q=x");
    assertThat(in.headers().firstValue("Set-Cookie").orElse(""))
        .contains("HttpOnly")
        .contains("SameSite=Lax")
        .contains("Path=/");
    for (String elsewhere : List.of("//evil.example", "https://evil.example", "/\\evil.example")) {
      assertThat(
              location(
                  post(
                      "/sign-in",
                      null,
                      Map.of("email", "ann@example.com", "password", PASSWORD, "next", elsewhere))))
          .isEqualTo("/");
    }
  }

  @Test
  void a_program_that_asks_for_no_page_gets_json() throws Exception {
    HttpResponse<String> answer =
        CLIENT.send(
            HttpRequest.newBuilder(URI.create(server.url() + "/users")).build(),
            BodyHandlers.ofString());
    assertThat(answer.statusCode()).isEqualTo(401);
    assertThat(answer.body()).contains("\"signed_out\"");
    HttpResponse<String> nothing =
        CLIENT.send(
            HttpRequest.newBuilder(URI.create(server.url() + "/nothing")).build(),
            BodyHandlers.ofString());
    assertThat(nothing.statusCode()).isEqualTo(404);
    assertThat(nothing.body()).contains("\"not_found\"");
    assertThat(get("/nothing", admin).body()).contains("Nothing here");
    assertThat(get("/metrics", admin).body()).as("takes a token").contains("invalid_token");
    assertThat(get("/health/live", null).body()).contains("live");
  }

  @Test
  void forms_of_other_websites_are_refused() {
    Map<String, String> invite = Map.of("email", "eve@example.com", "name", "Eve", "role", "admin");
    assertThat(post("/settings/members", admin, invite).body()).contains("foreign_form");
    HttpResponse<String> crossed =
        send(
            request("/settings/members", admin)
                .header("Sec-Fetch-Site", "cross-site")
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(
                    BodyPublishers.ofString(
                        "email=eve@example.com&name=Eve&role=admin&form_token=" + token(admin))));
    assertThat(crossed.statusCode()).isEqualTo(403);
    HttpResponse<String> login =
        send(
            request("/sign-in", null)
                .header("Origin", "https://evil.example")
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString("email=ann@example.com&password=x")));
    assertThat(login.statusCode()).isEqualTo(403);
    assertThat(members.list()).noneMatch(member -> member.email().equals("eve@example.com"));
  }

  @Test
  void wrong_entries_are_named_and_kept() {
    HttpResponse<String> wrong =
        post("/sign-in", null, Map.of("email", "kept@example.com", "password", "wrong"));
    assertThat(wrong.statusCode()).isEqualTo(401);
    assertThat(wrong.body())
        .contains("No member has this email and this password")
        .contains("value=\"kept@example.com\"");
    HttpResponse<String> invited =
        post(
            "/settings/members",
            admin,
            Map.of(
                "form_token", token(admin), "email", "no email", "name", "Kim", "role", "viewer"));
    assertThat(invited.statusCode()).isEqualTo(400);
    assertThat(invited.body())
        .contains("An email is expected")
        .contains("value=\"no email\"")
        .contains("value=\"Kim\"")
        .contains("aria-invalid=\"true\"");
    assertThat(get("/sign-in?link=used", null).statusCode()).isEqualTo(410);
    assertThat(get("/users?cursor=nonsense", viewer).statusCode()).isEqualTo(400);
    assertThat(get("/merge?user=nonsense", operator).statusCode()).isEqualTo(404);
    assertThat(get("/merge", operator).body()).contains("Choose 2 to 20");
    assertThat(get("/users/nonsense", viewer).statusCode()).isEqualTo(404);
    assertThat(get("/review?kind=nonsense", viewer).statusCode()).isEqualTo(400);
    assertThat(get("/review?flag=nonsense", viewer).statusCode()).isEqualTo(404);
    assertThat(get("/merges?cursor=nonsense", viewer).statusCode()).isEqualTo(400);
    assertThat(get("/merges?state=nonsense", viewer).statusCode()).isEqualTo(400);
    assertThat(get("/merges/77777777/undo", operator).body()).contains("There is no merge");
    assertThat(get("/merges/77777777/undo", operator).statusCode()).isEqualTo(404);
  }

  @Test
  void whatever_users_are_called_is_text() {
    String script = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>";
    List<String> names =
        List.of(script, "\u202Eright to left\u200F", "x".repeat(10_000), "😀🏳️‍🌈");
    int n = 0;
    for (String name : names) {
      UUID user = identify("text" + n++, name, "text@example.com");
      for (String path :
          List.of("/users", "/users/" + user, "/review", "/", "/segment/same-email")) {
        HttpResponse<String> page = get(path, operator);
        assertThat(page.statusCode()).as("%s %s", path, page.body()).isEqualTo(200);
        assertThat(page.body()).doesNotContain("<script>alert").doesNotContain("<img src=x");
      }
    }
    String q = URLEncoder.encode(script, StandardCharsets.UTF_8);
    assertThat(get("/users?q=" + q, viewer).body())
        .doesNotContain("<script>alert")
        .doesNotContain("<img src=x");
  }

  @Test
  void every_page_keeps_everything_else_out() {
    for (String path :
        List.of(
            "/",
            "/users",
            "/users/import",
            "/review",
            "/merges",
            "/segment",
            "/sources",
            "/sources/segment",
            "/start",
            "/warehouse",
            "/landings",
            "/landings/new",
            "/rules",
            "/reference",
            "/settings",
            "/settings/policy",
            "/settings/keys",
            "/settings/audit")) {
      HttpResponse<String> page = get(path, admin);
      assertThat(page.statusCode()).as(path).isEqualTo(200);
      assertThat(page.headers().firstValue("Content-Security-Policy").orElse(""))
          .contains("default-src 'none'")
          .doesNotContain("unsafe");
      assertThat(page.headers().firstValue("Cache-Control")).contains("no-store");
      assertThat(page.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
      Matcher asset = Pattern.compile("(?:href|src)=\"(/assets/[^\"]+)\"").matcher(page.body());
      int assets = 0;
      while (asset.find()) {
        assertThat(get(asset.group(1), null).statusCode()).as(asset.group(1)).isEqualTo(200);
        assets++;
      }
      assertThat(assets).isGreaterThanOrEqualTo(4);
    }
    assertThat(get("/assets/nothing.js", null).statusCode()).isEqualTo(404);
  }

  // ---- users from a warehouse ----

  @Test
  void a_warehouse_is_asked_in_three_steps() throws Exception {
    DatabaseAddress at = shop.address();
    shop.sql(
        "CREATE TABLE people (id text, mail text, full_name text, plan text); INSERT INTO people"
            + " VALUES ('w1', 'wanda@example.com', '<b>Wanda</b>', 'pro'), ('w2',"
            + " 'wim@example.com', 'Wim', NULL), (NULL, 'nobody@example.com', 'No', NULL)");
    assertThat(get("/sources", viewer).body()).doesNotContain("From a warehouse");
    assertThat(get("/sources", admin).body()).contains("From a warehouse");
    Map<String, String> entries =
        new HashMap<>(
            Map.of(
                "form_token", token(admin),
                "name", "people",
                "as", "shop",
                "url", at.url(),
                "user", at.user(),
                "password", "wrong",
                "query", "SELECT * FROM people ORDER BY id; SELECT 1"));

    HttpResponse<String> login = post("/warehouse", admin, entries);
    assertThat(login.statusCode()).isEqualTo(400);
    assertThat(login.body())
        .contains("id=\"e-user\"")
        .contains("SELECT * FROM people ORDER BY id; SELECT 1")
        .doesNotContain("value=\"wrong\"");
    entries.put("password", String.valueOf(at.password()));
    HttpResponse<String> query = post("/warehouse", admin, entries);
    assertThat(query.statusCode()).isEqualTo(400);
    assertThat(query.body()).contains("id=\"e-query\"").contains("line 1");
    assertThat(hub.rows("SELECT count(*) FROM selfsame.connection"))
        .as("what came to nothing leaves nothing")
        .containsExactly("0");
    entries.put("query", "SELECT * FROM people ORDER BY id");
    entries.put("name", "No Name");
    assertThat(post("/warehouse", admin, entries).body()).contains("id=\"e-name\"");
    entries.put("name", "people");
    assertThat(location(post("/warehouse", admin, entries))).isEqualTo("/warehouse/people/columns");

    String columns = get("/warehouse/people/columns", admin).body();
    assertThat(columns)
        .contains("&lt;b&gt;Wanda&lt;/b&gt;")
        .contains("NULL")
        .containsPattern("name=\"externalId\"[^$]*?<option value=\"id\" selected>")
        .containsPattern("name=\"email\"[^$]*?<option value=\"mail\" selected>");
    assertThat(get("/warehouse/people", operator).body()).contains("Say first what the columns");
    Map<String, String> mapping =
        new HashMap<>(
            Map.of(
                "form_token", token(admin),
                "name", "full_name",
                "email", "mail",
                "traits#1", "plan"));
    HttpResponse<String> without = post("/warehouse/people/columns", admin, mapping);
    assertThat(without.statusCode()).isEqualTo(400);
    assertThat(without.body())
        .contains("Choose the column that has the external ID")
        .containsPattern("value=\"plan\" checked");
    mapping.put("externalId", "id");
    mapping.put("replaceAccounts", "yes");
    HttpResponse<String> noAccounts = post("/warehouse/people/columns", admin, mapping);
    assertThat(noAccounts.statusCode()).isEqualTo(400);
    assertThat(noAccounts.body())
        .contains("name the accounts' column")
        .containsPattern("name=\"replaceAccounts\" value=\"yes\" checked");
    mapping.remove("replaceAccounts");
    assertThat(location(post("/warehouse/people/columns", admin, mapping)))
        .isEqualTo("/warehouse/people?done=saved");

    Map<String, String> run = Map.of("form_token", token(operator));
    assertThat(post("/warehouse/people/run", viewer, run).statusCode()).isEqualTo(403);
    assertThat(location(post("/warehouse/people/run", operator, run)))
        .isEqualTo("/warehouse/people");
    awaitRun();
    assertThat(get("/warehouse/people", viewer).body())
        .contains("Done")
        .contains("Row 3 of the answer: rejected")
        .doesNotContain("Run now")
        .doesNotContain(String.valueOf(at.password()));
    assertThat(hub.rows("SELECT email FROM users WHERE external_id = 'w1'"))
        .containsExactly("wanda@example.com");
    assertThat(get("/sources/people", viewer).body()).contains("href=\"/warehouse/people\"");

    Map<String, String> when = new HashMap<>(Map.of("form_token", token(admin)));
    when.putAll(Map.of("schedule", "now and then", "leftRows", "mark", "shadow", "yes"));
    HttpResponse<String> never = post("/warehouse/people/schedule", admin, when);
    assertThat(never.statusCode()).isEqualTo(400);
    assertThat(never.body())
        .contains("id=\"e-schedule\"")
        .contains("value=\"now and then\"")
        .containsPattern("value=\"mark\" selected")
        .containsPattern("name=\"shadow\" value=\"yes\" checked");
    when.put("schedule", "1d");
    assertThat(post("/warehouse/people/schedule", operator, when).statusCode()).isEqualTo(403);
    assertThat(location(post("/warehouse/people/schedule", admin, when)))
        .isEqualTo("/warehouse/people?done=saved");
    assertThat(get("/warehouse/people", operator).body())
        .contains("It runs next at")
        .contains("Its runs only say what they would do")
        .contains("Try now");
    Map<String, String> pause = Map.of("form_token", token(admin), "pause", "yes");
    post("/warehouse/people/schedule", admin, pause);
    assertThat(get("/warehouse/people", admin).body()).contains("It is paused").contains("Resume");
    post(
        "/warehouse/people/schedule",
        admin,
        Map.of("form_token", token(admin), "schedule", "", "leftRows", "keep"));
    assertThat(get("/warehouse/people", admin).body()).contains("It runs by hand");
    HttpResponse<String> none =
        post("/warehouse/people/cancel", operator, Map.of("form_token", token(operator)));
    assertThat(none.statusCode()).isEqualTo(400);
    assertThat(none.body()).contains("No run of people is under way");

    Map<String, String> broken =
        Map.of("form_token", token(admin), "query", "DELETE FROM people RETURNING id");
    HttpResponse<String> writes = post("/warehouse/people/query", admin, broken);
    assertThat(writes.statusCode()).isEqualTo(400);
    assertThat(writes.body()).contains("id=\"e-query\"").contains("DELETE FROM people");
    assertThat(shop.rows("SELECT count(*) FROM people")).containsExactly("3");
    shop.sql("ALTER TABLE people RENAME COLUMN mail TO post");
    post("/warehouse/people/run", operator, Map.of("form_token", token(operator)));
    awaitRun();
    assertThat(get("/warehouse/people", viewer).body())
        .contains("Failed")
        .contains("answers no column mail");
    assertThat(get("/", viewer).body()).contains("answers no column mail");
    assertThat(get("/warehouse/unheard-of", viewer).statusCode()).isEqualTo(404);
  }

  private static void awaitRun() throws InterruptedException {
    long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (syncs.runs("people", 1).getFirst().state() == SyncLog.State.RUNNING) {
      assertThat(System.nanoTime()).as("the run comes to its end").isLessThan(end);
      Thread.sleep(20);
    }
  }

  // ---- merging and taking it back ----

  @Test
  void users_are_merged_with_a_choice_and_the_merge_is_undone() {
    UUID one = identify("merge1", "Mia One", "mia1@example.com");
    UUID two = identify("merge2", "Mia Two", "mia2@example.com");
    String query = "/merge?user=" + two + "&user=" + one;
    String page = get(query + "&survivor=" + two + "&name=" + one, operator).body();
    assertThat(page).contains("What it would make").contains("mia1@example.com");
    assertThat(get("/users/" + one, viewer).statusCode())
        .as("a preview writes nothing")
        .isEqualTo(200);

    HttpResponse<String> merged =
        post(
            "/merge",
            operator,
            Map.of(
                "form_token", token(operator),
                "user", one.toString(),
                "user#2", two.toString(),
                "survivor", two.toString(),
                "name", one.toString()));
    assertThat(location(merged)).startsWith("/users/" + two + "?done=merged&merge=");
    String user = get(location(merged), operator).body();
    assertThat(user).contains("<bdi>Mia One</bdi>").contains("Merged.").contains("data-key=\"u\"");
    assertThat(location(get("/users/" + one, viewer))).isEqualTo("/users/" + two);
    assertThat(get("/users/" + two + "/graph.svg", viewer).body()).startsWith("<svg");
    assertThat(get("/merges", viewer).body()).contains("member:oda@example.com");

    String merge = location(merged).replaceFirst(".*merge=", "");
    assertThat(get("/merges/" + merge + "/undo", operator).body())
        .contains("mia1@example.com")
        .contains("mia2@example.com");
    HttpResponse<String> undone =
        post("/merges/" + merge + "/undo", operator, Map.of("form_token", token(operator)));
    assertThat(location(undone)).isEqualTo("/users/" + one + "?done=undone");
    assertThat(get(location(undone), viewer).body()).contains("Mia One").contains("Taken back");
    HttpResponse<String> twice =
        post("/merges/" + merge + "/undo", operator, Map.of("form_token", token(operator)));
    assertThat(twice.statusCode()).isEqualTo(409);
    assertThat(twice.body()).contains("already_undone");
    assertThat(get("/merges?state=undone", viewer).body()).contains("member:oda@example.com");
  }

  @Test
  void the_second_who_settles_a_flag_is_told() {
    UUID one = identify("flag1", "Fay", "fay@example.com");
    UUID two = identify("flag2", "Fay B.", "fay@example.com");
    String flag = lookupFlag(one);
    String page = get("/review?flag=" + encoded(flag), operator).body();
    assertThat(page)
        .contains("fay@example.com")
        .contains("Keep apart")
        .contains("class=\"differs\"");
    assertThat(get("/review?flag=" + encoded(flag), viewer).body())
        .doesNotContain("Keep apart <kbd>");

    Map<String, String> merge =
        Map.of(
            "form_token",
            token(operator),
            "action",
            "merge",
            "kind",
            "same_email",
            "reason",
            "Same person, I asked");
    HttpResponse<String> first = post("/review/" + encoded(flag), operator, merge);
    assertThat(location(first)).startsWith("/review?kind=same_email&done=merged&merge=");
    HttpResponse<String> second = post("/review/" + encoded(flag), operator, merge);
    assertThat(second.statusCode()).isEqualTo(409);
    assertThat(second.body()).contains("role=\"alert\"").contains("Review");
    assertThat(lookup.live(two)).isEqualTo(one);
  }

  private static String lookupFlag(UUID user) {
    Matcher flag =
        Pattern.compile("/review\\?flag=([^\"]+)\"").matcher(get("/users/" + user, viewer).body());
    assertThat(flag.find()).isTrue();
    return flag.group(1);
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  @Test
  void who_is_kept_apart_is_shown_and_lifted() {
    UUID one = identify("apart1", "Al One", "al@example.com");
    UUID two = identify("apart2", "Al Two", "al2@example.com");
    Map<String, String> apart =
        Map.of("form_token", token(operator), "other", two.toString(), "action", "keep");
    assertThat(location(post("/users/" + one + "/apart", operator, apart)))
        .isEqualTo("/users/" + one + "?done=apart");
    assertThat(get("/users/" + two, operator).body())
        .contains("Kept apart from")
        .contains("Al One");
    Map<String, String> lift =
        Map.of("form_token", token(operator), "other", one.toString(), "action", "lift");
    post("/users/" + two + "/apart", operator, lift);
    assertThat(get("/users/" + one, operator).body()).doesNotContain("Kept apart from");
  }

  @Test
  void an_admin_erases_a_user_for_good() {
    UUID user = identify("erase1", "Eve Gone", "eve.gone@example.com");
    assertThat(get("/users/" + user, operator).body()).doesNotContain("Erase…");
    assertThat(get("/users/" + user, admin).body()).contains("Erase…");
    assertThat(get("/users/" + user + "/erase", admin).body())
        .contains("Eve Gone")
        .contains("cannot be undone");
    assertThat(get("/users/" + user, viewer).statusCode()).isEqualTo(200);
    Map<String, String> erase =
        Map.of("form_token", token(admin), "suppress", "yes", "user", user.toString());
    assertThat(post("/users/erase", operator, erase).statusCode()).isEqualTo(403);
    assertThat(location(post("/users/erase", admin, erase))).isEqualTo("/users?done=erased");
    assertThat(get("/users/" + user, viewer).statusCode()).isEqualTo(404);
    assertThat(hub.rows("SELECT count(*) FROM users WHERE external_id = 'erase1'"))
        .containsExactly("0");
    assertThat(get("/settings/audit?act=erase&actor=member:ann@example.com", admin).body())
        .contains("member:ann@example.com")
        .contains("127.0.0.1");
  }

  @Test
  void an_admin_erases_several_users_at_once() {
    UUID one = identify("erase2", "Flo Gone", "flo.gone@example.com");
    UUID other = identify("erase3", "Gus Gone", "gus.gone@example.com");
    assertThat(get("/users", operator).body()).doesNotContain("Erase chosen");
    assertThat(get("/users", admin).body()).contains("Erase chosen");
    assertThat(get("/users/erase", admin).statusCode()).isEqualTo(400);
    assertThat(get("/users/erase?user=%s&user=%s".formatted(one, other), admin).body())
        .contains("Erase these 2 users")
        .contains("Flo Gone")
        .contains("Gus Gone");
    Map<String, String> none = Map.of("form_token", token(admin), "suppress", "yes");
    assertThat(post("/users/erase", admin, none).statusCode()).isEqualTo(400);
    Map<String, String> erase =
        Map.of("form_token", token(admin), "user#1", one.toString(), "user#2", other.toString());
    assertThat(location(post("/users/erase", admin, erase))).isEqualTo("/users?done=erased");
    assertThat(get("/users/" + one, viewer).statusCode()).isEqualTo(404);
    assertThat(get("/users/" + other, viewer).statusCode()).isEqualTo(404);
  }

  @Test
  void what_each_box_of_segment_tells_can_be_kept_as_a_file() {
    identify("box1", "Ivy", "box@example.com");
    identify("box2", "Ivo", "box@example.com");
    for (int i = 3; i < 30; i++) {
      identify("box" + i, "Many", "many.box@example.com");
    }
    assertThat(get("/segment/same-email", viewer).body())
        .contains("href=\"/segment/same-email.csv\"")
        .doesNotContain("Import CSV");
    HttpResponse<String> same = get("/segment/same-email.csv", viewer);
    assertThat(same.headers().firstValue("Content-Disposition").orElse(""))
        .contains("same-email.csv");
    assertThat(same.body()).contains("box1,").contains("box2,");
    for (int i = 3; i < 30; i++) {
      assertThat(same.body()).as("all that have it, also those no page shows").contains("box" + i);
    }
    assertThat(get("/segment", viewer).body())
        .contains("href=\"/sources/segment\"")
        .contains("traits.billingUserId");
  }

  @Test
  void the_queue_to_settle_is_without_those_who_only_lack_a_billing_id() {
    UUID user = identify("queue1", "Jo Lacks", "queue@example.com");
    hub.sql(
        "INSERT INTO selfsame.source (space, number, name, channel, settings) VALUES (1, 900,"
            + " 'stripe', 'billing', '{\"id_type\": \"stripe_id\"}')");
    try {
      String flag = encoded("missing_billing_id:" + user);
      assertThat(get("/review", viewer).body())
          .contains("To settle")
          .contains("/review?kind=missing_billing_id")
          .doesNotContain(flag);
      assertThat(get("/review?kind=missing_billing_id", viewer).body()).contains(flag);
      assertThat(get("/segment", viewer).body()).contains("/segment/no-billing-id");
      assertThat(get("/segment/no-billing-id.csv", viewer).body()).contains("Jo Lacks");
    } finally {
      hub.sql("DELETE FROM selfsame.source WHERE number = 900");
    }
  }

  @Test
  void keys_are_made_shown_once_and_ended() {
    Map<String, String> make = Map.of("form_token", token(admin), "name", "etl", "kind", "write");
    Matcher secret =
        Pattern.compile("sst_\\w{32}").matcher(post("/settings/keys", admin, make).body());
    assertThat(secret.find()).isTrue();
    assertThat(get("/settings/keys", admin).body())
        .contains("etl")
        .contains("may write")
        .doesNotContain(secret.group());
    String id = hub.rows("SELECT id FROM selfsame.token WHERE name = 'etl'").getFirst();
    post("/settings/keys/" + id + "/revoke", admin, Map.of("form_token", token(admin)));
    assertThat(hub.rows("SELECT count(revoked_at) FROM selfsame.token WHERE name = 'etl'"))
        .containsExactly("1");
    Map<String, String> browser =
        Map.of("form_token", token(admin), "name", "shop", "kind", "browser");
    assertThat(post("/settings/keys", admin, browser).body())
        .contains("wk_")
        .contains("writes as browser");
    Map<String, String> nameless = Map.of("form_token", token(admin), "name", " ", "kind", "read");
    assertThat(post("/settings/keys", admin, nameless).statusCode()).isEqualTo(400);
    assertThat(get("/settings/audit", admin).body()).contains("Create key").contains("Revoke key");
  }

  @Test
  void a_list_goes_on_page_by_page_newest_first() {
    for (int i = 0; i < 60; i++) {
      identify("page" + i, "Page " + i, "page" + i + "@example.com");
    }
    String first = get("/users", viewer).body();
    assertThat(first).contains(">Page 59<").doesNotContain(">Page 5<");
    Matcher next = Pattern.compile("href=\"(/users\\?cursor=[^\"]+)\" rel=\"next\"").matcher(first);
    assertThat(next.find()).isTrue();
    assertThat(get(next.group(1).replace("&amp;", "&"), viewer).body()).contains(">Page 5<");
    assertThat(get("/users?q=page17@", viewer).body())
        .contains(">Page 17<")
        .doesNotContain(">Page 18<");
  }

  // ---- how much there is, and who said it ----

  @Test
  void home_counts_users_and_draws_what_came() {
    identify("home1", "Hal Home", "hal@example.com");
    long users = Long.parseLong(hub.rows("SELECT count(*) FROM users").getFirst());
    for (String range : List.of("hour", "day", "week")) {
      String page = get("/?range=" + range, viewer).body();
      assertThat(page)
          .contains("<span class=\"number\">" + String.format(Locale.ENGLISH, "%,d", users))
          .contains("100.0 %")
          .contains("aria-label=\"Decisions by rule: at most")
          .contains("href=\"/rules#K3\">K3</a>")
          .contains("href=\"/sources/segment\"");
    }
    assertThat(get("/?range=year", viewer).statusCode()).isEqualTo(400);
  }

  @Test
  void a_source_shows_what_it_said_and_why_it_was_refused() {
    UUID user = identify("said1", "Sia Said", "sia@example.com");
    say(
        new Claim.Identify(
            SEGMENT, at, new Raw.Other("boolean"), Raw.ABSENT, Raw.ABSENT, Raw.ABSENT, Raw.ABSENT),
        "{\"userId\":true,\"traits\":{\"name\":\"<b>bold</b>\"}}");
    assertThat(get("/sources", viewer).body())
        .contains("href=\"/sources/segment\"")
        .contains("/sources/segment?outcome=rejected");
    String page = get("/sources/segment", viewer).body();
    assertThat(page)
        .contains("/users/" + user)
        .contains("Id not string")
        .contains("&lt;b&gt;bold&lt;/b&gt;")
        .doesNotContain("role=\"switch\"");
    assertThat(get("/sources/segment?outcome=rejected", viewer).body())
        .contains("Id not string")
        .doesNotContain("/users/" + user);
    assertThat(get("/sources/segment?outcome=created", viewer).body())
        .contains("/users/" + user)
        .doesNotContain("&quot;userId&quot; : true");
    for (int i = 0; i < 30; i++) {
      identify("said" + i, "S", "said" + i + "@example.com");
    }
    Matcher older =
        Pattern.compile("href=\"(/sources/segment\\?before=\\d+)\"")
            .matcher(get("/sources/segment", viewer).body());
    assertThat(older.find()).isTrue();
    assertThat(get(older.group(1), viewer).body()).contains("Id not string");
    assertThat(get("/sources/nobody", viewer).statusCode()).isEqualTo(404);
    assertThat(get("/sources/segment?outcome=nonsense", viewer).statusCode()).isEqualTo(400);
    assertThat(get("/sources/segment?before=nonsense", viewer).statusCode()).isEqualTo(400);
  }

  @Test
  void a_claim_is_decided_again_as_if_it_came_now() {
    say(
        new Claim.Identify(
            SEGMENT,
            at,
            Raw.text("again1"),
            Raw.ABSENT,
            Raw.text("again@example.com"),
            Raw.ABSENT,
            Raw.ABSENT),
        "{\"type\":\"identify\",\"userId\":\"again1\",\"traits\":{\"email\":\"again@example.com\"}}");
    String position = lastPosition("segment");
    String page = get("/sources/segment/claims/" + position, viewer).body();
    assertThat(page)
        .as("it created the user, who is there now")
        .contains("Now: ")
        .contains("Then: ")
        .contains("href=\"/rules#K9\"")
        .contains("The user that it would be written to");
    assertThat(get("/sources/segment", viewer).body())
        .contains("hx-get=\"/sources/segment/claims/" + position + "\"");
    say(
        new Claim.Identify(
            SEGMENT, at, new Raw.Other("boolean"), Raw.ABSENT, Raw.ABSENT, Raw.ABSENT, Raw.ABSENT),
        "{\"type\":\"identify\",\"userId\":true}");
    String last = lastPosition("segment");
    assertThat(get("/sources/segment/claims/" + last, viewer).body())
        .contains("The same again")
        .contains("Id not string")
        .doesNotContain("Then: ");
    assertThat(lastPosition("segment")).as("nothing is written").isEqualTo(last);
    for (String wrong : List.of("999999999", "0", "-1", "x")) {
      assertThat(get("/sources/segment/claims/" + wrong, viewer).statusCode()).isEqualTo(404);
    }
    assertThat(get("/sources/nobody/claims/" + position, viewer).statusCode()).isEqualTo(404);
  }

  private static String lastPosition(String source) {
    Matcher place =
        Pattern.compile("/sources/" + source + "/claims/(\\d+)")
            .matcher(get("/sources/" + source, viewer).body());
    assertThat(place.find()).isTrue();
    return place.group(1);
  }

  private static void say(Claim claim, String payload) {
    pipeline
        .submit(
            List.of(
                new Submission(
                    claim,
                    at,
                    null,
                    payload.getBytes(StandardCharsets.UTF_8),
                    null,
                    Set.of(),
                    Map.of())))
        .join();
  }

  @Test
  void a_source_is_trusted_or_not_at_a_switch() {
    String version = version(get("/sources/segment", admin).body());
    Map<String, String> off =
        Map.of("form_token", token(admin), "version", version, "setting", "trusted", "to", "off");
    assertThat(location(post("/sources/segment", admin, off)))
        .isEqualTo("/sources/segment?done=saved");
    assertThat(get("/sources/segment", admin).body()).contains("aria-checked=\"false\"");
    assertThat(get("/sources", viewer).body()).contains("not trusted");
    HttpResponse<String> late = post("/sources/segment", admin, off);
    assertThat(late.statusCode()).isEqualTo(409);
    assertThat(late.body()).contains("policy_changed").contains("was changed meanwhile");
    String now = version(get("/sources/segment", admin).body());
    assertThat(
            post(
                    "/sources/segment",
                    admin,
                    Map.of("form_token", token(admin), "version", now, "setting", "nonsense"))
                .statusCode())
        .isEqualTo(400);
    Map<String, String> on =
        Map.of("form_token", token(admin), "version", now, "setting", "trusted", "to", "on");
    assertThat(post("/sources/segment", admin, on).statusCode()).isEqualTo(303);
    assertThat(get("/sources", viewer).body()).doesNotContain("not trusted");
  }

  private static String version(String page) {
    Matcher version = Pattern.compile("name=\"version\" value=\"(\\d+)\"").matcher(page);
    assertThat(version.find()).as("the version of the policy").isTrue();
    return version.group(1);
  }

  @Test
  void an_event_is_waited_for_with_the_key_in_its_snippet() {
    for (Sender sender : Sender.values()) {
      assertThat(get("/start?with=" + sender.code(), viewer).body())
          .contains("<h2 id=\"snippet\">" + sender.title().replace("&", "&amp;"))
          .contains("YOUR_WRITE_KEY")
          .contains("Waiting for an event")
          .doesNotContain("Make a key");
    }
    String made =
        post("/start", admin, Map.of("form_token", token(admin), "with", "browser")).body();
    Matcher key =
        Pattern.compile("writeKey: &#34;(wk_\\w+)&#34;|writeKey: \"(wk_\\w+)\"").matcher(made);
    assertThat(key.find()).as(made).isTrue();
    assertThat(
            hub.rows(
                "SELECT source.name, source.settings ->> 'trusted' FROM selfsame.write_key k"
                    + " JOIN selfsame.source ON source.number = k.source WHERE k.name = 'Browser'"))
        .containsExactly("browser|false");
    Matcher waits =
        Pattern.compile(
                "hx-get=\"(/start\\?with=browser&amp;since=\\d+)\"|hx-get=\"(/start\\?with=browser&since=\\d+)\"")
            .matcher(made);
    assertThat(waits.find()).as(made).isTrue();
    UUID user = identify("start1", "Sue Start", "sue@example.com");
    String path = waits.group(1) == null ? waits.group(2) : waits.group(1);
    assertThat(get(path.replace("&amp;", "&"), viewer).body())
        .contains("<h2>Received</h2>")
        .contains("/users/" + user)
        .doesNotContain("Waiting for an event");
    assertThat(get("/start?with=cobol", viewer).statusCode()).isEqualTo(400);
  }

  @Test
  void every_code_leads_to_its_rule() {
    String rules = get("/rules", viewer).body();
    for (Rule rule : Rule.values()) {
      assertThat(rules).contains("<div id=\"" + rule.code() + "\">");
    }
    UUID user = identify("rule1", "Ru Le", "rule@example.com");
    assertThat(get("/users/" + user, viewer).body()).contains("href=\"/rules#K3\"");
  }

  @Test
  void the_reference_shows_every_call() {
    String reference = get("/reference", viewer).body();
    JsonNode document = JsonMapper.shared().readTree(OpenApi.document());
    document
        .get("paths")
        .forEach(calls ->
            calls.forEach(call ->
                assertThat(reference)
                    .contains("id=\"" + call.get("operationId").asString() + "\"")));
    assertThat(reference).contains("externalId?: text | null").contains("1 to 1000");
  }

  // ---- the policy ----

  @Test
  void the_policy_is_previewed_and_saved_by_form_and_by_file() {
    String form = get("/settings/policy", admin).body();
    assertThat(form).contains("value=\"400\"");
    Map<String, String> entries = new HashMap<>();
    entries.put("form_token", token(admin));
    entries.put("as", "form");
    entries.put("version", version(form));
    entries.put("emails", "shared");
    entries.put("merge_on_email_change", "yes");
    entries.put("blocked_values", "nobody\r\n  test  ");
    entries.put("limits.identifiers_per_user", "1000");
    entries.put("limits.merges_per_user", "many");
    entries.put("limits.id_characters", "300");
    entries.put("limits.email_characters", "320");
    entries.put("survivorship.email", "latest");
    entries.put("survivorship.name", "segment, csv");
    entries.put("traits", "plan, seats");
    entries.put("action", "preview");
    HttpResponse<String> wrong = post("/settings/policy", admin, entries);
    assertThat(wrong.statusCode()).isEqualTo(400);
    assertThat(wrong.body())
        .containsPattern("id=\"e-limits.merges_per_user\">[^<]*merges_per_user")
        .contains("value=\"many\"")
        .contains("value=\"segment, csv\"");

    entries.put("limits.merges_per_user", "100");
    HttpResponse<String> preview = post("/settings/policy", admin, entries);
    assertThat(preview.statusCode()).isEqualTo(200);
    assertThat(preview.body())
        .contains("What it would change")
        .contains("<code>limits.id_characters</code>")
        .contains("<code>blocked_values</code>")
        .contains("Claims decided again");
    assertThat(hub.rows("SELECT max(version) FROM selfsame.policy"))
        .as("a preview writes nothing")
        .containsExactly(entries.get("version"));

    entries.put("action", "save");
    assertThat(location(post("/settings/policy", admin, entries)))
        .isEqualTo("/settings/policy?done=saved");
    assertThat(get("/settings/policy", admin).body())
        .contains("value=\"300\"")
        .contains("value=\"plan, seats\"");
    HttpResponse<String> late = post("/settings/policy", admin, entries);
    assertThat(late.statusCode()).isEqualTo(409);
    assertThat(late.body()).contains("was changed meanwhile").contains("value=\"300\"");

    String file = get("/settings/policy?as=file", admin).body();
    assertThat(file).contains("id_characters: 300");
    Map<String, String> broken =
        Map.of(
            "form_token",
            token(admin),
            "as",
            "file",
            "version",
            version(file),
            "action",
            "save",
            "file",
            "emials: shared\n");
    HttpResponse<String> refused = post("/settings/policy", admin, broken);
    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(refused.body()).contains("did you mean emails").contains("emials: shared");
    Map<String, String> back = new HashMap<>(broken);
    back.put("file", "{}");
    assertThat(location(post("/settings/policy", admin, back)))
        .isEqualTo("/settings/policy?done=saved&as=file");
    assertThat(get("/settings/audit?act=policy", admin).body()).contains("member:ann@example.com");
  }

  @Test
  void unique_emails_are_refused_with_the_list_of_who_shares() {
    UUID one = identify("uniq1", "One", "uniq@example.com");
    identify("uniq2", "Two", "uniq@example.com");
    String form = get("/settings/policy?as=file", admin).body();
    Map<String, String> unique = new HashMap<>();
    unique.put("form_token", token(admin));
    unique.put("as", "file");
    unique.put("version", version(form));
    unique.put("file", "emails: unique");
    unique.put("action", "preview");
    HttpResponse<String> preview = post("/settings/policy", admin, unique);
    assertThat(preview.body())
        .contains("uniq@example.com")
        .contains("/users/" + one)
        .doesNotContain("value=\"save\"");
    unique.put("action", "save");
    HttpResponse<String> saved = post("/settings/policy", admin, unique);
    assertThat(saved.statusCode()).isEqualTo(409);
    assertThat(saved.body()).contains("Emails cannot be unique");
  }

  // ---- moving an identifier ----

  @Test
  void an_identifier_is_moved_after_a_look_at_what_it_makes() {
    UUID one = identify("move1", "Mo One", "mo1@example.com");
    UUID two = identify("move2", "Mo Two", "mo2@example.com");
    String page = get("/users/" + one, operator).body();
    String path = "/users/" + one + "/move?type=email&value=mo1%40example.com";
    assertThat(page).contains("href=\"" + path);
    assertThat(get("/users/" + one, viewer).body()).doesNotContain("/move?type");
    assertThat(get(path + "&q=mo2@", operator).body()).contains("Mo Two").contains("&to=" + two);
    assertThat(get(path + "&to=" + two, operator).body())
        .contains("What it would make")
        .contains("Move it");
    assertThat(get(path + "&to=" + one, operator).body()).contains("user that has it");
    Map<String, String> move =
        Map.of(
            "form_token",
            token(operator),
            "type",
            "email",
            "value",
            "mo1@example.com",
            "to",
            two.toString());
    assertThat(location(post("/users/" + one + "/move", operator, move)))
        .isEqualTo("/users/" + two + "?done=moved");
    assertThat(get("/users/" + two, viewer).body()).contains("mo1@example.com");
    HttpResponse<String> again = post("/users/" + one + "/move", operator, move);
    assertThat(again.statusCode()).isEqualTo(409);
    assertThat(again.body()).contains("does not hold this email");
    assertThat(get("/users/" + one + "/move", operator).statusCode()).isEqualTo(400);
    assertThat(
            get("/users/" + one + "/move?type=no%20type&value=x&to=" + two, operator).statusCode())
        .isEqualTo(400);
  }

  // ---- landing files ----

  @Test
  void a_file_lands_and_its_page_says_what_became_of_it() throws Exception {
    assertThat(get("/landings/new?table=Zendesk", operator).statusCode()).isEqualTo(400);
    assertThat(get("/landings/new?table=Zendesk", operator).body())
        .contains("is no name of a table")
        .contains("value=\"Zendesk\"");
    String form = get("/landings/new?table=marketo.leads&id=Lead+ID", operator).body();
    Matcher action = Pattern.compile("action=\"(/landings\\?form_token=[^\"]+)\"").matcher(form);
    assertThat(action.find()).as(form).isTrue();
    String to = action.group(1).replace("&amp;", "&");

    HttpResponse<String> unknown = sendFile(to, "leads.xlsx", "x");
    assertThat(unknown.statusCode()).isEqualTo(400);
    assertThat(unknown.body()).contains("by the end of its name");
    assertThat(sendFile(to, "leads.csv", "").body()).contains("the file is empty");
    assertThat(sendFile("/landings?table=marketo.leads", "leads.csv", "a\n1").statusCode())
        .as("without its token")
        .isEqualTo(403);

    HttpResponse<String> sent =
        sendFile(to, "leads.csv", "Lead ID,email,<b>note</b>\n7,lea@example.com,hi\n");
    assertThat(sent.statusCode()).as(sent.body()).isEqualTo(303);
    String page = finished(location(sent));
    assertThat(page)
        .contains("marketo.leads")
        .contains("leads.csv")
        .contains("member:oda@example.com")
        .contains("Forget it")
        .doesNotContain("<b>note");
    assertThat(hub.rows("SELECT id FROM marketo.leads")).containsExactly("7");
    assertThat(get("/landings", viewer).body()).contains("marketo.leads").contains("Done");

    HttpResponse<String> preview =
        sendFile(to + "&preview=yes", "leads.csv", "Lead ID,email\n8,leb@example.com\n");
    assertThat(finished(location(preview))).contains("A preview: nothing was written");
    assertThat(hub.rows("SELECT id FROM marketo.leads")).containsExactly("7");
    HttpResponse<String> broken = sendFile(to, "leads.csv", "Lead ID,email\n\"9,x@example.com\n");
    assertThat(finished(location(broken))).contains("role=\"alert\"").contains("Failed");
    post(location(broken) + "/remove", operator, Map.of("form_token", token(operator)));
    assertThat(get(location(broken), viewer).statusCode()).isEqualTo(404);
    assertThat(get("/landings?before=nonsense", viewer).statusCode()).isEqualTo(400);
    assertThat(get("/landings/nonsense", viewer).statusCode()).isEqualTo(404);
  }

  private static String finished(String path) throws InterruptedException {
    for (int i = 0; i < 200; i++) {
      String page = get(path, operator).body();
      if (page.contains("Forget it")) {
        return page;
      }
      Thread.sleep(100);
    }
    throw new AssertionError("The landing is still not finished: " + get(path, operator).body());
  }

  private static HttpResponse<String> sendFile(String path, String name, String content) {
    String form =
        "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"%s\"\r\n\r\n%s\r\n--b--\r\n"
            .formatted(name, content);
    return send(
        request(path, operator)
            .header("Content-Type", "multipart/form-data; boundary=b")
            .POST(BodyPublishers.ofString(form)));
  }

  // ---- filters ----

  private static void said(Source source, Raw external, String name, String email, Instant when) {
    long micros = when.getEpochSecond() * 1_000_000;
    Claim claim =
        new Claim.Identify(
            source, micros, external, Raw.text(name), Raw.text(email), Raw.ABSENT, Raw.ABSENT);
    pipeline
        .submit(
            List.of(
                new Submission(
                    claim, micros, null, new byte[] {'{', '}'}, null, Set.of(), Map.of())))
        .join();
  }

  @Test
  void filters_combine_stand_in_the_address_and_can_be_taken_away() {
    said(
        SEGMENT,
        Raw.text("f1"),
        "Fil One",
        "fil1@example.com",
        Instant.parse("2031-05-10T23:00:00Z"));
    said(
        SEGMENT,
        Raw.text("f2"),
        "Fil Two",
        "fil2@example.com",
        Instant.parse("2031-05-11T23:00:00Z"));
    imported(
        """
        external_id,name,email,billing_id
        f3,Fil Three,fil3@example.com,cus_f3
        f1,Fil One,,cus_f1
        """);

    String days = get("/users?createdFrom=2031-05-10&createdTo=2031-05-10", viewer).body();
    assertThat(days).contains("Fil One").doesNotContain("Fil Two").doesNotContain("Fil Three");
    assertThat(days)
        .contains("Created from 2031-05-10")
        .contains("href=\"/users?createdTo=2031-05-10\"");
    assertThat(get("/users?q=fil&withoutBillingId=true", viewer).body())
        .contains("Fil Two")
        .doesNotContain("Fil One")
        .doesNotContain("Fil Three");
    assertThat(get("/users?q=fil&source=csv", viewer).body())
        .contains("Fil One")
        .contains("Fil Three")
        .doesNotContain("Fil Two");
    assertThat(get("/users?q=fil&flagged=true", viewer).body())
        .as("what has no billing id is flagged so")
        .contains("Fil Two")
        .doesNotContain("Fil Three");
    assertThat(get("/users?source=csv&flagged=true&createdFrom=2031-05-11", viewer).body())
        .contains("Nobody is all of that");
    String columns = get("/users?q=fil1&columns=sources&columns=changed", viewer).body();
    assertThat(columns)
        .contains("<span class=\"source\">csv</span> <span class=\"source\">segment</span>")
        .contains("<th>Changed</th>")
        .doesNotContain("<th>Email</th>");
  }

  @Test
  void filters_that_cannot_be_meant_are_named_beside_their_entry() {
    HttpResponse<String> source = get("/users?source=segmnt%3Cb%3E", viewer);
    assertThat(source.statusCode()).isEqualTo(400);
    assertThat(source.body())
        .contains("id=\"e-source\"")
        .contains("did you mean segment")
        .doesNotContain("segmnt<b>");
    HttpResponse<String> day = get("/users?createdFrom=yesterday", viewer);
    assertThat(day.statusCode()).isEqualTo(400);
    assertThat(day.body()).contains("id=\"e-createdFrom\"").contains("value=\"yesterday\"");
    assertThat(get("/users?createdFrom=2031-05-11&createdTo=2031-05-10", viewer).body())
        .contains("id=\"e-createdTo\"");
    assertThat(get("/users/export.csv?createdTo=never", viewer).statusCode()).isEqualTo(400);
    assertThat(get("/users/export.csv?chosen=yes", viewer).statusCode()).isEqualTo(400);
  }

  // ---- files ----

  private static HttpResponse<String> upload(@Nullable String token, String name, String csv) {
    return uploadTo("/users/import", token, name, csv);
  }

  private static HttpResponse<String> uploadTo(
      String path, @Nullable String token, String name, String csv) {
    String field =
        token == null
            ? ""
            : "--b\r\nContent-Disposition: form-data; name=\"form_token\"\r\n\r\n" + token + "\r\n";
    return send(
        request(path, operator)
            .header("Content-Type", "multipart/form-data; boundary=b")
            .POST(
                BodyPublishers.ofString(
                    field
                        + "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\""
                        + name
                        + "\"\r\nContent-Type: text/csv\r\n\r\n"
                        + csv
                        + "\r\n--b--\r\n")));
  }

  /** The path of an import that was uploaded, once it is finished. */
  private static String previewed(String name, String csv) {
    HttpResponse<String> sent = upload(token(operator), name, csv);
    assertThat(sent.statusCode()).as(sent.body()).isEqualTo(303);
    settled(location(sent));
    return location(sent);
  }

  private static String settled(String path) {
    for (int i = 0; i < 600; i++) {
      String page = get(path, operator).body();
      if (!page.contains("every 1s")) {
        return page;
      }
      pause();
    }
    throw new AssertionError("The import does not end: " + get(path, operator).body());
  }

  private static void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(50);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static String imported(String csv) {
    String path = previewed("users.csv", csv);
    apply(path);
    return settled(path);
  }

  private static HttpResponse<String> apply(String path) {
    return post(path + "/apply", operator, Map.of("form_token", token(operator)));
  }

  @Test
  void a_file_is_previewed_row_by_row_and_then_applied_once() {
    String path =
        previewed(
            "people.csv",
            "external_id,name,email\nim1,Ima <b>One</b>,ima1@example.com\n,Nobody,\n");
    String preview = get(path, operator).body();
    assertThat(preview)
        .contains("people.csv")
        .contains("What it would do")
        .contains("New user")
        .contains("Row error")
        .contains("No key")
        .contains("Apply all 2 rows")
        .contains("&lt;b&gt;")
        .doesNotContain("<b>One");
    assertThat(get(path + "?only=rejected", operator).body())
        .contains("Nobody")
        .doesNotContain("ima1@example.com");
    assertThat(hub.rows("SELECT count(*) FROM users WHERE external_id = 'im1'"))
        .as("a preview writes nothing")
        .containsExactly("0");
    assertThat(get(path, viewer).body()).doesNotContain("Apply all");

    gate = new Semaphore(0);
    assertThat(location(apply(path))).isEqualTo(path);
    assertThat(location(apply(path))).as("pressed twice").isEqualTo(path);
    Objects.requireNonNull(gate).release(1_000);
    String done = settled(path);
    gate = null;
    assertThat(done).contains("What it did").contains("Download result").doesNotContain("Apply");
    assertThat(location(apply(path))).as("pressed again later").isEqualTo(path);
    assertThat(
            hub.rows(
                "SELECT count(*) FROM user_decisions d JOIN users u ON u.id = d.user_id WHERE"
                    + " u.external_id = 'im1'"))
        .containsExactly("1");
    HttpResponse<String> result = get(path + "/result.csv", viewer);
    assertThat(result.headers().firstValue("Content-Disposition").orElse(""))
        .contains("attachment");
    assertThat(result.body()).contains("result_code").contains("no_key");
    assertThat(get("/users/import", operator).body()).contains("people.csv").contains("Done");

    assertThat(location(post(path + "/remove", operator, Map.of("form_token", token(operator)))))
        .isEqualTo("/users/import?done=forgotten");
    assertThat(get(path, operator).statusCode()).isEqualTo(404);
  }

  @Test
  void a_preview_of_a_long_file_says_where_it_stopped() {
    StringBuilder csv = new StringBuilder("external_id\n");
    for (int i = 0; i < 5; i++) {
      csv.append("long").append(i).append('\n');
    }
    assertThat(get(previewed("long.csv", csv.toString()), operator).body())
        .contains("The preview looks at the first 3 rows; applying takes all 5.");
  }

  @Test
  void a_broken_file_is_refused_by_name_with_its_line() {
    String broken =
        get(previewed("broken.csv", "email,name\na@x.org,A\nb@x.org\n"), operator).body();
    assertThat(broken)
        .contains("csv_syntax")
        .contains("Line 3, column 2")
        .contains("It cannot be imported")
        .doesNotContain("Apply");
    assertThat(get(previewed("header.csv", "email,colour\na@x.org,red\n"), operator).body())
        .contains("csv_header")
        .contains("colour");
    HttpResponse<String> empty = upload(token(operator), "empty.csv", "");
    assertThat(empty.statusCode()).isEqualTo(400);
    assertThat(empty.body()).contains("id=\"e-file\"").contains("The file is empty");
    HttpResponse<String> large = upload(token(operator), "large.csv", "x".repeat(200_000));
    assertThat(large.statusCode()).isEqualTo(400);
    assertThat(large.body()).contains("larger than the 100000 bytes");
  }

  @Test
  void a_file_from_another_website_is_refused() {
    int before = imports.list(null, 100).size();
    assertThat(upload(null, "a.csv", "email\na@x.org\n").statusCode()).isEqualTo(403);
    assertThat(upload("guessed", "a.csv", "email\na@x.org\n").statusCode()).isEqualTo(403);
    assertThat(uploadTo("/merge", token(operator), "a.csv", "email\na@x.org\n").statusCode())
        .as("no other page takes files")
        .isEqualTo(403);
    assertThat(imports.list(null, 100)).hasSize(before);
  }

  @Test
  void what_is_listed_is_exported_and_comes_back() {
    identify("ex1", "Exa One", "exa1@example.com");
    UUID two = identify("ex2", "Exa Two", "exa2@example.com");
    identify("ex3", "Exb Three", "exb3@example.com");
    String found = get("/users/export.csv?q=exa", viewer).body();
    assertThat(found.lines()).hasSize(3);
    assertThat(found).contains("exa1@example.com").doesNotContain("exb3@example.com");
    assertThat(get("/users/export.csv?chosen=yes&user=" + two, viewer).body().lines()).hasSize(2);
    assertThat(get("/users/export.csv?createdFrom=2100-01-01", viewer).body().lines()).hasSize(1);
    assertThat(get("/users/export.csv?flagged=true", viewer).body()).contains("exb3@example.com");

    String page = imported(found.replace("Exa Two", "Exa 2"));
    assertThat(page).contains("No change").contains("Update");
    assertThat(hub.rows("SELECT name FROM users WHERE external_id IN ('ex1', 'ex2') ORDER BY 1"))
        .containsExactly("Exa 2", "Exa One");
  }

  // ---- identities ----

  @Test
  void identities_are_found_filtered_and_taken_away() {
    UUID one = identify("idn-1", "Ida One", "ida1@ids.example");
    UUID two = identify("idn-2", "=Ida Two", "=ida2@ids.example");
    hub.sql(
        "UPDATE selfsame.part SET tools = '{\"zendesk_id\": \"=zen&<1>\"}' WHERE id = '%s'"
            .formatted(one));
    try {
      HttpResponse<String> newest = get("/identities", viewer);
      assertThat(newest.statusCode()).isEqualTo(200);
      assertThat(newest.body().indexOf("/users/" + two))
          .as("the newest first")
          .isPositive()
          .isLessThan(newest.body().indexOf("/users/" + one));
      assertThat(newest.body()).contains("=zen&amp;&lt;1&gt;").doesNotContain("<1>");
      assertThat(get("/identities?ids=has:zendesk", viewer).body())
          .contains("/users/" + one)
          .doesNotContain("/users/" + two);
      assertThat(get("/identities?ids=lacks:zendesk&q=idn-", viewer).body())
          .contains("/users/" + two)
          .doesNotContain("/users/" + one);
      for (String q : List.of("idn-1", "ida1@ids", one.toString())) {
        assertThat(get("/identities?q=" + q, viewer).body())
            .as(q)
            .contains("/users/" + one)
            .doesNotContain("/users/" + two);
      }
      assertThat(get("/identities?q=nobody-at-all", viewer).body()).contains("Nobody found");
      HttpResponse<String> csv = get("/identities.csv?ids=has:zendesk", viewer);
      assertThat(csv.headers().firstValue("Content-Disposition").orElse(""))
          .contains("user_identities.csv");
      assertThat(csv.body())
          .startsWith(
              "user_id,segment_id,email,zendesk_id,stripe_id,salesforce_id,intercom_id,mailchimp_id,hubspot_id,chargebee_id\r\n")
          .contains(one + ",idn-1,ida1@ids.example,'=zen&<1>,,,,,,\r\n")
          .doesNotContain(two.toString());
      assertThat(
              get("/identities.csv", viewer).body().lines().skip(1).map(l -> l.split(",", -1)[0]))
          .containsExactlyInAnyOrderElementsOf(hub.rows("SELECT user_id FROM user_identities"));
    } finally {
      hub.sql("UPDATE selfsame.part SET tools = NULL WHERE id = '%s'".formatted(one));
    }
    for (String bad :
        List.of("ids=has:nothing", "ids=nonsense", "cursor=nonsense", "ids=has:a'b")) {
      assertThat(get("/identities?" + bad, viewer).statusCode()).as(bad).isEqualTo(400);
      if (!bad.startsWith("cursor")) {
        assertThat(get("/identities.csv?" + bad, viewer).statusCode()).as(bad).isEqualTo(400);
      }
    }
    assertThat(get("/identities?ids=nonsense", viewer).body()).contains("has:TOOL");
  }

  // ---- asking ----

  /** Where the run is to be looked at. */
  private static String ask(String cookie, String sql) {
    HttpResponse<String> answer =
        post("/ask/runs", cookie, Map.of("form_token", token(cookie), "sql", sql));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(303);
    return location(answer);
  }

  /** The page of an answer, once it is there. */
  private static String answered(String cookie, String sql) {
    return ended(cookie, ask(cookie, sql));
  }

  private static String ended(String cookie, String path) {
    for (int i = 0; i < 150; i++) {
      String page = get(path, cookie).body();
      if (!page.contains("Running for")) {
        return page;
      }
      pause();
    }
    throw new AssertionError(path + " goes on running");
  }

  private static List<String> running() {
    return hub.rows(
        "SELECT query FROM pg_stat_activity WHERE application_name = 'selfsame reader' AND state ="
            + " 'active'");
  }

  @Test
  void an_answer_is_a_table_as_text() {
    String page =
        answered(
            viewer,
            "SELECT 1234 AS \"<b>many</b>\", NULL AS none, '' AS empty,\r\n"
                + " '<script>alert(1)</script>' AS text, repeat('x', 5000) AS long");
    assertThat(page)
        .contains("1 row")
        .contains("<td class=\"right\"><bdi>1234</bdi>")
        .contains("<span class=\"null\">NULL</span>")
        .contains("&lt;script&gt;alert(1)")
        .contains("x".repeat(120) + "…")
        .doesNotContain("<script>alert")
        .doesNotContain("<b>many")
        .doesNotContain("x".repeat(2_001));
    assertThat(get("/ask", viewer).body()).contains("<code class=\"line\">SELECT 1234 AS");
    assertThat(get("/ask", operator).body()).as("another's").doesNotContain("SELECT 1234 AS");
  }

  @Test
  void nothing_that_is_asked_writes_or_reads_what_is_not_published() {
    identify("asked", "Asked", "asked@example.com");
    String before = hub.rows("SELECT count(*) FROM users").getFirst();
    for (String sql :
        List.of(
            "DELETE FROM zendesk.users",
            "WITH gone AS (DELETE FROM zendesk.users RETURNING 1) SELECT * FROM gone",
            "SELECT 1) answer; DROP VIEW users; --",
            "SELECT 1; SELECT 2",
            "SELECT * FROM selfsame.part",
            "SELECT * FROM selfsame.member_session",
            "SELECT * FROM pg_authid",
            "SELECT pg_read_file('/etc/passwd')",
            "SELECT set_config('role', 'postgres', false)",
            "SELECT * INTO mine FROM users",
            "CREATE TEMP TABLE t (a int)",
            "EXPLAIN ANALYZE DELETE FROM zendesk.users",
            "SELECT lo_create(0)",
            "SELECT nextval('selfsame.act_id_seq')",
            "COPY users TO '/tmp/users'",
            "SET statement_timeout = 0")) {
      String page = answered(viewer, sql);
      assertThat(page)
          .as(sql)
          .containsPattern("<p class=\"code\">statement_(refused|failed)</p>")
          .doesNotContain("class=\"result\"");
    }
    assertThat(hub.rows("SELECT count(*) FROM users")).containsExactly(before);
  }

  @Test
  void a_question_ends_at_its_time_limit_whatever_it_sets() {
    String path =
        ask(
            operator,
            "SELECT set_config('statement_timeout', '0', false), pg_sleep(60) AS beyond_the_limit");
    assertThat(get(path, operator).body())
        .contains("Running for")
        .contains("hx-trigger=\"every 1s\"");
    assertThat(ended(operator, path)).contains("took longer than 4 s");
    assertThat(running()).noneMatch(query -> query.contains("beyond_the_limit"));
  }

  @Test
  void a_running_question_is_cancelled_in_the_database_too() {
    String path = ask(admin, "SELECT pg_sleep(3.9) AS to_be_cancelled");
    assertThat(running()).anyMatch(query -> query.contains("to_be_cancelled"));
    String id = path.substring(path.lastIndexOf('/') + 1);
    assertThat(
            post("/ask/runs/" + id + "/cancel", viewer, Map.of("form_token", token(viewer)))
                .statusCode())
        .as("another's")
        .isEqualTo(404);
    HttpResponse<String> cancelled =
        post("/ask/runs/" + id + "/cancel", admin, Map.of("form_token", token(admin)));
    assertThat(location(cancelled)).isEqualTo("/ask/runs/" + id);
    assertThat(get(path, admin).body()).contains("It was stopped.");
    assertThat(running()).noneMatch(query -> query.contains("to_be_cancelled"));
    assertThat(hub.rows("SELECT outcome FROM selfsame.asked WHERE id = '%s'".formatted(id)))
        .containsExactly("cancelled");
  }

  @Test
  void no_more_run_at_once_than_may_and_what_was_typed_is_kept() {
    List<String> paths = new ArrayList<>();
    paths.add(ask(operator, "SELECT pg_sleep(3.8), 1 AS first_of_two"));
    paths.add(ask(operator, "SELECT pg_sleep(3.8), 2 AS second_of_two"));
    HttpResponse<String> third =
        post(
            "/ask/runs",
            operator,
            Map.of("form_token", token(operator), "sql", "SELECT 'kept as typed'"));
    for (String path : paths) {
      post(path + "/cancel", operator, Map.of("form_token", token(operator)));
    }
    assertThat(third.statusCode()).isEqualTo(429);
    assertThat(third.body())
        .contains("2 questions are being answered")
        .contains("SELECT 'kept as typed'</textarea>");
  }

  @Test
  void a_mistake_is_shown_where_it_stands() {
    assertThat(answered(viewer, "SELECT email,\n  emial FROM users"))
        .contains("column \"emial\" does not exist (line 2, column 3)")
        .contains("<code>  emial FROM users\n  ^</code>");
    assertThat(answered(viewer, "SELECT emial FROM users"))
        .contains("(line 1, column 8)")
        .contains("<code>SELECT emial FROM users\n       ^</code>");
    assertThat(answered(viewer, "\n\nSELECT '😀', emial FROM users"))
        .contains("(line 3, column 14)");
    assertThat(answered(viewer, "SELECT email FROM")).contains("syntax error at end of input");
    assertThat(answered(viewer, "SELECT repeat('x', 50000000)")).contains("larger than 32 MB");
    HttpResponse<String> nothing =
        post("/ask/runs", viewer, Map.of("form_token", token(viewer), "sql", "  "));
    assertThat(nothing.statusCode()).isEqualTo(400);
    assertThat(nothing.body())
        .contains("A statement is expected")
        .contains("aria-invalid=\"true\"");
  }

  @Test
  void long_answers_say_so_and_files_have_no_formulas() {
    String path =
        ask(
            viewer,
            "SELECT -n AS n, '=' || n AS formula, '' AS e, NULL AS no FROM generate_series(1, 5000)"
                + " n");
    String page = ended(viewer, path);
    assertThat(page)
        .contains("2,000 rows and more")
        .contains("The first 1,000 rows are shown; the file has 2,000.")
        .contains("<bdi>-1000</bdi>")
        .doesNotContain("<bdi>-1001</bdi>");
    String csv = get(path + "/answer.csv", viewer).body();
    assertThat(csv.lines()).hasSize(2_001);
    assertThat(csv).startsWith("n,formula,e,no\r\n-1,'=1,\"\",\r\n");
    assertThat(get(path + "/answer.csv", admin).statusCode()).as("another's").isEqualTo(404);
  }

  @Test
  void an_answer_is_drawn_as_asked_or_says_why_not() {
    String path = ask(viewer, "SELECT 'a<b>' AS kind, 30 AS n UNION ALL SELECT 'c', 10 ORDER BY 1");
    for (String kind : List.of("bar", "column", "line", "pie")) {
      assertThat(get(path + "?chart=" + kind, viewer).body())
          .contains("alt=\"Answer: a&lt;b> 30; c 10.\"");
      HttpResponse<String> svg = get(path + "/chart.svg?chart=" + kind, viewer);
      assertThat(svg.headers().firstValue("Content-Type").orElse("")).contains("image/svg+xml");
      assertThat(svg.headers().firstValue("Content-Security-Policy").orElse(""))
          .contains("default-src 'none'");
      assertThat(svg.body()).contains("role=\"img\"").doesNotContain("<b>");
    }
    assertThat(get(path + "/chart.svg?chart=pie", viewer).body()).contains("a&lt;b&gt;: 30 (75 %)");
    String words = ask(viewer, "SELECT 'a' AS a");
    assertThat(get(words + "?chart=bar", viewer).body()).contains("needs a column of numbers");
    assertThat(get(words + "/chart.svg?chart=bar", viewer).statusCode()).isEqualTo(400);
    String below = ask(viewer, "SELECT 'a' AS a, -1 AS n");
    assertThat(get(below + "?chart=pie", viewer).body()).contains("cannot show a number below 0");
  }

  @Test
  void the_questions_of_the_program_are_ready_to_run() {
    for (Questions.Listed each : Questions.in(data.resolve("none")).list()) {
      String sql = Objects.requireNonNull(each.question()).sql();
      assertThat(get("/ask?question=" + each.name(), viewer).body())
          .contains(Objects.requireNonNull(each.question()).title());
      HttpResponse<String> run =
          post(
              "/ask/runs",
              viewer,
              Map.of("form_token", token(viewer), "sql", sql, "question", each.name()));
      assertThat(ended(viewer, location(run))).contains("in ").doesNotContain("statement_failed");
    }
    assertThat(get("/ask?question=nonsense", viewer).statusCode()).isEqualTo(404);
  }

  @Test
  void a_question_of_ones_own_is_kept_for_everybody() {
    Map<String, String> form =
        Map.of(
            "form_token", token(operator),
            "name", "my-users",
            "title", "How many <users>?",
            "chart", "bar",
            "sql",
                "-- title: Old\n-- unit: users\nSELECT 'all' AS which, count(*) AS n FROM users");
    assertThat(location(post("/ask/questions", operator, form)))
        .isEqualTo("/ask?question=my-users&done=saved");
    assertThat(get("/ask?question=my-users", viewer).body())
        .contains("How many &lt;users&gt;?")
        .contains("-- unit: users");
    assertThat(Questions.in(data).named("my-users").sql())
        .isEqualTo(
            """
            -- title: How many <users>?
            -- chart: bar
            -- unit: users
            SELECT 'all' AS which, count(*) AS n FROM users\
            """);
    HttpResponse<String> again = post("/ask/questions", operator, form);
    assertThat(again.statusCode()).isEqualTo(409);
    assertThat(again.body())
        .contains("There is a question my-users already")
        .contains("value=\"my-users\"");
    for (Map.Entry<String, String> wrong :
        Map.of("name", "../../etc/x", "title", " ", "sql", "-- no statement").entrySet()) {
      Map<String, String> other = new HashMap<>(form);
      other.put("name", "another");
      other.put(wrong.getKey(), wrong.getValue());
      HttpResponse<String> refused = post("/ask/questions", operator, other);
      assertThat(refused.statusCode()).as("%s", wrong).isEqualTo(400);
      assertThat(refused.body()).contains("class=\"fault\"");
    }
    assertThat(Questions.in(data).list()).hasSize(5);
    assertThat(
            hub.rows(
                "SELECT actor, details ->> 'name' FROM selfsame.act WHERE act = 'save_question'"))
        .containsExactly("member:oda@example.com|my-users");
  }

  @Test
  void history_keeps_the_last_fifty_of_each() {
    UUID member = Objects.requireNonNull(members.signed(viewer)).member().id();
    String first = ask(viewer, "SELECT 'the first of many'");
    for (int i = 0; i < 50; i++) {
      asking.asked().begin(member, UUID.randomUUID(), "SELECT 'many'", Instant.now());
    }
    assertThat(asking.asked().list(member)).hasSize(50);
    assertThat(hub.rows("SELECT id FROM selfsame.asked WHERE sql LIKE '%first of many%'"))
        .isEmpty();
    assertThat(get(first, viewer).statusCode()).as("its answer is kept a while").isEqualTo(200);
    String old = asking.asked().list(member).getFirst().id().toString();
    assertThat(get("/ask/runs/" + old, viewer).body()).contains("The answer is not kept any more");
    assertThat(get("/ask/runs/" + old, admin).statusCode()).as("another's").isEqualTo(404);
  }
}
