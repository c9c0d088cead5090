package dev.selfsame.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.access.Access;
import io.javalin.router.JavalinDefaultRoutingApi;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class BodiesTest {

  private static final int MEMORY = 1024 * 1024;

  private final CountDownLatch held = new CountDownLatch(1);
  private final CountDownLatch release = new CountDownLatch(1);

  /** Two routes: one that holds its body's memory until it is let go, one that does not. */
  private final class Reading implements Area {
    private final Bodies bodies = new Bodies(MEMORY);

    @Override
    public String prefix() {
      return "/read";
    }

    @Override
    public ErrorForm errorForm() {
      return ErrorForm.REST;
    }

    @Override
    public boolean openToBrowsers() {
      return false;
    }

    @Override
    public void addTo(JavalinDefaultRoutingApi routes) {
      routes.post(
          "/read/hold",
          ctx ->
              bodies.use(
                  ctx,
                  MEMORY,
                  body -> {
                    held.countDown();
                    release.await();
                    ctx.result("" + body.length);
                  }),
          Role.OPEN);
      routes.post(
          "/read", ctx -> bodies.use(ctx, MEMORY, body -> ctx.result("" + body.length)), Role.OPEN);
    }
  }

  private static final class NoAccess implements Access {
    @Override
    public @Nullable WriteKey writeKey(String key) {
      return null;
    }

    @Override
    public @Nullable Token token(String token) {
      return null;
    }
  }

  @Test
  void whoeverFindsTheMemoryTakenIsAskedToComeBack() throws Exception {
    try (HttpServer server =
        HttpServer.start(
            HttpSettings.DEFAULT.withListen("127.0.0.1:0"),
            List.of(new Reading()),
            new NoAccess(),
            List::of,
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT))) {
      HttpClient client = HttpClient.newHttpClient();
      var holding = client.sendAsync(post(server, "/read/hold", 700_000), text());
      held.await();
      HttpResponse<String> refused = client.send(post(server, "/read", 700_000), text());
      assertThat(refused.statusCode()).isEqualTo(429);
      assertThat(refused.headers().firstValue("Retry-After")).contains("1");
      assertThat(client.send(post(server, "/read", 200_000), text()).body()).isEqualTo("200000");
      release.countDown();
      assertThat(holding.get().body()).isEqualTo("700000");
      assertThat(client.send(post(server, "/read", 700_000), text()).body()).isEqualTo("700000");
    }
  }

  private static HttpRequest post(HttpServer server, String path, int size) {
    return HttpRequest.newBuilder(URI.create(server.url() + path))
        .POST(HttpRequest.BodyPublishers.ofByteArray(new byte[size]))
        .build();
  }

  private static HttpResponse.BodyHandler<String> text() {
    return HttpResponse.BodyHandlers.ofString();
  }
}
