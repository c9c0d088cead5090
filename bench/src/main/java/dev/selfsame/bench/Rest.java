package dev.selfsame.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Base64;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Calls a running hub over REST and the Tracking API, one call at a time on one connection. */
final class Rest implements AutoCloseable {

  /**
   * An answer.
   *
   * @param millis from the request to the last byte
   */
  record Answer(String text, double millis) {
    JsonNode json() {
      return JsonMapper.shared().readTree(text);
    }

    JsonNode data() {
      return json().path("data");
    }
  }

  /** So often at most, every tenth of a second. */
  private static final int IMPORT_LOOKS = 300;

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final String origin;

  Rest(Hub hub) {
    this.origin = "http://127.0.0.1:" + hub.port();
  }

  Answer get(String path) {
    return send(path, api(path).build());
  }

  Answer post(String path, Object body) {
    return send("POST", path, body);
  }

  Answer put(String path, Object body) {
    return send("PUT", path, body);
  }

  private Answer send(String method, String path, Object body) {
    return send(
        path,
        api(path)
            .header("Content-Type", "application/json")
            .method(
                method,
                HttpRequest.BodyPublishers.ofByteArray(JsonMapper.shared().writeValueAsBytes(body)))
            .build());
  }

  /** Imports a sheet; back when its rows are users. */
  void imports(String sheet) {
    String path = "/api/imports";
    String id =
        send(
                path,
                api(path)
                    .header("Content-Type", "text/csv")
                    .POST(HttpRequest.BodyPublishers.ofString(sheet))
                    .build())
            .data()
            .path("id")
            .asString();
    for (int i = 0; i < IMPORT_LOOKS; i++) {
      if (get(path + "/" + id).data().path("state").asString().equals("done")) {
        return;
      }
      pause();
    }
    throw new Failed("The import did not end");
  }

  private static void pause() {
    try {
      Thread.sleep(100);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Failed("Interrupted", e);
    }
  }

  /** Sends events as an SDK does; back when they are committed. */
  void track(String body) {
    String key = Base64.getEncoder().encodeToString((Hub.WRITE_KEY + ":").getBytes(UTF_8));
    Answer answer =
        send(
            "/v1/batch",
            HttpRequest.newBuilder(URI.create(origin + "/v1/batch"))
                .header("Authorization", "Basic " + key)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build());
    if (!answer.text().equals("{\"success\":true}")) {
      throw new Failed("Events were answered with " + answer.text());
    }
  }

  private HttpRequest.Builder api(String path) {
    return HttpRequest.newBuilder(URI.create(origin + path))
        .header("Authorization", "Bearer " + Hub.TOKEN);
  }

  private Answer send(String path, HttpRequest request) {
    try {
      long start = System.nanoTime();
      HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
      double millis = (System.nanoTime() - start) / 1e6;
      if (response.statusCode() < 200 || response.statusCode() > 202) {
        throw new Failed(
            "%s %s was answered with %d: %s"
                .formatted(request.method(), path, response.statusCode(), response.body()));
      }
      return new Answer(response.body(), millis);
    } catch (IOException e) {
      throw new Failed(path + " was not answered: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Failed("Interrupted", e);
    }
  }

  @Override
  public void close() {
    client.close();
  }
}
