package dev.selfsame.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.access.Actor;
import dev.selfsame.access.GivenSecrets;
import dev.selfsame.access.StoredAccess;
import dev.selfsame.ask.AskSettings;
import dev.selfsame.ask.Asking;
import dev.selfsame.ask.Questions;
import dev.selfsame.http.HttpServer;
import dev.selfsame.http.HttpSettings;
import dev.selfsame.http.Role;
import dev.selfsame.identity.Claim;
import dev.selfsame.identity.Raw;
import dev.selfsame.identity.Source;
import dev.selfsame.intake.IntakeSettings;
import dev.selfsame.intake.Pipeline;
import dev.selfsame.intake.Preview;
import dev.selfsame.intake.Submission;
import dev.selfsame.lookup.Identities;
import dev.selfsame.lookup.Lookup;
import dev.selfsame.member.MemberRole;
import dev.selfsame.member.Members;
import dev.selfsame.replay.History;
import dev.selfsame.review.Bars;
import dev.selfsame.review.Erasures;
import dev.selfsame.review.Flagged;
import dev.selfsame.review.Merges;
import dev.selfsame.review.Moves;
import dev.selfsame.review.Undos;
import dev.selfsame.source.Channels;
import dev.selfsame.store.ActLog;
import dev.selfsame.store.Database;
import dev.selfsame.store.ErasureQueries;
import dev.selfsame.store.FlagQueries;
import dev.selfsame.store.IdentityQueries;
import dev.selfsame.store.LinkQueries;
import dev.selfsame.store.MergeQueries;
import dev.selfsame.store.StoredGrants;
import dev.selfsame.store.StoredLedger;
import dev.selfsame.store.StoredMembers;
import dev.selfsame.store.UserQueries;
import dev.selfsame.testing.Sweep;
import dev.selfsame.testing.TestDatabase;
import io.javalin.router.JavalinDefaultRoutingApi;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
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

/** The dashboard over HTTP as a browser without scripts uses it: on a real intake and database. */
final class DashboardTest {
  @RegisterExtension static final TestDatabase hub = TestDatabase.migrated();

  private static final String PASSWORD = "correct horse battery";
  private static final Source SEGMENT = Source.segment(1, "segment");
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static final Actor ADMIN = new Actor("member:ann@example.com", null);
  private static final Pattern TOKEN = Pattern.compile("name=\"form_token\" value=\"([\\w-]+)\"");

  private static final int LIMIT_SECONDS = 4;

  @TempDir static Path data;
  private static Asking asking;
  private static Dashboard dashboard;
  private static Members members;
  private static Lookup lookup;
  private static HttpServer server;
  private static Pipeline pipeline;
  private static String viewer;
  private static String operator;
  private static String admin;
  private static long at = 1_000_000;

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
    dashboard =
        new Dashboard(
            members,
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
                new Identities(lookup, new IdentityQueries(database, "default")),
                Questions.in(data),
                asking,
                actor -> new StoredGrants(database, actor),
                actor ->
                    new StoredAccess(new StoredGrants(database, actor), GivenSecrets.NONE, clock)),
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

  private static String member(String email, MemberRole role) {
    return members
        .enter(members.invite(email, email, role, ADMIN), "", email, PASSWORD, "")
        .cookie();
  }

  @AfterAll
  static void stop() {
    server.close();
    asking.close();
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
            "/review",
            "/merges",
            "/segment",
            "/settings",
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
    Map<String, String> erase = Map.of("form_token", token(admin), "suppress", "yes");
    assertThat(location(post("/users/" + user + "/erase", admin, erase)))
        .isEqualTo("/users?done=erased");
    assertThat(get("/users/" + user, viewer).statusCode()).isEqualTo(404);
    assertThat(hub.rows("SELECT count(*) FROM users WHERE external_id = 'erase1'"))
        .containsExactly("0");
    assertThat(get("/settings/audit?act=erase&actor=member:ann@example.com", admin).body())
        .contains("member:ann@example.com")
        .contains("127.0.0.1");
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
      assertThat(get("/identities.csv?" + bad, viewer).statusCode()).as(bad).isEqualTo(400);
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

  private static void pause() {
    try {
      Thread.sleep(100);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
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
            "-- title: How many <users>?\n"
                + "-- chart: bar\n"
                + "-- unit: users\n"
                + "SELECT 'all' AS which, count(*) AS n FROM users");
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
