package dev.selfsame.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.access.Actor;
import dev.selfsame.access.GivenSecrets;
import dev.selfsame.access.StoredAccess;
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
import java.time.InstantSource;
import java.util.ArrayList;
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

/** The dashboard over HTTP as a browser without scripts uses it: on a real intake and database. */
final class DashboardTest {
  @RegisterExtension static final TestDatabase hub = TestDatabase.migrated();

  private static final String PASSWORD = "correct horse battery";
  private static final Source SEGMENT = Source.segment(1, "segment");
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static final Actor ADMIN = new Actor("member:ann@example.com", null);
  private static final Pattern TOKEN = Pattern.compile("name=\"form_token\" value=\"([\\w-]+)\"");

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
}
