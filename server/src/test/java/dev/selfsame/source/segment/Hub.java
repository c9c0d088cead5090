package dev.selfsame.source.segment;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.selfsame.http.Bodies;
import dev.selfsame.http.HttpServer;
import dev.selfsame.http.HttpSettings;
import dev.selfsame.identity.Claim;
import dev.selfsame.intake.Submission;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.List;
import java.util.zip.GZIPOutputStream;

/**
 * A server with the Tracking API on a free port, before a space in memory, at a time that stands
 * still.
 */
final class Hub implements AutoCloseable {

  static final Instant NOW = Instant.parse("2026-11-21T21:12:00Z");

  InMemoryIntake intake = new InMemoryIntake();
  final InMemoryAccess access = new InMemoryAccess();
  final PrometheusMeterRegistry metrics = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final HttpServer server;
  private final HttpClient client = HttpClient.newHttpClient();

  Hub() {
    this(SegmentSettings.DEFAULT);
  }

  Hub(SegmentSettings settings) {
    HttpSettings http = HttpSettings.DEFAULT.withListen("127.0.0.1:0").withAccessLog(false);
    var api =
        new TrackingApi(
            access,
            new Handover(space -> intake, () -> NOW, settings, metrics),
            new Bodies(http.bodyMemory()),
            settings,
            null,
            metrics);
    server = HttpServer.start(http, List.of(api), access, List::of, metrics);
  }

  /** Begins anew with an empty space. */
  void reset() {
    intake = new InMemoryIntake();
  }

  int port() {
    return server.port();
  }

  HttpResponse<String> post(String path, String body, String... headers) {
    return post(path, body.getBytes(UTF_8), headers);
  }

  HttpResponse<String> post(String path, byte[] body, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(server.url() + path))
            .POST(HttpRequest.BodyPublishers.ofByteArray(body));
    return send(headers.length == 0 ? request : request.headers(headers));
  }

  /** With the test's key. */
  HttpResponse<String> postAs(String path, String body) {
    return post(path, body, "Authorization", "Basic d2tfdGVzdDo=");
  }

  HttpResponse<String> get(String path, String... headers) {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(server.url() + path)).GET();
    return send(headers.length == 0 ? request : request.headers(headers));
  }

  HttpResponse<String> send(HttpRequest.Builder request) {
    try {
      return client.send(request.build(), HttpResponse.BodyHandlers.ofString(ISO_8859_1));
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  URI url(String path) {
    return URI.create(server.url() + path);
  }

  /**
   * Sends bytes as they are and reads until the server closes: the request must say {@code
   * Connection: close}.
   */
  String raw(byte[] request) {
    try (Socket socket = new Socket(java.net.InetAddress.getLoopbackAddress(), port())) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write(request);
      socket.getOutputStream().flush();
      return new String(socket.getInputStream().readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  List<Claim> claims() {
    return intake.submissions().stream().map(Submission::claim).toList();
  }

  static byte[] gzip(byte[] plain) {
    var out = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(out)) {
      gzip.write(plain);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return out.toByteArray();
  }

  @Override
  public void close() {
    server.close();
  }
}
