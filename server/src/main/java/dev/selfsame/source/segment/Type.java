package dev.selfsame.source.segment;

import org.jspecify.annotations.Nullable;

/** What kind of message an event says it is. */
enum Type {
  IDENTIFY,
  ALIAS,
  GROUP,
  DELETE,
  TRACK,
  PAGE,
  SCREEN,
  /**
   * A type that Segment does not have; all of them are counted as one, or callers could make any
   * number of counters.
   */
  OTHER;

  private static final Type[] ALL = values();

  /** As sent, in JSON and in paths. */
  String sent() {
    return switch (this) {
      case IDENTIFY -> "identify";
      case ALIAS -> "alias";
      case GROUP -> "group";
      case DELETE -> "delete";
      case TRACK -> "track";
      case PAGE -> "page";
      case SCREEN -> "screen";
      case OTHER -> "other";
    };
  }

  /** Whether it says something about users; the others are only counted (K18). */
  boolean identifies() {
    return switch (this) {
      case IDENTIFY, ALIAS, GROUP, DELETE -> true;
      case TRACK, PAGE, SCREEN, OTHER -> false;
    };
  }

  /** The type that the string the cursor has just read names; null if it is empty. */
  static @Nullable Type read(JsonCursor cursor) {
    if (cursor.stringFrom == cursor.stringTo) {
      return null;
    }
    for (Type type : ALL) {
      if (cursor.textIs(type.sent())) {
        return type;
      }
    }
    return OTHER;
  }
}
