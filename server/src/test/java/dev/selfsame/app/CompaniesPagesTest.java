package dev.selfsame.app;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.deque.html.axecore.results.Rule;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.ColorScheme;
import dev.selfsame.cli.Program;
import dev.selfsame.testing.Chromium;
import dev.selfsame.testing.Sweep;
import dev.selfsame.testing.TestDatabase;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The pages of companies and notes in Chromium, on a whole hub. With {@code
 * -Dscreenshots=DIRECTORY} every page is kept there as a picture.
 */
final class CompaniesPagesTest {
  @RegisterExtension static final TestDatabase database = TestDatabase.empty();

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  @TempDir static Path data;
  private static Hub hub;
  private static Chromium chromium;
  private static Path state = Path.of("");
  private static String acme = "";
  private static String mia = "";
  private static String note = "";

  @BeforeAll
  static void start() throws Exception {
    hub =
        Hub.start(
            new Program.Start(
                data, database.address().full(), "127.0.0.1:0", 0, null, null, null, false),
            Map.of(),
            line -> {});
    chromium = Chromium.start();
    PlaywrightAssertions.setDefaultAssertionTimeout(20_000);
    state = data.resolve("state.json");
    signIn();
    tell();
  }

  @AfterAll
  static void stop() {
    if (chromium != null) {
      chromium.close();
    }
    if (hub != null) {
      hub.close();
    }
  }

  private static void signIn() {
    try (BrowserContext context = context(1440, ColorScheme.LIGHT)) {
      Page page = context.newPage();
      page.navigate(Objects.requireNonNull(hub.signInLink()));
      page.locator("#f-name").fill("Ann Hart");
      page.locator("#f-email").fill("ann@hart.example");
      page.locator("#f-password").fill("correct horse battery");
      page.locator("button.main").click();
      assertThat(page.locator("header.side")).isVisible();
      context.storageState(new BrowserContext.StorageStateOptions().setPath(state));
    }
  }

  /** Scenario 3 of the notes among others. */
  private static void tell() throws Exception {
    mia =
        post("/api/users", "{'externalId': 'u1', 'email': 'mia@acme.example', 'name': 'Mia Hart'}")
            .at("/data/id")
            .asString();
    post("/api/users", "{'externalId': 'u2', 'email': 'ben@initech.example', 'name': 'Ben Ng'}");
    acme =
        post(
                "/api/accounts",
                "{'externalId': 'acme', 'name': 'Acme Rockets', 'domain': 'acme.example',"
                    + " 'traits': {'plan': 'Business', 'seats': 25}}")
            .at("/data/id")
            .asString();
    String initech =
        post("/api/accounts", "{'externalId': 'initech', 'name': 'Initech'}")
            .at("/data/id")
            .asString();
    post("/api/accounts", "{'externalId': 'globex-international-holdings'}");
    call("PUT", "/api/accounts/%s/users/%s".formatted(acme, mia), "{'company': true}");
    call("PUT", "/api/accounts/%s/users/%s".formatted(initech, mia), "{}");
    note =
        post(
                "/api/insights/zendesk/notes",
                "{'title': 'Export to PDF cuts the last column', 'content': 'When I export the"
                    + " weekly report the last column is cut off.\\nPrinting from the browser"
                    + " works.', 'tags': ['export', 'bug'], 'display_url':"
                    + " 'https://acme.zendesk.example/77', 'user': {'external_id': 'u1'}}")
            .at("/data/id")
            .asString();
    post(
        "/api/insights/intercom/notes",
        "{'title': 'Wants single sign-on', 'content': 'Their security team asks for SAML before"
            + " they roll it out to everybody.', 'tags': ['sso'], 'user': {'external_id':"
            + " 'mia-2', 'email': 'mia@acme.example'}}");
    post("/api/notes", "{'title': 'Said at a fair', 'content': 'Nobody asked for a name.'}");
  }

  private static BrowserContext context(int width, ColorScheme scheme) {
    Browser.NewContextOptions options =
        new Browser.NewContextOptions()
            .setViewportSize(width, width > 1000 ? 900 : 844)
            .setColorScheme(scheme);
    if (Files.exists(state)) {
      options.setStorageStatePath(state);
    }
    BrowserContext context = chromium.browser().newContext(options);
    context.setDefaultTimeout(20_000);
    return context;
  }

  @Test
  void companies_and_notes_are_found_looked_at_changed_and_deleted() throws Exception {
    everyPage();
    try (BrowserContext context = context(1440, ColorScheme.LIGHT)) {
      Page page = context.newPage();

      // Found by typing, and looked at.
      page.navigate(hub.url() + "/companies");
      assertThat(page.locator("tbody tr")).hasCount(3);
      page.locator("#q").pressSequentially("rock");
      assertThat(page.locator("tbody tr")).hasCount(1);
      page.locator("tbody a.who").click();
      assertThat(page.locator("h1")).hasText("Acme Rockets");
      assertThat(page.locator("dl.facts")).containsText("acme.example");
      assertThat(page.locator("dl.facts")).containsText("Business");
      assertThat(page.locator("[aria-labelledby=users]")).containsText("mia@acme.example");
      assertThat(page.locator(".notes .said").first()).containsText("Wants single sign-on");

      // Changed; what is refused says why and keeps what was typed.
      page.locator("summary", text("Change")).click();
      page.locator("#f-domain").fill("gmail.com");
      page.getByText("Save").click();
      assertThat(page.locator("p.fault")).containsText("no company");
      assertThat(page.locator("#f-domain")).hasValue("gmail.com");
      page.locator("#f-domain").fill("acme-rockets.example");
      page.getByText("Save").click();
      assertThat(page.locator(".toast")).containsText("Saved");
      assertThat(database.rows("SELECT domain FROM accounts WHERE external_id = 'acme'"))
          .containsExactly("acme-rockets.example");

      // Its user says to which it belongs, and what it said.
      page.navigate(hub.url() + "/users/" + mia);
      assertThat(page.locator("[aria-labelledby=companies] li")).hasCount(2);
      assertThat(page.locator("[aria-labelledby=companies] li").first())
          .containsText("its company");
      page.locator("[aria-labelledby=notes] .said a").click();
      assertThat(page).hasURL(hub.url() + "/notes/" + note);
      assertThat(page.locator(".letter")).containsText("cut off.\nPrinting");

      // Filtered by tag, by source and by words.
      page.locator("dl.facts a.tag", text("bug")).click();
      assertThat(page.locator(".notes > li")).hasCount(1);
      page.locator(".chips li a").click();
      assertThat(page.locator(".notes > li")).hasCount(3);
      page.locator("#f-source").selectOption("intercom insights");
      page.locator("button", text("Search")).click();
      assertThat(page.locator(".notes > li")).hasCount(1);
      page.navigate(hub.url() + "/notes?q=fair");
      assertThat(page.locator(".notes")).containsText("Nobody known");

      // The conflict: a note named two as one; merged, both ids find one user.
      page.navigate(hub.url() + "/review?kind=email_conflict");
      assertThat(page.locator("#flag")).hasText("Email conflict");
      assertThat(page.locator(".quoted")).containsText("Wants single sign-on");
      assertThat(page.locator("table.compare")).containsText("Acme Rockets");
      page.keyboard().press("m");
      assertThat(page.locator(".toast")).containsText("Merged.");
      page.navigate(hub.url() + "/notes?user=" + mia);
      assertThat(page.locator(".notes > li")).hasCount(2);

      // Deleted.
      page.navigate(hub.url() + "/notes/" + note);
      page.locator("summary", text("Delete this note")).click();
      page.getByText("Delete for good").click();
      assertThat(page).hasURL(Pattern.compile("/notes\\?done=deleted"));
      assertThat(page.locator(".notes > li")).hasCount(2);

      // One company becomes part of another.
      String initech =
          database.rows("SELECT id FROM accounts WHERE external_id = 'initech'").getFirst();
      page.navigate(hub.url() + "/companies/" + initech);
      page.locator("summary", text("Merge or delete")).click();
      page.locator("#f-into").fill("nobody");
      page.locator("button", text("Merge")).click();
      assertThat(page.locator("p.fault")).containsText("No company has that external ID");
      page.locator("summary", text("Merge or delete")).click();
      page.locator("#f-into").fill("acme");
      page.locator("button", text("Merge")).click();
      assertThat(page.locator("h1")).hasText("Acme Rockets");
      page.navigate(hub.url() + "/companies/" + initech);
      assertThat(page).hasURL(hub.url() + "/companies/" + acme);
      page.locator("summary", text("Merge or delete")).click();
      page.getByText("Delete for good").click();
      assertThat(page.locator("tbody tr")).hasCount(1);
      assertThat(database.rows("SELECT count(*) FROM account_users")).containsExactly("0");
    }
    Sweep.invariants(database);
  }

  /** Every page at both sizes and in both schemes: fits, and reads well. */
  private static void everyPage() {
    Map<String, String> pages =
        Map.of(
            "/companies",
            "companies",
            "/companies/" + acme,
            "company",
            "/companies?q=zzz",
            "companies-none",
            "/notes",
            "notes",
            "/notes/" + note,
            "note",
            "/notes?tag=bug&user=" + mia,
            "notes-more",
            "/users/" + mia,
            "user",
            "/review?kind=email_conflict",
            "conflict");
    for (int width : new int[] {1440, 390}) {
      for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
        try (BrowserContext context = context(width, scheme)) {
          Page page = context.newPage();
          pages.forEach((path, name) -> {
            page.navigate(hub.url() + path);
            assertThat(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))
                .as("%s fits %d pixels", path, width)
                .isEqualTo(true);
            boolean analyzed = (width == 1440) == (scheme == ColorScheme.LIGHT);
            List<Rule> violations =
                analyzed ? new AxeBuilder(page).analyze().getViolations() : List.of();
            assertThat(violations)
                .as(
                    "%s, %d, %s: %s",
                    path,
                    width,
                    scheme,
                    violations.stream()
                        .map(rule -> rule.getId() + " " + rule.getNodes().getFirst().getHtml())
                        .toList())
                .noneMatch(rule -> List.of("serious", "critical").contains(rule.getImpact()));
            shoot(page, name + "-" + width + (scheme == ColorScheme.DARK ? "-dark" : ""));
          });
        }
      }
    }
  }

  private static Page.LocatorOptions text(String text) {
    return new Page.LocatorOptions().setHasText(text);
  }

  private static JsonNode post(String path, String body) throws Exception {
    return call("POST", path, body);
  }

  private static JsonNode call(String method, String path, String body) throws Exception {
    HttpResponse<String> answer =
        CLIENT.send(
            HttpRequest.newBuilder(URI.create(hub.url() + path))
                .header("Authorization", "Bearer " + Objects.requireNonNull(hub.newToken()))
                .method(method, HttpRequest.BodyPublishers.ofString(body.replace('\'', '"')))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isBetween(200, 204);
    return JSON.readTree(answer.body().isEmpty() ? "{}" : answer.body());
  }

  private static void shoot(Page page, String name) {
    String directory = System.getProperty("screenshots");
    if (directory != null) {
      page.screenshot(
          new Page.ScreenshotOptions()
              .setPath(Path.of(directory, name + ".png"))
              .setFullPage(true));
    }
  }
}
