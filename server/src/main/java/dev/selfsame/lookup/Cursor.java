package dev.selfsame.lookup;

import dev.selfsame.store.UserQueries.Place;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.UUID;

/** Where a page ended, as text that callers hand back and need not understand. */
final class Cursor {

  private static final int UUID_LENGTH = 36;

  private Cursor() {}

  static String of(UUID user) {
    return encoded("u" + user);
  }

  static String of(long position) {
    return encoded("p" + position);
  }

  static String of(Place place) {
    return encoded("q" + place.user() + place.value());
  }

  static UUID user(String cursor) {
    String text = decoded(cursor, 'u');
    try {
      return UUID.fromString(text);
    } catch (IllegalArgumentException e) {
      throw bad();
    }
  }

  static long position(String cursor) {
    try {
      return Long.parseLong(decoded(cursor, 'p'));
    } catch (NumberFormatException e) {
      throw bad();
    }
  }

  static Place place(String cursor) {
    String text = decoded(cursor, 'q');
    if (text.length() <= UUID_LENGTH || text.indexOf('\0') >= 0) {
      throw bad();
    }
    try {
      return new Place(
          text.substring(UUID_LENGTH), UUID.fromString(text.substring(0, UUID_LENGTH)));
    } catch (IllegalArgumentException e) {
      throw bad();
    }
  }

  private static String encoded(String text) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String decoded(String cursor, char kind) {
    String text;
    try {
      text = new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw bad();
    }
    if (text.isEmpty() || text.charAt(0) != kind) {
      throw bad();
    }
    return text.substring(1);
  }

  private static BadSearch bad() {
    return new BadSearch("cursor", "The cursor is not one that a page of this list ended with");
  }
}
