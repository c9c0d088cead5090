package dev.selfsame.source.warehouse;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/** Says that a source began to fail, or runs again: in the log, and to an address. Thread-safe. */
final class Alerts implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Alerts.class);
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final int TRIES = 3;
  private static final int OK = 200;
  private static final int NOT_OK = 300;

  /**
   * What is said.
   *
   * @param event {@code source.failing} or {@code source.recovered}
   * @param failures scheduled runs that failed since one did not
   * @param nextAt when it runs by itself next
   */
  record Alert(
      String event,
      String source,
      int failures,
      RunResult.@Nullable Broken error,
      Instant at,
      @Nullable Instant nextAt) {}

  private final @Nullable URI to;
  private final HttpClient client = HttpClient.newBuilder().connectTimeout(PATIENCE).build();

  Alerts(@Nullable String to) {
    this.to = to == null ? null : URI.create(to);
  }

  void send(Alert alert) {
    if (alert.error() == null) {
      LOG.info("The source {} runs again", alert.source());
    } else {
      LOG.warn(
          "The source {} fails ({} in a row): {}: {}",
          alert.source(),
          alert.failures(),
          alert.error().code(),
          alert.error().detail());
    }
    if (to != null) {
      Thread.ofVirtual().name("alert").start(() -> post(to, alert));
    }
  }

  private void post(URI address, Alert alert) {
    HttpRequest request =
        HttpRequest.newBuilder(address)
            .timeout(PATIENCE)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(alert)))
            .build();
    for (int tried = 1; tried <= TRIES; tried++) {
      try {
        int status = client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
        if (status >= OK && status < NOT_OK) {
          return;
        }
        LOG.warn("The alert about {} was answered with {}", alert.source(), status);
      } catch (IOException e) {
        // The address may hold a secret: only what went wrong is said.
        LOG.warn("The alert about {} could not be sent: {}", alert.source(), e.toString());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
      LockSupport.parkNanos(Duration.ofSeconds(tried).toNanos());
    }
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
