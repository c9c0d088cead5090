package dev.selfsame.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

final class BodiesTest {

  private static final int MEMORY = 1024 * 1024;

  private final CountDownLatch held = new CountDownLatch(1);
  private final CountDownLatch release = new CountDownLatch(1);

  /** Two routes: one that holds its body's memory until it is let go, one that does not. */
  private HttpServer reading() {
    var bodies = new Bodies(MEMORY);
    return new TestArea(
            "/read",
            routes -> {
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
                  "/read",
                  ctx -> bodies.use(ctx, MEMORY, body -> ctx.result("" + body.length)),
                  Role.OPEN);
            })
        .serve(HttpSettings.DEFAULT.withListen("127.0.0.1:0"));
  }

  @Test
  void whoeverFindsTheMemoryTakenIsAskedToComeBack() throws Exception {
    try (HttpServer server = reading()) {
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
