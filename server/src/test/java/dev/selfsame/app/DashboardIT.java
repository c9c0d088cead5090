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
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * The dashboard in Chromium, from the link that serve prints to a merge that was taken back. With
 * {@code -Dscreenshots=DIRECTORY} every page is kept there as a picture.
 */
final class DashboardIT {
  @RegisterExtension static final TestDatabase database = TestDatabase.empty();
  @RegisterExtension static final TestDatabase shop = TestDatabase.empty();

  private static final List<String> PAGES =
      List.of(
          "/",
          "/users",
          "/users?flagged=true&source=segment&columns=email&columns=sources&columns=traits",
          "/users/import",
          "/identities",
          "/ask",
          "/review",
          "/merges",
          "/segment",
          "/segment/same-email",
          "/sources",
          "/sources/segment",
          "/start",
          "/warehouse",
          "/warehouse/shop",
          "/warehouse/shop/columns",
          "/landings",
          "/landings/new",
          "/landings/new?table=zendesk.users",
          "/rules",
          "/settings",
          "/settings/policy",
          "/settings/policy?as=file",
          "/settings/keys",
          "/settings/audit");

  @TempDir static Path data;
  private static Hub hub;
  private static Chromium chromium;

  /** Answers to look at. */
  private static List<String> asked = List.of();

  /** What must not happen on any page. */
  private static final List<String> mishaps = new ArrayList<>();

  @BeforeAll
  static void start() {
    hub =
        Hub.start(
            new Program.Start(
                data, database.address().full(), "127.0.0.1:0", 0, null, null, null, false),
            Map.of(),
            line -> {});
    chromium = Chromium.start();
    PlaywrightAssertions.setDefaultAssertionTimeout(20_000);
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

  private static BrowserContext context(int width, ColorScheme scheme, Path state) {
    Browser.NewContextOptions options =
        new Browser.NewContextOptions()
            .setViewportSize(width, width > 1000 ? 900 : 844)
            .setColorScheme(scheme);
    if (Files.exists(state)) {
      options.setStorageStatePath(state);
    }
    BrowserContext context = chromium.browser().newContext(options);
    context.onConsoleMessage(message -> {
      if (!message.text().contains("the server responded with a status of 4")) {
        mishaps.add(message.text());
      }
    });
    context.onRequest(request -> {
      if (!request.url().startsWith(hub.url())) {
        mishaps.add("asked " + request.url());
      }
    });
    context.setDefaultTimeout(20_000);
    return context;
  }

  private static void identify(String id, String name, String email) throws Exception {
    String key = Objects.requireNonNull(hub.newWriteKey());
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<String> answer =
          client.send(
              HttpRequest.newBuilder(URI.create(hub.url() + "/v1/identify"))
                  .header(
                      "Authorization",
                      "Basic "
                          + Base64.getEncoder()
                              .encodeToString((key + ":").getBytes(StandardCharsets.UTF_8)))
                  .POST(
                      HttpRequest.BodyPublishers.ofString(
                          "{\"userId\":\"%s\",\"traits\":{\"name\":\"%s\",\"email\":\"%s\"}}"
                              .formatted(id, name, email)))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }
  }

  @Test
  void from_the_first_link_to_a_merge_that_was_taken_back() throws Exception {
    Path state = data.resolve("state.json");
    try (BrowserContext context = context(1440, ColorScheme.LIGHT, state)) {
      Page page = context.newPage();
      page.navigate(hub.url() + "/");
      assertThat(page).hasURL(hub.url() + "/sign-in");
      page.navigate(Objects.requireNonNull(hub.signInLink()));
      page.getByLabel("Your name").fill("Ann Lee");
      page.getByLabel("Email").fill("ann@example.com");
      page.getByLabel("Password").fill("short");
      page.locator("button.main").click();
      assertThat(page.locator("#e-password")).containsText("10 to 200 characters");
      assertThat(page.getByLabel("Your name")).hasValue("Ann Lee");
      page.getByLabel("Password").fill("correct horse battery");
      page.locator("button.main").click();

      // The first event comes on screen by itself.
      assertThat(page.getByText("Waiting for the first event")).isVisible();
      identify("u1", "Mia Hart", "mia@example.com");
      assertThat(page.getByText("Mia Hart")).isVisible();
      context.storageState(new BrowserContext.StorageStateOptions().setPath(state));

      // Found as one types.
      identify("u2", "M. Hart", "mia@example.com");
      identify("u3", "Zoe Lamp", "zoe@example.com");
      page.navigate(hub.url() + "/users");
      page.keyboard().press("/");
      page.keyboard().type("mia@");
      assertThat(page.locator("tbody tr")).hasCount(2);
      assertThat(page).hasURL(Pattern.compile("q=mia"));

      // Two are chosen and merged; the name is the second's.
      assertThat(page.getByText("Merge chosen")).isDisabled();
      page.getByLabel("Choose Mia Hart").check();
      page.getByLabel("Choose M. Hart").check();
      page.getByText("Merge chosen").click();
      assertThat(page.getByText("What it would make")).isVisible();
      page.locator("input[name=name]").nth(1).check();
      assertThat(page.locator("dd").first()).hasText("M. Hart");
      shoot(page, "merge");
      page.locator("button.main").click();
      assertThat(page.locator("h1")).hasText("M. Hart");
      String merged = page.url();

      // Taken back from the toast, by key.
      page.keyboard().press("u");
      assertThat(page.locator(".toast")).containsText("Taken back");
      assertThat(page.locator("h1")).hasText("M. Hart");
      assertThat(page.url()).isNotEqualTo(merged);
      assertThat(database.rows("SELECT count(*) FROM users")).containsExactly("3");

      // Kept apart now; a third with the same email is reviewed by keyboard alone.
      identify("u4", "Zoe L.", "zoe@example.com");
      page.navigate(hub.url() + "/review?kind=same_email");
      assertThat(page.locator("#flag")).hasText("Same email");
      page.keyboard().press("m");
      assertThat(page.locator(".toast")).containsText("Merged.");
      assertThat(database.rows("SELECT count(*) FROM users")).containsExactly("3");
      page.keyboard().press("u");
      assertThat(page.locator(".toast")).containsText("Taken back");
      assertThat(database.rows("SELECT count(*) FROM users")).containsExactly("4");
      page.navigate(hub.url() + "/review");

      // Asked by keyboard; a long question is stopped from the page.
      page.navigate(hub.url() + "/ask");
      page.getByLabel("Statement").fill("SELECT pg_sleep(50)");
      page.getByLabel("Statement").press("Control+Enter");
      assertThat(page.getByText("Running for 2 s")).isVisible();
      page.getByText("Cancel").click();
      assertThat(page.getByText("It was stopped.")).isVisible();
      page.getByLabel("Statement")
          .fill(
              "SELECT email, count(*) AS users, NULL AS nothing, repeat('long ', 60) AS text FROM"
                  + " users GROUP BY 1");
      page.getByLabel("Statement").press("Control+Enter");
      assertThat(page.locator("table.result tbody tr")).hasCount(2);
      page.locator("a:has-text(\"Pie\")").first().click();
      assertThat(page.locator(".chart img")).isVisible();
      String answer = URI.create(page.url()).getPath();
      asked = List.of(answer + "?chart=pie", answer + "?chart=bar");

      List<String> imports = roundTrip(page);
      warehouse(page);
      everyPage(state, imports);

      page.getByText("Sign out").click();
      assertThat(page).hasURL(hub.url() + "/sign-in");
      page.navigate(hub.url() + "/users");
      assertThat(page.locator("h1")).hasText("Sign in");
    }
    assertThat(mishaps).isEmpty();
    Sweep.invariants(database);
  }

  /** Every page at both sizes and in both schemes: fits, and reads well. */
  private static void everyPage(Path state, List<String> more) {
    List<String> pages = new ArrayList<>(PAGES);
    pages.addAll(more);
    String user = database.rows("SELECT id FROM users ORDER BY id LIMIT 1").getFirst();
    pages.add("/users/" + user);
    pages.add("/users/" + user + "/move?type=email&value=mia@example.com&q=mia");
    pages.addAll(asked);
    for (int width : new int[] {1440, 390}) {
      for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
        try (BrowserContext context = context(width, scheme, state)) {
          Page page = context.newPage();
          for (String path : pages) {
            page.navigate(hub.url() + path);
            assertThat(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))
                .as("%s fits %d pixels", path, width)
                .isEqualTo(true);
            // Each size and each scheme once: an analysis takes about a second.
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
            shoot(
                page,
                called(path, user, more)
                    + "-"
                    + width
                    + (scheme == ColorScheme.DARK ? "-dark" : ""));
          }
        }
      }
    }
  }

  private static String called(String path, String user, List<String> imports) {
    if (imports.contains(path)) {
      return "import-" + imports.indexOf(path);
    }
    return path.equals("/")
        ? "home"
        : path.contains("/move?")
            ? "move"
            : path.endsWith(user)
                ? "user"
                : path.substring(1)
                    .replaceFirst("runs/.*=", "")
                    .replaceAll("[/?].*=.*", "-more")
                    .replace('/', '-');
  }

  /**
   * A filtered list goes out as a file, comes back changed, and is previewed, applied and told of.
   *
   * @return the pages of imports
   */
  private static List<String> roundTrip(Page page) throws Exception {
    page.navigate(hub.url() + "/users");
    page.locator("summary", text("Filter")).click();
    page.getByLabel("Known to").selectOption("segment");
    page.getByLabel("No billing ID").check();
    page.getByText("Apply").click();
    assertThat(page).hasURL(Pattern.compile("source=segment.*withoutBillingId=true"));
    assertThat(page.locator(".chips li")).hasCount(2);
    assertThat(page.locator("tbody tr")).hasCount(4);
    page.locator("summary", text("Filter")).click();
    shoot(page, "users-filter");
    page.locator(".chips li a").last().click();
    assertThat(page.locator(".chips li")).hasCount(1);

    // A search keeps the filter, and the file has what the list shows.
    page.locator("#q").pressSequentially("mia@");
    assertThat(page.locator("tbody tr")).hasCount(2);
    Path file = data.resolve("users.csv");
    page.waitForDownload(() -> page.locator("#export").click()).saveAs(file);
    String csv = Files.readString(file);
    assertThat(csv.lines()).hasSize(3);
    Files.writeString(
        file,
        csv.replace("Mia Hart", "Mia Hart-Lee")
            + ",new1,Noa New,noa@example.com,cus_noa,,\r\n,,Nobody at all,,,,\r\n");

    page.navigate(hub.url() + "/users/import");
    page.getByLabel("CSV file").setInputFiles(file);
    page.locator("button.main").click();
    assertThat(page.getByText("What it would do")).isVisible();
    assertThat(page.locator("tbody tr")).hasCount(4);
    assertThat(database.rows("SELECT count(*) FROM users WHERE external_id = 'new1'"))
        .as("a preview writes nothing")
        .containsExactly("0");
    page.locator(".tabs a", text("Row error")).click();
    assertThat(page.locator("tbody tr")).hasCount(1);
    assertThat(page.locator("tbody")).containsText("Nobody at all");
    shoot(page, "import-row-errors");
    page.locator("button.main").click();
    assertThat(page.getByText("What it did", new Page.GetByTextOptions().setExact(true)))
        .isVisible();
    assertThat(
            database.rows("SELECT name FROM users WHERE external_id IN ('new1', 'u1') ORDER BY 1"))
        .containsExactly("Mia Hart-Lee", "Noa New");
    String done = page.url().substring(hub.url().length());
    Path result = data.resolve("result.csv");
    page.waitForDownload(() -> page.getByText("Download result").click()).saveAs(result);
    assertThat(Files.readString(result)).contains("result_code").contains("no_key");

    // The same file again changes nothing; a broken one says where.
    page.navigate(hub.url() + "/users/import");
    page.getByLabel("CSV file").setInputFiles(result);
    page.locator("button.main").click();
    assertThat(page.locator(".bars")).containsText("No change");
    String again = page.url().substring(hub.url().length());
    Files.writeString(file, "email,name\n\"open@example.com,A\n");
    page.navigate(hub.url() + "/users/import");
    page.getByLabel("CSV file").setInputFiles(file);
    page.locator("button.main").click();
    assertThat(page.locator(".fault")).containsText("never closed");
    String broken = page.url().substring(hub.url().length());
    Files.writeString(file, "");
    page.navigate(hub.url() + "/users/import");
    page.getByLabel("CSV file").setInputFiles(file);
    page.locator("button.main").click();
    assertThat(page.locator("#e-file")).containsText("The file is empty");
    return List.of(done, again, broken);
  }

  /** The three steps; then a visitor becomes a user, and two users turn out to be one. */
  private static void warehouse(Page page) {
    shop.sql(
        "CREATE TABLE people (id text, device text, email text, full_name text, plan text); INSERT"
            + " INTO people VALUES ('s1', NULL, 'sam@shop.example', 'Sam Shop', 'pro'), (NULL,"
            + " 'd2', NULL, 'A visitor', NULL), (NULL, 'd1', NULL, NULL, NULL)");
    page.navigate(hub.url() + "/sources");
    page.getByText("From a warehouse").click();
    page.locator("#f-as").fill("dwh");
    page.locator("#f-url").fill(shop.address().url().replaceFirst("^jdbc:", ""));
    page.locator("#f-user").fill(shop.address().user());
    page.locator("#f-password").fill(String.valueOf(shop.address().password()));
    page.locator("#f-name").fill("shop");
    page.locator("#f-query").fill("SELECT * FROM peple ORDER BY full_name");
    page.locator("button.main").click();
    assertThat(page.locator("#e-query")).containsText("peple");
    shoot(page, "warehouse-fault");
    page.locator("#f-query").fill("SELECT * FROM people ORDER BY full_name");
    page.locator("#f-password").fill(String.valueOf(shop.address().password()));
    page.locator("button.main").click();

    assertThat(page.locator("table.result tbody tr")).hasCount(3);
    assertThat(page.locator("#f-externalId")).hasValue("id");
    assertThat(page.locator("#f-email")).hasValue("email");
    assertThat(page.locator("#f-name")).hasValue("full_name");
    page.locator("#f-fallback").selectOption("device");
    page.locator("label", text("plan")).click();
    page.getByText("Save").click();

    run(page, "3", "3", "0", "0");
    assertThat(page.locator("#columns + dl, .facts")).containsText("device");
    page.locator("#f-schedule").fill("every day");
    page.locator("[aria-labelledby=schedule] button.main").click();
    assertThat(page.locator("#e-schedule")).containsText("15m, 6h, 1d");
    page.locator("#f-schedule").fill("0 6 1 1 *");
    page.locator("#f-left").selectOption("report");
    page.locator("[aria-labelledby=schedule] button.main").click();
    assertThat(page.locator("[aria-labelledby=schedule]")).containsText("It runs next at");
    shop.sql("UPDATE people SET id = 's2' WHERE device = 'd2'");
    run(page, "3", "0", "1", "0");
    assertThat(database.rows("SELECT name FROM users WHERE external_id = 's2'"))
        .containsExactly("A visitor");
    shop.sql(
        "UPDATE people SET device = 'd1' WHERE id = 's1'; DELETE FROM people WHERE id IS NULL");
    run(page, "2", "0", "0", "1");
    assertThat(database.rows("SELECT name FROM users WHERE external_id = 's1'"))
        .containsExactly("Sam Shop");
  }

  private static void run(Page page, String rows, String created, String updated, String merged) {
    int before = page.locator("#runs ~ .scroll tbody").count();
    page.getByText("Run now").click();
    assertThat(page.locator("#runs ~ .scroll tbody")).hasCount(before + 1);
    assertThat(page.locator("#runs ~ .scroll tbody").first().locator(".state")).hasText("Done");
    assertThat(page.locator("#runs ~ .scroll tbody").first().locator("td.right"))
        .containsText(new String[] {rows, created, updated, merged});
  }

  private static Page.LocatorOptions text(String text) {
    return new Page.LocatorOptions().setHasText(text);
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
