package dev.selfsame.app;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Response;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import dev.selfsame.cli.Program;
import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.member.OpenId;
import dev.selfsame.member.OpenIdSettings;
import dev.selfsame.testing.Chromium;
import dev.selfsame.testing.NodePackages;
import dev.selfsame.testing.TestDatabase;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Signing in by a real provider of OpenID Connect, in Chromium. */
final class OpenIdIT {
  @RegisterExtension static final TestDatabase database = TestDatabase.empty();

  private static final String SECRET = "what the hub and its provider know";

  @TempDir static Path data;
  private static Provider provider;
  private static Hub hub;
  private static URI back;
  private static Chromium chromium;

  private BrowserContext context;
  private Page page;

  /** The provider, as a process. */
  private record Provider(Process process, String issuer) implements AutoCloseable {
    static Provider start(Path packages, URI back, String claimsIn) throws Exception {
      Process process =
          new ProcessBuilder("node", "provider.mjs", back.toString(), SECRET, claimsIn)
              .directory(packages.toFile())
              .redirectError(packages.resolve("provider.log").toFile())
              .start();
      BufferedReader said = process.inputReader(UTF_8);
      String line = said.readLine();
      while (line != null && !line.startsWith("ready ")) {
        line = said.readLine();
      }
      if (line == null) {
        throw new AssertionError(
            "The provider did not start: " + Files.readString(packages.resolve("provider.log")));
      }
      return new Provider(process, line.substring("ready ".length()));
    }

    @Override
    public void close() throws IOException {
      process.outputWriter(UTF_8).close();
      try {
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @BeforeAll
  static void start() throws Exception {
    int port = freePort();
    back = URI.create("http://127.0.0.1:%d/sign-in/back".formatted(port));
    Path packages = NodePackages.install(Path.of("src", "test", "openid"));
    provider = Provider.start(packages, back, "userinfo");
    Path settings = data.resolve("settings.json");
    Files.writeString(
        settings,
        """
        {"openId": {"issuer": "%s", "clientId": "hub", "name": "Hart & Co",
                    "newMembers": "viewer", "domains": ["hart.example"]}}
        """
            .formatted(provider.issuer()));
    hub =
        Hub.start(
            new Program.Start(
                data.resolve("data"),
                database.address().full(),
                "127.0.0.1:" + port,
                0,
                settings,
                null,
                null,
                false),
            Map.of("SELFSAME_OPENID_SECRET", SECRET),
            line -> {});
    chromium = Chromium.start();
    PlaywrightAssertions.setDefaultAssertionTimeout(20_000);
    nobody_becomes_the_first_member_by_the_provider();
    setUp();
  }

  @AfterAll
  static void stop() throws Exception {
    if (chromium != null) {
      chromium.close();
    }
    if (hub != null) {
      hub.close();
    }
    if (provider != null) {
      provider.close();
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  @BeforeEach
  void open() {
    context = chromium.browser().newContext(new Browser.NewContextOptions());
    context.setDefaultTimeout(20_000);
    page = context.newPage();
  }

  @AfterEach
  void close() {
    context.close();
  }

  private static void nobody_becomes_the_first_member_by_the_provider() {
    try (BrowserContext stranger = chromium.browser().newContext()) {
      Page page = stranger.newPage();
      page.navigate(hub.url() + "/sign-in");
      comeBack(page, "first@hart.example");
      assertThat(page.locator("[role=alert]")).containsText("Nobody has set up this hub yet");
    }
  }

  private static void setUp() {
    try (BrowserContext admin = chromium.browser().newContext()) {
      Page page = admin.newPage();
      page.navigate(Objects.requireNonNull(hub.signInLink()));
      page.getByLabel("Your name").fill("Ann");
      page.getByLabel("Email").fill("ann@hart.example");
      page.getByLabel("Password").fill("correct horse battery");
      page.locator("button.main").click();
      page.waitForURL(hub.url() + "/**");
      page.navigate(hub.url() + "/settings");
      page.locator("form[action='/settings/members'] [name=email]").fill("cy@other.example");
      page.locator("form[action='/settings/members'] [name=name]").fill("Cy");
      page.locator("form[action='/settings/members'] [name=role]").selectOption("operator");
      page.locator("form[action='/settings/members'] button").click();
      assertThat(page.locator("body")).containsText("cy@other.example");
    }
  }

  /** From the sign-in page to the provider and back, as that person. */
  private static void comeBack(Page page, String login) {
    page.getByText("Continue with Hart & Co").click();
    vouch(page, login);
    page.waitForURL(Pattern.compile(Pattern.quote(hub.url()) + ".*"));
  }

  /** At the provider: signs in there, and lets the hub know. */
  private static void vouch(Page page, String login) {
    page.locator("[name=login]").fill(login);
    page.locator("[name=password]").fill("any");
    page.locator("button[type=submit]").click();
    page.getByText("Continue").click();
  }

  private static String role(String email) {
    return String.join(
        ",",
        database.rows(
            "SELECT role || ' ' || (entered_at IS NOT NULL) || ' ' || (password IS NOT NULL) FROM"
                + " selfsame.member WHERE email = '%s' AND removed_at IS NULL".formatted(email)));
  }

  @Test
  void a_member_who_was_invited_comes_in_where_it_wanted_to_go() {
    assertThat(role("cy@other.example")).isEqualTo("operator false false");
    page.navigate(hub.url() + "/users?flagged=true");
    assertThat(page).hasURL(hub.url() + "/sign-in?next=%2Fusers%3Fflagged%3Dtrue");
    comeBack(page, "cy@other.example");
    assertThat(page).hasURL(hub.url() + "/users?flagged=true");
    assertThat(role("cy@other.example")).isEqualTo("operator true false");
    assertThat(
            database.rows(
                "SELECT act, actor FROM selfsame.act WHERE actor = 'member:cy@other.example'"))
        .containsExactly("join_member|member:cy@other.example");
  }

  @Test
  void someone_of_the_companys_domain_becomes_a_member() {
    page.navigate(hub.url() + "/sign-in");
    comeBack(page, "Dora@Hart.example");
    assertThat(page).hasURL(hub.url() + "/");
    assertThat(role("dora@hart.example")).isEqualTo("viewer true false");
    assertThat(database.rows("SELECT name FROM selfsame.member WHERE email = 'dora@hart.example'"))
        .containsExactly("DORA");
    Response settings = Objects.requireNonNull(page.navigate(hub.url() + "/settings/keys"));
    assertThat(settings.status()).as("what takes an admin").isEqualTo(403);
    context.clearCookies();
    page.navigate(hub.url() + "/sign-in");
    comeBack(page, "dora@hart.example");
    assertThat(role("dora@hart.example")).as("the same member").isEqualTo("viewer true false");
  }

  @Test
  void someone_else_stays_outside() {
    page.navigate(hub.url() + "/sign-in");
    comeBack(page, "eve@elsewhere.example");
    assertThat(page.locator("[role=alert]"))
        .containsText("eve@elsewhere.example is no member of this hub");
    assertThat(role("eve@elsewhere.example")).isEmpty();
  }

  @Test
  void an_email_that_the_provider_has_not_verified_proves_nothing() {
    page.navigate(hub.url() + "/sign-in");
    comeBack(page, "unverified@hart.example");
    assertThat(page.locator("[role=alert]")).containsText("does not say that it has verified");
    assertThat(role("unverified@hart.example")).isEmpty();
  }

  @Test
  void whoever_gives_up_at_the_provider_is_told_and_can_try_again() {
    page.navigate(hub.url() + "/sign-in");
    page.getByText("Continue with Hart & Co").click();
    page.getByText("Cancel").click();
    page.waitForURL(Pattern.compile(Pattern.quote(hub.url()) + ".*"));
    assertThat(page.locator("[role=alert]")).containsText("access_denied");
    comeBack(page, "dora@hart.example");
    assertThat(page).hasURL(hub.url() + "/");
  }

  @Test
  void an_answer_without_an_attempt_or_of_another_one_is_refused() {
    Response stranger = Objects.requireNonNull(page.navigate(back + "?code=a&state=b"));
    assertThat(stranger.status()).isEqualTo(401);
    assertThat(page.locator("[role=alert]")).containsText("began no attempt");
    page.getByText("Continue with Hart & Co").click();
    page.locator("[name=login]").waitFor();
    Response other = Objects.requireNonNull(page.navigate(back + "?code=a&state=b"));
    assertThat(other.status()).isEqualTo(401);
    assertThat(page.locator("[role=alert]")).containsText("another attempt");
    assertThat(Objects.requireNonNull(page.navigate(back.toString())).status()).isEqualTo(401);
  }

  @Test
  void what_was_kept_for_one_attempt_opens_no_other() {
    OpenId open = openId(provider.issuer(), SECRET);
    OpenId.Begun first = open.begin(back);
    OpenId.Begun second = open.begin(back);
    String[] of = first.kept().split("\\.", -1);
    String[] other = second.kept().split("\\.", -1);

    Map<String, List<String>> answer = answer(first, "ann@hart.example");
    refused(
        () -> open.finish(back, String.join(".", of[0], of[1], other[2]), answer), "invalid_grant");
    Map<String, List<String>> again = answer(first, "ann@hart.example");
    refused(() -> open.finish(back, String.join(".", of[0], other[1], of[2]), again), "nonce");
    Map<String, List<String>> once = answer(first, "ann@hart.example");
    assertThat(open.finish(back, first.kept(), once))
        .isEqualTo(new OpenId.Vouched("ann@hart.example", "ANN"));
    refused(() -> open.finish(back, first.kept(), once), "invalid_grant");
    Map<String, List<String>> last = answer(second, "ann@hart.example");
    refused(
        () -> openId(provider.issuer(), "a wrong secret").finish(back, second.kept(), last),
        "invalid_client");
  }

  @Test
  void a_provider_that_puts_the_email_into_the_token_will_do() throws Exception {
    try (Provider other =
        Provider.start(NodePackages.install(Path.of("src", "test", "openid")), back, "token")) {
      OpenId open = openId(other.issuer(), SECRET);
      OpenId.Begun begun = open.begin(back);
      assertThat(open.finish(back, begun.kept(), answer(begun, "ann@hart.example")))
          .isEqualTo(new OpenId.Vouched("ann@hart.example", "ANN"));
    }
  }

  @Test
  void a_provider_that_is_away_is_named() throws Exception {
    OpenId open = openId("http://127.0.0.1:" + freePort(), SECRET);
    assertThatThrownBy(() -> open.begin(back))
        .isInstanceOfSatisfying(
            Failure.class,
            failure -> assertThat(failure.problem()).isEqualTo(Problem.PROVIDER_AWAY))
        .hasMessageContaining("does not answer");
  }

  private static OpenId openId(String issuer, String secret) {
    OpenIdSettings usual = OpenIdSettings.DEFAULT;
    return Objects.requireNonNull(
        OpenId.of(
            new OpenIdSettings(
                URI.create(issuer), "hub", "any", usual.scopes(), null, List.of(), false),
            secret,
            InstantSource.system()));
  }

  /** What the provider sends the browser back with, which does not reach the hub. */
  private Map<String, List<String>> answer(OpenId.Begun begun, String login) {
    try (BrowserContext other = chromium.browser().newContext()) {
      Page there = other.newPage();
      there.navigate(begun.to().toString());
      there.route(back + "?*", route -> route.abort());
      String came =
          there
              .waitForRequest(
                  request -> request.url().startsWith(back.toString()), () -> vouch(there, login))
              .url();
      Map<String, List<String>> parameters = new TreeMap<>();
      for (String pair : URI.create(came).getQuery().split("&", -1)) {
        int at = pair.indexOf('=');
        parameters.put(pair.substring(0, at), List.of(pair.substring(at + 1)));
      }
      return parameters;
    }
  }

  private static void refused(ThrowingCallable call, @Nullable String why) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            Failure.class,
            failure -> assertThat(failure.problem()).isEqualTo(Problem.PROVIDER_REFUSED))
        .hasMessageContaining(why);
  }
}
