package dev.selfsame.app;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import dev.selfsame.cli.Program;
import dev.selfsame.testing.Chromium;
import dev.selfsame.testing.TestDatabase;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Not a test: takes the pictures of the documentation. {@code docs/take-pictures} runs it. */
@EnabledIfSystemProperty(named = "pictures", matches = ".+")
final class DashboardPictures {
  @RegisterExtension static final TestDatabase database = TestDatabase.empty();

  @TempDir Path data;

  @Test
  void take() throws Exception {
    Path directory = Files.createDirectories(Path.of(System.getProperty("pictures")));
    try (Hub hub =
            Hub.start(
                new Program.Start(
                    data, database.address().full(), "127.0.0.1:0", 0, null, null, null, true),
                Map.of(),
                line -> {});
        Chromium chromium = Chromium.start()) {
      Path state = data.resolve("state.json");
      try (BrowserContext context =
          chromium
              .browser()
              .newContext(new Browser.NewContextOptions().setViewportSize(1440, 900))) {
        Page page = context.newPage();
        page.navigate(Objects.requireNonNull(hub.signInLink()));
        page.getByLabel("Your name").fill("Ann Lee");
        page.getByLabel("Email").fill("ann@example.com");
        page.getByLabel("Password").fill("correct horse battery");
        shoot(page, directory, "sign-in");
        page.locator("button.main").click();
        page.waitForURL(hub.url() + "/");
        context.storageState(new BrowserContext.StorageStateOptions().setPath(state));
      }
      inventAnHour();
      for (ColorScheme scheme : new ColorScheme[] {ColorScheme.LIGHT, ColorScheme.DARK}) {
        boolean wide = scheme == ColorScheme.LIGHT;
        Map<String, String> pages = pages();
        if (!wide) {
          pages.keySet().removeIf(name -> !name.matches("home|user|review"));
        }
        shoot(chromium, hub, state, scheme, pages, directory);
      }
      tell(hub);
      shoot(chromium, hub, state, ColorScheme.LIGHT, told(), directory);
    }
  }

  private static void shoot(
      Chromium chromium,
      Hub hub,
      Path state,
      ColorScheme scheme,
      Map<String, String> pages,
      Path directory) {
    boolean wide = scheme == ColorScheme.LIGHT;
    try (BrowserContext context =
        chromium
            .browser()
            .newContext(
                new Browser.NewContextOptions()
                    .setViewportSize(wide ? 1440 : 390, wide ? 900 : 844)
                    .setColorScheme(scheme)
                    .setStorageStatePath(state))) {
      Page page = context.newPage();
      pages.forEach((name, path) -> {
        page.navigate(hub.url() + path);
        shoot(page, directory, name + (wide ? "" : "-phone"));
      });
    }
  }

  /** A chart of a hub that has just started has one bar. */
  private static void inventAnHour() {
    database.sql(
        """
        INSERT INTO selfsame.decision_count (space, source, minute, rule, outcome, count, first_position, last_position)
        SELECT 1, 1, extract(epoch FROM now())::bigint / 60 - m, k.rule, k.outcome,
          (k.often * (20 + 9 * sin(m / 7.0) + abs(hashint4(m)) % 11))::bigint, 1, 1
        FROM generate_series(1, 59) m, (VALUES ('K9', 'updated', 6), ('K3', 'created', 2), ('K2', 'unchanged', 3),
          ('K10', 'merged', 0.4), ('K4', 'updated', 0.8)) k (rule, outcome, often)
        ON CONFLICT DO NOTHING
        """);
  }

  /** What the demo has none of: companies, notes, and a query of a warehouse. */
  private void tell(Hub hub) throws Exception {
    List<String> users =
        database.rows("SELECT id FROM users WHERE external_id IS NOT NULL ORDER BY id LIMIT 8");
    String[] companies = {"Acme Rockets", "Globex", "Initech", "Umbrella Books"};
    for (int i = 0; i < companies.length; i++) {
      String key = companies[i].toLowerCase(Locale.ROOT).replace(' ', '-');
      call(
          hub,
          "POST",
          "/api/accounts",
          "{'externalId': '%1$s', 'name': '%2$s', 'domain': '%1$s.example', 'traits': {'plan': 'Business', 'seats': %3$d}}"
              .formatted(key, companies[i], 25 * (i + 1)));
      String account =
          database
              .rows("SELECT id FROM accounts WHERE external_id = '%s'".formatted(key))
              .getFirst();
      for (int user = 2 * i; user < Math.min(2 * i + 2, users.size()); user++) {
        call(hub, "PUT", "/api/accounts/%s/users/%s".formatted(account, users.get(user)), "{}");
      }
    }
    String[][] notes = {
      {
        "Wants single sign-on",
        "Their security team asks for SAML before the whole office may come.",
        "sso"
      },
      {
        "Export to PDF cuts the last column",
        "The weekly report loses its last column. Printing works.",
        "export"
      },
      {
        "Loves the new search",
        "Finds in a second what took her a minute. Asks for saved searches.",
        "search"
      },
    };
    for (int i = 0; i < notes.length; i++) {
      String known =
          database
              .rows("SELECT external_id FROM users WHERE id = '%s'".formatted(users.get(i)))
              .getFirst();
      call(
          hub,
          "POST",
          "/api/insights/zendesk/notes",
          "{'title': '%s', 'content': '%s', 'tags': ['%s'], 'user': {'external_id': '%s'}, 'source': {'record_id': '%d'}}"
              .formatted(notes[i][0], notes[i][1], notes[i][2], known, 4711 + i));
    }
    Path people = data.resolve("people.db");
    DriverManager.getConnection("jdbc:duckdb:" + people).close();
    call(hub, "POST", "/api/connections", "{'name': 'shop', 'url': 'duckdb:%s'}".formatted(people));
    call(
        hub,
        "POST",
        "/api/syncs",
        "{'name': 'buyers', 'connection': 'shop', 'query': 'SELECT 100 + range AS id, concat(range,"
            + " chr(64), chr(115), chr(46), chr(105), chr(111)) AS email, now() AS updated_at FROM"
            + " range(250)'}");
    call(
        hub,
        "PUT",
        "/api/syncs/buyers/mapping",
        "{'externalId': 'id', 'email': 'email', 'updatedAt': 'updated_at'}");
    call(hub, "PUT", "/api/syncs/buyers/schedule", "{'schedule': '15m'}");
    call(hub, "POST", "/api/syncs/buyers/runs", "");
    for (int i = 0; i < 100; i++) {
      if (call(hub, "GET", "/api/syncs/buyers/runs", "").contains("done")) {
        return;
      }
      Thread.sleep(100);
    }
  }

  private static String call(Hub hub, String method, String path, String body) throws Exception {
    HttpResponse<String> answer =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(URI.create(hub.url() + path))
                    .header("Authorization", "Bearer " + Objects.requireNonNull(hub.newToken()))
                    .method(method, HttpRequest.BodyPublishers.ofString(body.replace('\'', '"')))
                    .build(),
                HttpResponse.BodyHandlers.ofString());
    if (answer.statusCode() >= 300) {
      throw new IllegalStateException(path + ": " + answer.body());
    }
    return answer.body();
  }

  private static Map<String, String> pages() {
    String merged =
        database.rows("SELECT survivor FROM selfsame.merge ORDER BY position LIMIT 1").getFirst();
    String pair =
        String.join(
            "&user=",
            database.rows(
                "SELECT u.id FROM users u WHERE email = (SELECT email FROM selfsame.same_email"
                    + " WHERE closed_at IS NULL ORDER BY opened_at LIMIT 1) ORDER BY id"));
    String merge = database.rows("SELECT position FROM selfsame.merge LIMIT 1").getFirst();
    Map<String, String> pages = new LinkedHashMap<>();
    pages.put("home", "/");
    pages.put("start", "/start?with=node");
    pages.put("users", "/users");
    pages.put("user", "/users/" + merged);
    pages.put("import", "/users/import");
    pages.put("identities", "/identities");
    pages.put("ask", "/ask?question=tickets-by-plan");
    pages.put("merge", "/merge?user=" + pair);
    pages.put("review", "/review?kind=billing_conflict");
    pages.put("merges", "/merges");
    pages.put("undo", "/merges/" + merge + "/undo");
    pages.put("segment", "/segment");
    pages.put("no-billing-id", "/segment/no-billing-id");
    pages.put("sources", "/sources");
    pages.put("source", "/sources/segment");
    pages.put("landings", "/landings");
    pages.put("rules", "/rules");
    pages.put("erase", "/users/" + merged + "/erase");
    pages.put("members", "/settings");
    pages.put("policy", "/settings/policy");
    pages.put("keys", "/settings/keys");
    pages.put("audit", "/settings/audit");
    return pages;
  }

  private static Map<String, String> told() {
    Map<String, String> pages = new LinkedHashMap<>();
    pages.put("companies", "/companies");
    pages.put(
        "company",
        "/companies/"
            + database.rows("SELECT id FROM accounts WHERE name = 'Acme Rockets'").getFirst());
    pages.put("notes", "/notes");
    pages.put("warehouse", "/warehouse/buyers");
    pages.put("reference", "/reference");
    return pages;
  }

  private static void shoot(Page page, Path directory, String name) {
    page.screenshot(new Page.ScreenshotOptions().setPath(directory.resolve(name + ".png")));
  }
}
