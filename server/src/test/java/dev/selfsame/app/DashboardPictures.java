package dev.selfsame.app;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import dev.selfsame.cli.Program;
import dev.selfsame.testing.Chromium;
import dev.selfsame.testing.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
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
      Map<String, String> pages = pages();
      for (ColorScheme scheme : new ColorScheme[] {ColorScheme.LIGHT, ColorScheme.DARK}) {
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
          for (Map.Entry<String, String> each : pages.entrySet()) {
            if (wide || each.getKey().matches("home|user|review")) {
              page.navigate(hub.url() + each.getValue());
              shoot(page, directory, each.getKey() + (wide ? "" : "-phone"));
            }
          }
        }
      }
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

  private static void shoot(Page page, Path directory, String name) {
    page.screenshot(new Page.ScreenshotOptions().setPath(directory.resolve(name + ".png")));
  }
}
