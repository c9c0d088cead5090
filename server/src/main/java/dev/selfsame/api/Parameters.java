package dev.selfsame.api;

import dev.selfsame.error.Nearest;
import dev.selfsame.lookup.BadSearch;
import io.javalin.http.Context;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The query parameters of a request: only those that the call knows, each once. */
public final class Parameters {

  private final Map<String, String> given;

  private Parameters(Map<String, String> given) {
    this.given = given;
  }

  /**
   * Reads them.
   *
   * @throws BadSearch for one that is unknown, naming the nearest known one, or given twice
   */
  public static Parameters of(Context ctx, List<String> known) {
    Map<String, String> given = new LinkedHashMap<>();
    ctx.queryParamMap()
        .forEach((name, values) -> {
          if (!known.contains(name)) {
            throw new BadSearch(name, unknown(name, known));
          }
          if (values.size() != 1) {
            throw new BadSearch(
                name,
                "The parameter %s is given %d times; once is enough"
                    .formatted(name, values.size()));
          }
          given.put(name, values.getFirst());
        });
    return new Parameters(given);
  }

  /** One of several parameters, which may each be given more than once. */
  record Given(String name, String value) {}

  /**
   * Reads parameters that may be repeated, in the order in which they stand in the request.
   *
   * @throws BadSearch for one that is unknown, naming the nearest known one
   */
  static List<Given> repeated(Context ctx, List<String> known) {
    Map<String, List<String>> left = new LinkedHashMap<>();
    ctx.queryParamMap()
        .forEach((name, values) -> {
          if (!known.contains(name)) {
            throw new BadSearch(name, unknown(name, known));
          }
          left.put(name, new ArrayList<>(values));
        });
    List<Given> all = new ArrayList<>();
    String query = ctx.queryString();
    for (String one : query == null ? new String[0] : query.split("&", -1)) {
      int equals = one.indexOf('=');
      String name = equals < 0 ? one : one.substring(0, equals);
      List<String> values = left.get(URLDecoder.decode(name, StandardCharsets.UTF_8));
      if (values != null && !values.isEmpty()) {
        all.add(new Given(URLDecoder.decode(name, StandardCharsets.UTF_8), values.removeFirst()));
      }
    }
    return all;
  }

  private static String unknown(String name, List<String> known) {
    return known.isEmpty()
        ? "This call takes no parameters; got %s. What a body may say stands in the body"
            .formatted(name)
        : "There is no parameter %s here; did you mean %s? Known: %s"
            .formatted(name, Nearest.of(name, known), String.join(", ", known));
  }

  public @Nullable String text(String name) {
    return given.get(name);
  }

  public int number(String name, int otherwise) {
    String value = given.get(name);
    if (value == null) {
      return otherwise;
    }
    try {
      return Integer.parseInt(value);
    } catch (NumberFormatException e) {
      throw new BadSearch(name, "The parameter %s must be a whole number".formatted(name));
    }
  }

  public boolean flag(String name) {
    String value = given.get(name);
    if (value == null || value.equals("false")) {
      return false;
    }
    if (value.equals("true")) {
      return true;
    }
    throw new BadSearch(name, "The parameter %s must be true or false".formatted(name));
  }

  /** The path with these parameters, the cursor replaced; null: left out. */
  String link(String path, @Nullable String cursor) {
    Map<String, String> all = new LinkedHashMap<>(given);
    all.remove("cursor");
    if (cursor != null) {
      all.put("cursor", cursor);
    }
    StringBuilder link = new StringBuilder(path);
    all.forEach((name, value) ->
        link.append(link.indexOf("?") < 0 ? '?' : '&')
            .append(name)
            .append('=')
            .append(URLEncoder.encode(value, StandardCharsets.UTF_8)));
    return link.toString();
  }
}
