package dev.selfsame.source.segment;

import dev.selfsame.resolution.Reason;
import org.jspecify.annotations.Nullable;

/**
 * One message of a request that was not taken, as the answer lists it.
 *
 * @param index its place in the batch, from 0
 * @param messageId as sent, so that the sender finds it; null if it has none
 * @param code stable; Segment's own name for it where there is one
 */
record Rejection(int index, @Nullable String messageId, String code, String message) {

  static Rejection tooLarge(int index, Message message, int limit) {
    return new Rejection(
        index,
        message.shownMessageId(),
        Reason.EVENT_TOO_LARGE.code(),
        "The event has %d bytes; at most %d are taken."
            .formatted(message.whole.to - message.whole.from, limit));
  }

  static Rejection notAnObject(int index) {
    return new Rejection(index, null, "bad_request", "The event is not a JSON object.");
  }

  static Rejection tooDeep(int index, Message message) {
    return new Rejection(
        index,
        message.shownMessageId(),
        "nested_too_deep",
        "The event is nested %d levels deep; at most %d are taken."
            .formatted(message.depth, SegmentEvents.DEEPEST));
  }

  static Rejection oneTooMany(int index, Message message, int limit) {
    return new Rejection(
        index,
        message.object ? message.shownMessageId() : null,
        "too_many_events",
        "A batch may have %d events; send this one again in another.".formatted(limit));
  }

  static Rejection decided(int index, Message message, @Nullable Reason reason) {
    return new Rejection(
        index,
        message.shownMessageId(),
        reason == null ? "rejected" : reason.code(),
        reason == null ? "The event was rejected." : words(reason));
  }

  private static String words(Reason reason) {
    return switch (reason) {
      case NO_USER_ID -> "The event has no userId; without one it names no user here.";
      case ID_NOT_STRING -> "An id must be a string, or a whole number.";
      case ID_TOO_LONG -> "An id is longer than the space allows.";
      case ID_MALFORMED -> "An id contains a NUL or half a character.";
      case BLOCKED_ID ->
          "An id is a value that stands for nobody, such as null or anonymous; the space's blocked"
              + " values list it.";
      case NO_GROUP_ID -> "The group event has no groupId.";
      case NOT_ALLOWED -> "This source may not erase users.";
      case UNTRUSTED_SOURCE -> "This source's word is not trusted for that.";
      case EVENT_TOO_LARGE -> "The event is larger than the source takes.";
      case INTERNAL_ERROR -> "The event could not be stored; the server's log says why.";
      default -> "The event was rejected: " + reason.code() + ".";
    };
  }
}
