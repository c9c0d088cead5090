package dev.selfsame.sdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.PlaywrightException;
import com.microsoft.playwright.Request;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.SimpleFileServer;
import dev.selfsame.testing.Chromium;
import dev.selfsame.testing.NodePackages;
import dev.selfsame.testing.Sweep;
import dev.selfsame.testing.TestDatabase;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Segment's analytics.js, as npm has it, in Chromium, on a page of another origin. */
@Tag("slow")
final class BrowserSdkIT {
  @RegisterExtension static final TestDatabase database = TestDatabase.empty();
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final AtomicInteger TESTS = new AtomicInteger();

  @TempDir static Path directory;
  private static RunningHub hub;
  private static HttpServer shop;
  private static Chromium chromium;
  private static Browser browser;

  private BrowserContext context;
  private Page page;
  private String name = "";
  private String key = "";
  private final List<Request> posts = new ArrayList<>();

  @BeforeAll
  static void start() throws Exception {
    Path packages = NodePackages.install(Path.of("src", "test", "sdk", "node")).toAbsolutePath();
    shop =
        SimpleFileServer.createFileServer(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            packages,
            SimpleFileServer.OutputLevel.NONE);
    shop.start();
    hub = RunningHub.start(database, directory);
    chromium = Chromium.start();
    browser = chromium.browser();
  }

  @AfterAll
  static void stop() {
    if (chromium != null) {
      chromium.close();
    }
    if (shop != null) {
      shop.stop(0);
    }
    if (hub != null) {
      hub.close();
    }
  }

  @BeforeEach
  void open() {
    name = "browser-" + TESTS.incrementAndGet();
    key = hub.writeKey(name, false);
    context = browser.newContext();
    page = context.newPage();
    page.onRequest(request -> {
      if (request.method().equals("POST")) {
        posts.add(request);
      }
    });
    page.navigate("http://localhost:" + shop.getAddress().getPort() + "/shop.html");
  }

  @AfterEach
  void close() {
    context.close();
  }

  @Test
  void with_nothing_but_the_hub_as_cdn_every_call_arrives() throws Exception {
    load("{}");
    call("identify('%s-1', {email: 'Ann@%s.example', plan: 'pro'})");
    await(() -> decisions().size() == 1);
    call("group('%s-group', {name: 'Group'})");
    call("page('Home')");
    call("track('Signed Up')");
    awaitCounts("page|1", "track|1");
    assertThat(decisions()).containsExactly("created|K3", "updated|H1");
    assertThat(database.rows("SELECT email FROM users WHERE external_id = '%s-1'".formatted(name)))
        .containsExactly("ann@" + name + ".example");
    assertThat(targets())
        .containsExactly(
            hub.url() + "/v1/i", hub.url() + "/v1/g", hub.url() + "/v1/p", hub.url() + "/v1/t");
    for (Request post : posts) {
      assertThat(post.headers().get("content-type")).isEqualTo("text/plain");
      assertThat(post.allHeaders().get("authorization"))
          .as("which makes the browser ask the hub for leave first")
          .startsWith("Basic ");
      assertThat(body(post).path("writeKey").asString()).isEqualTo(key);
    }
  }

  @Test
  void in_batches_three_calls_are_one_request() throws Exception {
    load(
        "{integrations: {'Segment.io': {deliveryStrategy: {strategy: 'batching', config: {size: 3,"
            + " timeout: 60000}}}}}");
    call("identify('%s-1', {email: 'Ann@%s.example'})");
    call("track('One')");
    call("track('Two')");
    awaitCounts("track|2");
    assertThat(decisions()).containsExactly("created|K3");
    assertThat(targets()).containsExactly(hub.url() + "/v1/b");
    assertThat(body(posts.getFirst()).path("batch").size()).isEqualTo(3);
  }

  /** The SDK's own fault: it sends the id that it holds in both places. */
  @Test
  void alias_after_identify_names_the_same_user_twice_and_does_nothing() throws Exception {
    name += "-trusted";
    key = hub.writeKey(name, true);
    load("{}");
    call("identify('%s-1')");
    await(() -> decisions().size() == 1);
    call("alias('%s-2')");
    await(() -> decisions().size() == 2);
    JsonNode alias = body(posts.get(1));
    assertThat(alias.path("userId").asString()).isEqualTo(name + "-1");
    assertThat(alias.path("previousId").asString()).isEqualTo(name + "-1");
    assertThat(decisions()).containsExactly("created|K1", "unchanged|L1");
  }

  @Test
  void alias_of_a_visitor_names_the_anonymous_id() throws Exception {
    load("{}");
    call("alias('%s-2')");
    await(() -> decisions().size() == 1);
    JsonNode alias = body(posts.getFirst());
    assertThat(alias.path("userId").asString()).isEqualTo(name + "-2");
    assertThat(alias.path("previousId").asString()).isEqualTo(alias.path("anonymousId").asString());
    assertThat(decisions())
        .as("no alias counts from a key that browsers hold")
        .containsExactly("rejected|G2");
  }

  @Test
  void without_a_known_key_it_does_not_start() {
    assertThatThrownBy(() -> load("{}", "wk_nobody_knows")).isInstanceOf(PlaywrightException.class);
    assertThat(posts).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
  void a_fault_in_the_way_is_overcome(Fault fault) throws Exception {
    try (Line line = new Line(hub.url(), fault)) {
      load(
          "{integrations: {'Segment.io': {apiHost: '%s/v1', protocol: 'http'}}}"
              .formatted(line.authority()));
      call("identify('%s-1', {email: 'Ann@%s.example'})");
      await(() -> line.posts().size() == 2 && decisions().size() == 1);
      assertThat(decisions()).containsExactly("created|K3");
      assertThat(posts).as("the SDK itself repeats it, not the browser beneath").hasSize(2);
      assertThat(line.posts().get(1).header("X-Retry-Count")).isEqualTo("1");
      assertThat(database.rows("SELECT id FROM users WHERE external_id = '%s-1'".formatted(name)))
          .hasSize(1);
      if (fault == Fault.TOO_BUSY) {
        assertThat(line.pause()).isGreaterThanOrEqualTo(Fault.RETRY_AFTER);
      }
    }
  }

  @Test
  void the_invariants_hold() {
    Sweep.invariants(database);
  }

  private void load(String options) {
    load(options, key);
  }

  private void load(String options, String writeKey) {
    page.evaluate(
        """
        async ([cdnURL, writeKey]) => {
          const [analytics] = await AnalyticsNext.AnalyticsBrowser.load({ writeKey, cdnURL }, %s)
          window.analytics = analytics
        }
        """
            .formatted(options),
        List.of(hub.url(), writeKey));
  }

  /** Makes a call, in which {@code %s} stands for the test's name. */
  private void call(String call) {
    page.evaluate("() => { analytics." + call.replace("%s", name) + " }");
  }

  private List<String> decisions() {
    return database.rows(
        "SELECT outcome, code FROM user_decisions WHERE source = '%s' ORDER BY position"
            .formatted(name));
  }

  private List<String> targets() {
    return posts.stream().map(Request::url).toList();
  }

  private static JsonNode body(Request post) {
    return JSON.readTree(Objects.requireNonNull(post.postData()));
  }

  private void awaitCounts(String... counts) throws Exception {
    String query =
        "SELECT type, sum(count) FROM event_counts WHERE source = '%s' GROUP BY type ORDER BY type"
            .formatted(name);
    await(() -> database.rows(query).equals(List.of(counts)));
  }

  private interface Condition {
    boolean holds() throws Exception;
  }

  /**
   * Waits while the page goes on, for a minute at most: between two calls whose order counts, since
   * the SDK sends each in a request of its own, and the second can be the first to arrive.
   */
  private void await(Condition condition) throws Exception {
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    // What the page did is told to us only while we wait on it: once more at the end, too.
    do {
      assertThat(System.nanoTime())
          .as("decided %s after %s", decisions(), posts.stream().map(Request::postData).toList())
          .isLessThan(end);
      page.waitForTimeout(50);
    } while (!condition.holds());
    page.waitForTimeout(50);
  }
}
