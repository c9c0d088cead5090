package dev.selfsame.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.selfsame.access.Access;
import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import io.javalin.router.JavalinDefaultRoutingApi;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class HttpServerTest {

  private static final Access ACCESS =
      new Access() {
        @Override
        public @Nullable WriteKey writeKey(String key) {
          return null;
        }

        @Override
        public @Nullable Token token(String token) {
          return switch (token) {
            case "r" -> new Token("reader", Scope.READ);
            case "w" -> new Token("writer", Scope.WRITE);
            case "a" -> new Token("boss", Scope.ADMIN);
            default -> null;
          };
        }
      };

  private final List<String> obstacles = new ArrayList<>();
  private final CountDownLatch started = new CountDownLatch(1);
  private final PrometheusMeterRegistry metrics =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final HttpServer server =
      HttpServer.start(
          HttpSettings.DEFAULT.withListen("127.0.0.1:0"),
          List.of(new TestArea("/api", this::routes)),
          ACCESS,
          () -> obstacles,
          metrics);
  private final HttpClient client = HttpClient.newHttpClient();

  /** A route for everything that may happen. */
  private void routes(JavalinDefaultRoutingApi routes) {
    routes.get("/api/things/{id}", ctx -> ctx.json(List.of(ctx.pathParam("id"))), Role.READ);
    routes.post("/api/things", ctx -> ctx.json(List.of()), Role.WRITE);
    routes.delete("/api/things", ctx -> ctx.json(List.of()), Role.ADMIN);
    routes.get("/api/unguarded", ctx -> ctx.json(List.of()));
    routes.get(
        "/api/bug",
        ctx -> {
          throw new IllegalStateException("a secret");
        },
        Role.OPEN);
    routes.get(
        "/api/error",
        ctx -> {
          throw new StackOverflowError();
        },
        Role.OPEN);
    routes.get(
        "/api/fail/{problem}",
        ctx -> {
          throw new Failure(Problem.valueOf(ctx.pathParam("problem")), "What happened.");
        },
        Role.OPEN);
    routes.get(
        "/api/slow",
        ctx -> {
          started.countDown();
          Thread.sleep(800);
          ctx.json(List.of("done"));
        },
        Role.OPEN);
  }

  @AfterEach
  void close() {
    server.close();
  }

  private HttpResponse<String> send(String method, String path, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(server.url() + path))
            .method(method, HttpRequest.BodyPublishers.noBody());
    try {
      return client.send(
          (headers.length == 0 ? request : request.headers(headers)).build(),
          HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  private String raw(String request) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write(request.getBytes(UTF_8));
      socket.getOutputStream().flush();
      return new String(socket.getInputStream().readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static void assertError(HttpResponse<String> answer, int status, String code) {
    assertThat(answer.body()).startsWith("{\"errors\":[{\"code\":\"" + code + "\",\"title\":\"");
    assertThat(answer.statusCode()).isEqualTo(status);
    assertThat(answer.headers().firstValue("Content-Type")).contains("application/json");
  }

  // --- tokens

  @ParameterizedTest(name = "{0} {1} with token {2}: {3}")
  @CsvSource(
      nullValues = "-",
      value = {
        "GET, /api/things/1, r, 200",
        "GET, /api/things/1, w, 200",
        "GET, /api/things/1, a, 200",
        "POST, /api/things, r, 403",
        "POST, /api/things, w, 200",
        "POST, /api/things, a, 200",
        "DELETE, /api/things, w, 403",
        "DELETE, /api/things, a, 200",
        "GET, /api/unguarded, w, 403",
        "GET, /api/unguarded, a, 200",
        "GET, /api/things/1, -, 401",
        "GET, /api/things/1, x, 401",
        "GET, /metrics, -, 401",
        "GET, /metrics, r, 200",
        "GET, /api/nothing, -, 404",
      })
  void aRouteTakesTheTokenItAsksFor(
      String method, String path, @Nullable String token, int status) {
    HttpResponse<String> answer =
        token == null ? send(method, path) : send(method, path, "Authorization", "bearer " + token);
    assertThat(answer.statusCode()).isEqualTo(status);
    if (status == 401) {
      assertError(answer, 401, "invalid_token");
      assertThat(answer.headers().firstValue("WWW-Authenticate").orElseThrow())
          .startsWith("Bearer");
    } else if (status == 403) {
      assertError(answer, 403, "missing_scope");
    }
  }

  // --- errors

  @ParameterizedTest
  @EnumSource(Problem.class)
  void everyProblemHasItsStatus(Problem problem) {
    HttpResponse<String> answer = send("GET", "/api/fail/" + problem);
    assertError(answer, Problems.status(problem.kind()), problem.code());
    assertThat(answer.body()).contains("\"detail\":\"What happened.\"");
    boolean later = answer.statusCode() == 429 || answer.statusCode() == 503;
    assertThat(answer.headers().firstValue("Retry-After").isPresent()).isEqualTo(later);
    if (later) {
      assertThat(answer.headers().firstValue("Retry-After").orElseThrow()).matches("[1-9]\\d*");
      assertThat(answer.headers().firstValue("X-RateLimit-Reset"))
          .isEqualTo(answer.headers().firstValue("Retry-After"));
    }
  }

  @Test
  void anUnforeseenErrorShowsNothingButItsRequest() {
    HttpResponse<String> answer = send("GET", "/api/bug", "X-Request-Id", "req-7");
    assertError(answer, 500, "internal_error");
    assertThat(answer.body()).contains("req-7").doesNotContain("secret");
    assertError(send("GET", "/api/error"), 500, "internal_error");
  }

  @Test
  void theWrongMethodIsNamed() {
    HttpResponse<String> answer = send("PUT", "/api/things");
    assertError(answer, 405, "method_not_allowed");
    assertThat(answer.headers().firstValue("Allow")).contains("DELETE, POST");
    assertError(send("PUT", "/api/nothing"), 404, "not_found");
    assertThat(send("HEAD", "/api/things/1").statusCode()).isEqualTo(405);
    assertThat(send("OPTIONS", "/api/things").statusCode()).isEqualTo(405);
  }

  @Test
  void whatIsNotHttpIsAnsweredInJsonToo() {
    assertThat(raw("NONSENSE\r\n\r\n"))
        .startsWith("HTTP/1.1 400 ")
        .contains("\"code\":\"invalid_request\"");
    assertThat(raw("GET /%00 HTTP/1.1\r\nHost: h\r\n\r\n")).startsWith("HTTP/1.1 400 ");
    assertThat(raw("GET / HTTP/1.1\r\nHost: h\r\nX: " + "y".repeat(70_000) + "\r\n\r\n"))
        .startsWith("HTTP/1.1 431 ")
        .contains("\"code\":\"invalid_request\"")
        .doesNotContain("Jetty");
    assertThat(raw("POST /api/things HTTP/1.1\r\nHost: h\r\nContent-Length: x\r\n\r\n"))
        .startsWith("HTTP/1.1 400 ");
  }

  // --- paths

  @ParameterizedTest
  @CsvSource({"/api/things/1/", "//api//things/1", "/api/things/1", "/api/things/1?x=1"})
  void slashesAreReadWithoutARedirect(String path) {
    String answer =
        raw(
            "GET "
                + path
                + " HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer r\r\nConnection: close\r\n\r\n");
    assertThat(answer).startsWith("HTTP/1.1 200 OK\r\n").endsWith("[\"1\"]");
  }

  // --- request ids

  @Test
  void aRequestKeepsItsId() {
    assertThat(
            send("GET", "/health/live", "X-Request-Id", "a-b_C.9")
                .headers()
                .firstValue("X-Request-Id"))
        .contains("a-b_C.9");
    for (String odd : List.of("a b", "ä", "x".repeat(129), "<script>")) {
      assertThat(
              send("GET", "/health/live", "X-Request-Id", odd)
                  .headers()
                  .firstValue("X-Request-Id")
                  .orElseThrow())
          .matches("[0-9a-f]{16}");
    }
  }

  // --- health and metrics

  @Test
  void livingAndBeingReadyAreTwoThings() {
    assertThat(send("GET", "/health/ready").body()).isEqualTo("{\"status\":\"ready\"}");
    obstacles.add("The database is away.");
    HttpResponse<String> answer = send("GET", "/health/ready");
    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(answer.body())
        .contains("\"status\":\"not_ready\"", "\"reasons\":[\"The database is away.\"]");
    assertThat(send("GET", "/health/live").statusCode()).isEqualTo(200);
    assertThat(send("HEAD", "/health/live").statusCode()).isEqualTo(200);
    assertThat(send("HEAD", "/health/ready").statusCode()).isEqualTo(503);
  }

  @Test
  void metricsShowRequestsByRouteAndTheJvm() {
    send("GET", "/api/things/ann@example.com", "Authorization", "Bearer r");
    send("GET", "/api/nothing/ann@example.com");
    send("MADEUP", "/api/things");
    metrics.counter("selfsame.intake.claims").increment();
    String shown = send("GET", "/metrics", "Authorization", "Bearer r").body();
    assertThat(shown)
        .contains(
            "http_server_requests_seconds_count{method=\"GET\",route=\"/api/things/{id}\",status=\"200\"}"
                + " 1",
            "http_server_requests_seconds_count{method=\"none\",route=\"none\",status=\"404\"} 1",
            "jvm_memory_used_bytes",
            "selfsame_intake_claims_total 1.0")
        .doesNotContain("ann@example.com", "MADEUP");
  }

  // --- stopping

  @Test
  void aStopFinishesWhatIsInFlight() throws Exception {
    CompletableFuture<HttpResponse<String>> slow =
        client.sendAsync(
            HttpRequest.newBuilder(URI.create(server.url() + "/api/slow")).build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(started.await(10, TimeUnit.SECONDS)).isTrue();
    server.close();
    assertThat(slow.get(10, TimeUnit.SECONDS).body()).isEqualTo("[\"done\"]");
    assertThat(slow.get().statusCode()).isEqualTo(200);
  }

  @Test
  void aPortInUseIsNamed() {
    HttpSettings taken = HttpSettings.DEFAULT.withListen("127.0.0.1:" + server.port());
    assertThatIllegalStateException()
        .isThrownBy(() ->
            HttpServer.start(
                taken,
                List.of(),
                ACCESS,
                List::of,
                new PrometheusMeterRegistry(PrometheusConfig.DEFAULT)))
        .withMessageContaining("Cannot listen on 127.0.0.1:" + server.port());
  }
}
