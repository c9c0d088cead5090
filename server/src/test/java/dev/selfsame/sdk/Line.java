package dev.selfsame.sdk;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;

/** A way to the hub on a port of its own, which spoils the first POST and writes down all. */
final class Line implements AutoCloseable {

  /**
   * A request as it came.
   *
   * @param at of {@link System#nanoTime}
   * @param target path and query as sent
   */
  record Seen(long at, String target, Headers headers, String body) {
    String header(String name) {
      String value = headers.getFirst(name);
      return value == null ? "" : value;
    }
  }

  /** What HTTP says between two neighbours, or the client sets itself. */
  private static final Set<String> NOT_PASSED_ON =
      Set.of("connection", "content-length", "host", "transfer-encoding", "expect", "upgrade");

  private final String hub;
  private final Fault fault;
  private final AtomicBoolean spoiled = new AtomicBoolean();
  private final List<Seen> posts = new CopyOnWriteArrayList<>();
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpServer server;

  Line(String hub, Fault fault) throws IOException {
    this.hub = hub;
    this.fault = fault;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::pass);
    server.setExecutor(threads);
    server.start();
  }

  /** The port with its address, as in a URL after the scheme. */
  String authority() {
    return "127.0.0.1:" + server.getAddress().getPort();
  }

  List<Seen> posts() {
    return posts;
  }

  /** The time between the first try and the second. */
  Duration pause() {
    return Duration.ofNanos(posts.get(1).at() - posts.get(0).at());
  }

  private void pass(HttpExchange exchange) throws IOException {
    byte[] body = exchange.getRequestBody().readAllBytes();
    boolean spoil = false;
    // A browser repeats by itself what fails on a connection that served before, and the SDK would
    // not hear of it: so none serves twice.
    exchange.getResponseHeaders().set("Connection", "close");
    if (exchange.getRequestMethod().equals("POST")) {
      posts.add(
          new Seen(
              System.nanoTime(),
              exchange.getRequestURI().toString(),
              exchange.getRequestHeaders(),
              new String(body, UTF_8)));
      spoil = spoiled.compareAndSet(false, true);
    }
    switch (spoil ? fault : Fault.NONE) {
      case NONE -> answer(exchange, forward(exchange, body));
      case TOO_BUSY -> {
        exchange
            .getResponseHeaders()
            .add("Retry-After", Long.toString(Fault.RETRY_AFTER.toSeconds()));
        exchange
            .getResponseHeaders()
            .add("X-RateLimit-Reset", Long.toString(Fault.RETRY_AFTER.toSeconds()));
        refuse(exchange, 429, "too_busy");
      }
      case AWAY -> refuse(exchange, 503, "store_away");
      case REQUEST_LOST -> exchange.close();
      case ANSWER_LOST -> {
        HttpResponse<byte[]> lost = forward(exchange, body);
        if (lost.statusCode() != 200) {
          throw new AssertionError("The hub did not take it: " + new String(lost.body(), UTF_8));
        }
        exchange.close();
      }
    }
  }

  private HttpResponse<byte[]> forward(HttpExchange exchange, byte[] body) throws IOException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(hub + exchange.getRequestURI()))
            .method(exchange.getRequestMethod(), HttpRequest.BodyPublishers.ofByteArray(body));
    exchange
        .getRequestHeaders()
        .forEach((name, values) -> {
          if (!NOT_PASSED_ON.contains(name.toLowerCase(Locale.ROOT))) {
            values.forEach(value -> request.header(name, value));
          }
        });
    try {
      return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  private static void answer(HttpExchange exchange, HttpResponse<byte[]> answer)
      throws IOException {
    answer
        .headers()
        .map()
        .forEach((name, values) -> {
          if (!NOT_PASSED_ON.contains(name.toLowerCase(Locale.ROOT))) {
            values.forEach(value -> exchange.getResponseHeaders().add(name, value));
          }
        });
    send(exchange, answer.statusCode(), answer.body());
  }

  /** As the hub refuses, headers for browsers included. */
  private static void refuse(HttpExchange exchange, int status, String code) throws IOException {
    String origin = exchange.getRequestHeaders().getFirst("Origin");
    if (origin != null) {
      exchange.getResponseHeaders().add("Access-Control-Allow-Origin", origin);
      exchange.getResponseHeaders().add("Access-Control-Allow-Credentials", "true");
      exchange
          .getResponseHeaders()
          .add("Access-Control-Expose-Headers", "Retry-After, X-RateLimit-Reset");
    }
    exchange.getResponseHeaders().add("Content-Type", "application/json");
    String words = "\"message\":\"Not now.\",\"error\":\"Not now.\"";
    String body = "{\"success\":false,\"code\":\"" + code + "\"," + words + "}";
    send(exchange, status, body.getBytes(UTF_8));
  }

  private static void send(HttpExchange exchange, int status, byte[] body) throws IOException {
    exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    if (body.length > 0) {
      exchange.getResponseBody().write(body);
    }
    exchange.close();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.close();
    client.close();
  }
}
