package dev.selfsame.bench;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A hub that answers as the real one does and only counts what it is sent. */
final class StubHub implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final HttpServer server;
  private final ExecutorService threads = Executors.newFixedThreadPool(4);
  private final Set<String> messages = new HashSet<>();
  private int repeats;
  private int requests;

  /** How many of the first requests are refused with 429. */
  private int refusals;

  StubHub(int refusals) throws IOException {
    this.refusals = refusals;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 100);
    server.createContext("/v1/batch", this::take);
    server.createContext("/v1/identify", this::take);
    server.setExecutor(threads);
    server.start();
  }

  int port() {
    return server.getAddress().getPort();
  }

  private void take(HttpExchange exchange) throws IOException {
    JsonNode body = JSON.readTree(exchange.getRequestBody().readAllBytes());
    boolean refused;
    synchronized (this) {
      requests++;
      refused = refusals > 0;
      if (refused) {
        refusals--;
      } else if (body.has("batch")) {
        body.get("batch").forEach(this::count);
      } else {
        count(body);
      }
    }
    byte[] answer = (refused ? "{}" : "{\"success\":true}").getBytes(StandardCharsets.UTF_8);
    if (refused) {
      exchange.getResponseHeaders().set("Retry-After", "1");
    }
    exchange.sendResponseHeaders(refused ? 429 : 200, answer.length);
    exchange.getResponseBody().write(answer);
    exchange.close();
  }

  private void count(JsonNode event) {
    if (!messages.add(event.get("messageId").asString())) {
      repeats++;
    }
  }

  synchronized int messages() {
    return messages.size();
  }

  synchronized int repeats() {
    return repeats;
  }

  synchronized int requests() {
    return requests;
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
