package dev.selfsame.source.segment;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.http.Json;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * An event that came as the query of an image's address: base64 JSON, or one parameter for each
 * value.
 */
final class Pixel {

  private static final byte[] GIF =
      Base64.getDecoder().decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7");
  private static final int DEEPEST_NAME = 10;

  private Pixel() {}

  /** An image of one transparent pixel. */
  static byte[] gif() {
    return GIF.clone();
  }

  /** The event's JSON. */
  static byte[] json(Map<String, List<String>> query) {
    List<String> data = query.get("data");
    if (data != null && !data.isEmpty()) {
      return decoded(data.getFirst());
    }
    Map<String, Object> event = new LinkedHashMap<>();
    query.forEach((name, values) -> put(event, name, values));
    return Json.bytes(event);
  }

  private static byte[] decoded(String data) {
    // A plus sign that was not escaped arrives as a space; both alphabets of base64 are in use,
    // padded or not.
    String plain = data.strip().replace(' ', '+').replace('-', '+').replace('_', '/');
    int end = plain.length();
    while (end > 0 && plain.charAt(end - 1) == '=') {
      end--;
    }
    try {
      return Base64.getDecoder()
          .decode(plain.substring(0, end).getBytes(StandardCharsets.ISO_8859_1));
    } catch (IllegalArgumentException e) {
      throw new Failure(Problem.INVALID_REQUEST, "data is not base64.", 0, e);
    }
  }

  /** {@code traits.email=a} means {@code {"traits": {"email": "a"}}}. */
  private static void put(Map<String, Object> event, String name, List<String> values) {
    if (values.isEmpty()) {
      return;
    }
    String[] path = name.split("\\.", DEEPEST_NAME);
    Map<String, Object> into = event;
    for (int i = 0; i < path.length - 1; i++) {
      Object next = into.computeIfAbsent(path[i], key -> new LinkedHashMap<String, Object>());
      if (!(next instanceof Map)) {
        return;
      }
      @SuppressWarnings("unchecked")
      Map<String, Object> map = (Map<String, Object>) next;
      into = map;
    }
    into.put(path[path.length - 1], Repair.text(values.getFirst()));
  }
}
