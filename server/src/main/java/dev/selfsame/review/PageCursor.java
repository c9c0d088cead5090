package dev.selfsame.review;

import dev.selfsame.lookup.BadSearch;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;

/** Where a page ended, as text that callers hand back and need not understand. */
final class PageCursor {

  private PageCursor() {}

  static String encoded(String list, List<?> fields) {
    String text =
        list + fields.stream().map(String::valueOf).collect(Collectors.joining("/", "/", ""));
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  static List<String> decoded(String list, String cursor, int fields) {
    String text;
    try {
      text = new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw bad();
    }
    List<String> found = List.of(text.split("/", -1));
    if (found.size() != fields + 1 || !found.getFirst().equals(list)) {
      throw bad();
    }
    return found.subList(1, found.size());
  }

  static BadSearch bad() {
    return new BadSearch("cursor", "The cursor is not one that a page of this list ended with");
  }
}
