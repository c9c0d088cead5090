package dev.selfsame.source.segment;

import dev.selfsame.identity.Raw;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One message as it stands in a request: what it says of itself, and where its parts are. Reading
 * it makes strings of its ids alone; everything else stays in place.
 */
final class Message {

  /** Where a part stands; {@code from} is -1 while there is none. */
  static final class Span {
    int from = -1;
    int to;

    boolean present() {
      return from >= 0;
    }
  }

  private static final String TYPE = "type";
  private static final String USER_ID = "userId";
  private static final String PREVIOUS_ID = "previousId";
  private static final String GROUP_ID = "groupId";
  private static final String MESSAGE_ID = "messageId";
  private static final String TIMESTAMP = "timestamp";
  private static final String SENT_AT = "sentAt";
  private static final String TRAITS = "traits";
  private static final String CONTEXT = "context";
  private static final String INTEGRATIONS = "integrations";
  private static final String WRITE_KEY = "writeKey";

  final byte[] in;
  final Span whole = new Span();
  final Span messageId = new Span();
  final Span traits = new Span();
  final Span context = new Span();
  final Span integrations = new Span();
  final Span timestampSent = new Span();

  /** Where write keys stand, from the key's quote to the value's end: pairs of positions. */
  int[] writeKeys = {};

  @Nullable Type type;
  Raw userId = Raw.ABSENT;
  Raw previousId = Raw.ABSENT;
  Raw groupId = Raw.ABSENT;
  @Nullable String writeKey;
  long timestamp = IsoTime.UNREADABLE;
  long sentAt = IsoTime.UNREADABLE;
  boolean sentAtSent;
  boolean object;
  boolean unclean;
  int members;
  int depth;

  private Message(byte[] in) {
    this.in = in;
  }

  /** Reads the value at the cursor; one that is not an object is passed over. */
  static Message read(JsonCursor cursor) throws JsonCursor.Malformed {
    var message = new Message(cursor.in);
    boolean uncleanBefore = cursor.unclean;
    cursor.unclean = false;
    cursor.deepest = 0;
    message.object = cursor.peek() == '{';
    message.whole.from = cursor.at;
    if (message.object) {
      message.members(cursor);
    } else {
      cursor.skipValue();
    }
    message.whole.to = cursor.at;
    message.depth = cursor.deepest + 1;
    message.unclean = cursor.unclean;
    cursor.unclean |= uncleanBefore;
    return message;
  }

  private void members(JsonCursor cursor) throws JsonCursor.Malformed {
    cursor.open('{');
    for (boolean first = true; cursor.nextKey(first); first = false) {
      members++;
      member(cursor);
    }
  }

  private void member(JsonCursor cursor) throws JsonCursor.Malformed {
    int length =
        cursor.stringEscaped ? cursor.text().length() : cursor.stringTo - cursor.stringFrom;
    switch (length) {
      case 4 -> {
        if (cursor.textIs(TYPE)) {
          type = Type.OTHER;
          switch (cursor.peek()) {
            case '"' -> {
              cursor.string();
              type = Type.read(cursor);
            }
            case 'n' -> {
              cursor.skipValue();
              type = null;
            }
            default -> cursor.skipValue();
          }
          return;
        }
      }
      case 6 -> {
        if (cursor.textIs(USER_ID)) {
          userId = raw(cursor);
          return;
        } else if (cursor.textIs(SENT_AT)) {
          sentAtSent = cursor.peek() != 'n';
          sentAt = time(cursor, null);
          return;
        } else if (cursor.textIs(TRAITS)) {
          span(cursor, traits);
          return;
        }
      }
      case 7 -> {
        if (cursor.textIs(CONTEXT)) {
          span(cursor, context);
          return;
        } else if (cursor.textIs(GROUP_ID)) {
          groupId = raw(cursor);
          return;
        }
      }
      case 8 -> {
        if (cursor.textIs(WRITE_KEY)) {
          writeKey(cursor);
          return;
        }
      }
      case 9 -> {
        if (cursor.textIs(MESSAGE_ID)) {
          span(cursor, messageId);
          return;
        } else if (cursor.textIs(TIMESTAMP)) {
          timestamp = time(cursor, timestampSent);
          return;
        }
      }
      case 10 -> {
        if (cursor.textIs(PREVIOUS_ID)) {
          previousId = raw(cursor);
          return;
        }
      }
      case 12 -> {
        if (cursor.textIs(INTEGRATIONS)) {
          span(cursor, integrations);
          return;
        }
      }
      default -> {}
    }
    cursor.skipValue();
  }

  private void writeKey(JsonCursor cursor) throws JsonCursor.Malformed {
    int from = cursor.keyAt;
    writeKey = null;
    if (cursor.peek() == '"') {
      cursor.string();
      writeKey = cursor.text();
    } else {
      cursor.skipValue();
    }
    writeKeys = Arrays.copyOf(writeKeys, writeKeys.length + 2);
    writeKeys[writeKeys.length - 2] = from;
    writeKeys[writeKeys.length - 1] = cursor.at;
  }

  private static void span(JsonCursor cursor, Span span) throws JsonCursor.Malformed {
    cursor.peek();
    span.from = cursor.at;
    cursor.skipValue();
    span.to = cursor.at;
  }

  private static long time(JsonCursor cursor, @Nullable Span span) throws JsonCursor.Malformed {
    boolean text = cursor.peek() == '"';
    if (span != null) {
      span.from = cursor.at;
    }
    cursor.skipValue();
    if (span != null) {
      span.to = cursor.at;
    }
    if (!text) {
      return IsoTime.UNREADABLE;
    }
    if (cursor.stringEscaped) {
      byte[] decoded = cursor.text().getBytes(StandardCharsets.UTF_8);
      return IsoTime.micros(decoded, 0, decoded.length);
    }
    return IsoTime.micros(cursor.in, cursor.stringFrom, cursor.stringTo);
  }

  /** The value at the cursor as a source's raw value. */
  static Raw raw(JsonCursor cursor) throws JsonCursor.Malformed {
    byte b = cursor.peek();
    int from = cursor.at;
    cursor.skipValue();
    return switch (b) {
      case '"' -> new Raw.Text(cursor.text());
      case 'n' -> Raw.ABSENT;
      case 't', 'f' -> new Raw.Other("boolean");
      case '[' -> new Raw.Other("array");
      case '{' -> new Raw.Other("object");
      default ->
          new Raw.Number(new String(cursor.in, from, cursor.at - from, StandardCharsets.US_ASCII));
    };
  }

  /** The messageId to name it by in an answer, at most 200 characters; null if it has none. */
  @Nullable String shownMessageId() {
    if (!messageId.present()) {
      return null;
    }
    String text =
        switch (in[messageId.from]) {
          case '"' -> decodedMessageId();
          case 'n', '{', '[', 't', 'f' -> null;
          default ->
              new String(
                  in, messageId.from, messageId.to - messageId.from, StandardCharsets.US_ASCII);
        };
    if (text == null) {
      return null;
    }
    String whole = Repair.text(text);
    if (whole.codePointCount(0, whole.length()) <= 200) {
      return whole;
    }
    return whole.substring(0, whole.offsetByCodePoints(0, 200)) + "…";
  }

  private String decodedMessageId() {
    var cursor = new JsonCursor(in, messageId.from, messageId.to);
    try {
      cursor.string();
    } catch (JsonCursor.Malformed e) {
      throw new IllegalStateException("It has been read as a string before. Indicates a bug.", e);
    }
    return cursor.text();
  }
}
