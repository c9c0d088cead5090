package dev.selfsame.alert;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * Says that something which runs by itself began to fail, or runs again: in the log, and to an
 * address. Thread-safe.
 */
public final class Alerts implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Alerts.class);
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final int TRIES = 3;
  private static final int OK = 200;
  private static final int NOT_OK = 300;
  private static final int SAID_AGAIN = 10;

  private final String kind;
  private final @Nullable URI to;
  private final HttpClient client = HttpClient.newBuilder().connectTimeout(PATIENCE).build();

  /**
   * @param kind of things it is about, such as {@code source}
   * @param to null: the log alone says it
   */
  public Alerts(String kind, @Nullable String to) {
    this.kind = kind;
    this.to = to == null ? null : URI.create(to);
  }

  /**
   * Refuses what no alert can be sent to.
   *
   * @param address null: none
   * @throws IllegalArgumentException saying what is wrong with it
   */
  public static void check(@Nullable String address) {
    if (address == null) {
      return;
    }
    String scheme = URI.create(address).getScheme();
    if (!"http".equals(scheme) && !"https".equals(scheme)) {
      throw new IllegalArgumentException(
          "Alerts go to an address that begins with https:// or http://");
    }
  }

  /**
   * Says that a run failed. Of a series of failures the first is news, and then every tenth.
   *
   * @param failures in a row, this one among them
   * @param code of the error
   * @param nextAt when it runs by itself next
   */
  public void failed(
      String name, int failures, String code, String detail, Instant at, @Nullable Instant nextAt) {
    if (failures % SAID_AGAIN != 1) {
      return;
    }
    LOG.warn("The {} {} fails ({} in a row): {}: {}", kind, name, failures, code, detail);
    send(name, "failing", failures, Map.of("code", code, "detail", detail), at, nextAt);
  }

  /** Says that it runs again after one failure or more. */
  public void recovered(String name, Instant at, @Nullable Instant nextAt) {
    LOG.info("The {} {} runs again", kind, name);
    send(name, "recovered", 0, null, at, nextAt);
  }

  private void send(
      String name,
      String event,
      int failures,
      @Nullable Map<String, String> error,
      Instant at,
      @Nullable Instant nextAt) {
    if (to == null) {
      return;
    }
    Map<String, @Nullable Object> alert = new LinkedHashMap<>();
    alert.put("event", kind + "." + event);
    alert.put(kind, name);
    alert.put("failures", failures);
    alert.put("error", error);
    alert.put("at", at);
    alert.put("nextAt", nextAt);
    String body = JSON.writeValueAsString(alert);
    Thread.ofVirtual().name("alert").start(() -> post(to, name, body));
  }

  private void post(URI address, String name, String body) {
    HttpRequest request =
        HttpRequest.newBuilder(address)
            .timeout(PATIENCE)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    for (int tried = 1; tried <= TRIES; tried++) {
      try {
        int status = client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
        if (status >= OK && status < NOT_OK) {
          return;
        }
        LOG.warn("The alert about {} was answered with {}", name, status);
      } catch (IOException e) {
        // The address may hold a secret: only what went wrong is said.
        LOG.warn("The alert about {} could not be sent: {}", name, e.toString());
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
