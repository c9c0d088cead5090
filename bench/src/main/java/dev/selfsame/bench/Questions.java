package dev.selfsame.bench;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The saved questions, asked of a running hub over REST, which asks under the readers' login. */
final class Questions implements AutoCloseable {

  private static final int RUNS = 3;

  /**
   * An answer.
   *
   * @param seconds the median, from the request to the last byte
   * @param rows as text; null where there is none
   */
  record Answer(double seconds, List<String> columns, List<List<@Nullable String>> rows) {

    /** The values of the columns with these names, in their order. */
    List<List<@Nullable String>> columns(String... names) {
      int[] at = IntStream.range(0, names.length).map(i -> columns.indexOf(names[i])).toArray();
      List<List<@Nullable String>> picked = new ArrayList<>();
      for (List<@Nullable String> row : rows) {
        List<@Nullable String> values = new ArrayList<>();
        for (int column : at) {
          values.add(row.get(column));
        }
        picked.add(values);
      }
      return picked;
    }
  }

  private final HttpClient client = HttpClient.newHttpClient();
  private final JsonMapper json = JsonMapper.shared();
  private final Hub hub;

  Questions(Hub hub) {
    this.hub = hub;
  }

  Answer ask(String name) {
    HttpRequest request =
        HttpRequest.newBuilder(
                URI.create(
                    "http://127.0.0.1:%d/api/questions/%s/answer".formatted(hub.port(), name)))
            .header("Authorization", "Bearer " + Hub.TOKEN)
            .build();
    double[] seconds = new double[RUNS];
    String body = "";
    for (int run = 0; run < RUNS; run++) {
      long start = System.nanoTime();
      body = send(name, request);
      seconds[run] = (System.nanoTime() - start) / 1e9;
    }
    return read(body, Report.median(seconds));
  }

  private String send(String name, HttpRequest request) {
    try {
      HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
      if (response.statusCode() != 200) {
        throw new Failed(
            "The question %s was answered with %d: %s"
                .formatted(name, response.statusCode(), response.body()));
      }
      return response.body();
    } catch (IOException e) {
      throw new Failed("The question " + name + " was not answered: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Failed("Interrupted", e);
    }
  }

  private Answer read(String body, double seconds) {
    JsonNode data = json.readTree(body).path("data");
    List<String> columns = new ArrayList<>();
    for (JsonNode column : data.path("columns")) {
      columns.add(column.isObject() ? column.path("name").asString() : column.asString());
    }
    List<List<@Nullable String>> rows = new ArrayList<>();
    for (JsonNode row : data.path("rows")) {
      List<@Nullable String> values = new ArrayList<>();
      for (int i = 0; i < columns.size(); i++) {
        JsonNode value = row.isArray() ? row.path(i) : row.path(columns.get(i));
        values.add(value.isNull() || value.isMissingNode() ? null : value.asString());
      }
      rows.add(values);
    }
    return new Answer(seconds, columns, rows);
  }

  @Override
  public void close() {
    client.close();
  }
}
