package dev.selfsame.source.segment;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The body of a request, read whole: a message, or a batch of them.
 *
 * @param messages in order; of a batch that is too long, as many as an answer may list
 * @param beyond how many more there were
 */
record TrackingRequest(
    boolean batch,
    List<Message> messages,
    int beyond,
    Envelope envelope,
    @Nullable String writeKey) {

  private static final String BATCH = "batch";
  private static final String WRITE_KEY = "writeKey";
  private static final String SENT_AT = "sentAt";
  private static final String CONTEXT = "context";
  private static final String INTEGRATIONS = "integrations";
  private static final byte[] BOM = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

  /**
   * Reads one message.
   *
   * @throws Failure {@code MALFORMED_JSON}, {@code INVALID_REQUEST}
   */
  static TrackingRequest single(byte[] sent, Type implied) {
    byte[] body = Utf8.valid(sent);
    var cursor = new JsonCursor(body, start(body), body.length);
    try {
      Message message = Message.read(cursor);
      finish(cursor);
      if (!message.object) {
        throw new Failure(Problem.INVALID_REQUEST, "The body must be a JSON object: one event.");
      }
      return new TrackingRequest(
          false, List.of(message), 0, Envelope.implying(implied), message.writeKey);
    } catch (JsonCursor.Malformed e) {
      throw malformed(e);
    }
  }

  /**
   * Reads a batch.
   *
   * @param most how many of its messages to keep; the others are counted
   * @throws Failure {@code MALFORMED_JSON}, {@code INVALID_REQUEST}
   */
  static TrackingRequest batch(byte[] sent, int most) {
    byte[] body = Utf8.valid(sent);
    var cursor = new JsonCursor(body, start(body), body.length);
    try {
      if (cursor.peek() != '{') {
        cursor.skipValue();
        finish(cursor);
        throw noBatch();
      }
      return new Reading(cursor, most).run();
    } catch (JsonCursor.Malformed e) {
      throw malformed(e);
    }
  }

  /**
   * Reads a webhook's body: one message, or an array of them.
   *
   * @param most how many messages of an array to keep; the others are counted
   * @throws Failure {@code MALFORMED_JSON}, {@code INVALID_REQUEST}
   */
  static TrackingRequest webhook(byte[] sent, int most) {
    byte[] body = Utf8.valid(sent);
    var cursor = new JsonCursor(body, start(body), body.length);
    try {
      var reading = new Reading(cursor, most);
      if (cursor.peek() == '[') {
        reading.messages();
        finish(cursor);
        return reading.request(Envelope.RELAYED);
      }
      Message message = Message.read(cursor);
      finish(cursor);
      if (!message.object) {
        throw new Failure(
            Problem.INVALID_REQUEST,
            "The body must be a JSON object, one event, or an array of them.");
      }
      return new TrackingRequest(false, List.of(message), 0, Envelope.RELAYED, null);
    } catch (JsonCursor.Malformed e) {
      throw malformed(e);
    }
  }

  /**
   * Where the first event of an array stands in a webhook's body, which need not be JSON behind it;
   * null if the body is no array, or its first element is no event.
   */
  static Message.@Nullable Span first(byte[] body) {
    var cursor = new JsonCursor(body, start(body), body.length);
    try {
      if (cursor.peek() != '[') {
        return null;
      }
      cursor.open('[');
      if (!cursor.nextItem(true) || cursor.peek() != '{') {
        return null;
      }
      var span = new Message.Span();
      span.from = cursor.at;
      cursor.skipValue();
      span.to = cursor.at;
      return span;
    } catch (JsonCursor.Malformed e) {
      return null;
    }
  }

  /** Where the JSON begins: behind a byte order mark, if there is one. */
  static int start(byte[] body) {
    return body.length >= 3 && Arrays.equals(body, 0, 3, BOM, 0, 3) ? 3 : 0;
  }

  private static void finish(JsonCursor cursor) throws JsonCursor.Malformed {
    cursor.peek();
    if (cursor.at < cursor.end) {
      throw cursor.malformed();
    }
  }

  private static Failure malformed(JsonCursor.Malformed e) {
    String message = e.getMessage();
    return new Failure(
        Problem.MALFORMED_JSON, message == null ? "The JSON is malformed." : message, 0, e);
  }

  private static Failure noBatch() {
    return new Failure(
        Problem.INVALID_REQUEST,
        "The body must be a JSON object with an array of events: {\"batch\": [...]}.");
  }

  /** A batch half read. */
  private static final class Reading {
    private final JsonCursor cursor;
    private final int most;
    private @Nullable List<Message> messages;
    private int beyond;
    private @Nullable String writeKey;
    private long sentAt = IsoTime.UNREADABLE;
    private byte @Nullable [] sentAtJson;
    private byte @Nullable [] context;
    private byte @Nullable [] integrations;

    Reading(JsonCursor cursor, int most) {
      this.cursor = cursor;
      this.most = most;
    }

    TrackingRequest run() throws JsonCursor.Malformed {
      cursor.open('{');
      for (boolean first = true; cursor.nextKey(first); first = false) {
        if (cursor.textIs(BATCH)) {
          messages();
        } else if (cursor.textIs(WRITE_KEY)) {
          boolean text = cursor.peek() == '"';
          cursor.skipValue();
          writeKey = text ? cursor.text() : null;
        } else if (cursor.textIs(SENT_AT)) {
          sentAt();
        } else if (cursor.textIs(CONTEXT)) {
          context = common();
        } else if (cursor.textIs(INTEGRATIONS)) {
          integrations = common();
        } else {
          cursor.skipValue();
        }
      }
      finish(cursor);
      return request(new Envelope(null, sentAt, sentAtJson, context, integrations, false));
    }

    private TrackingRequest request(Envelope envelope) {
      if (messages == null) {
        throw noBatch();
      }
      return new TrackingRequest(true, messages, beyond, envelope, writeKey);
    }

    private void messages() throws JsonCursor.Malformed {
      messages = null;
      beyond = 0;
      if (cursor.peek() != '[') {
        cursor.skipValue();
        return;
      }
      List<Message> read = new ArrayList<>();
      cursor.open('[');
      for (boolean first = true; cursor.nextItem(first); first = false) {
        if (read.size() < most) {
          read.add(Message.read(cursor));
        } else {
          cursor.skipValue();
          beyond++;
        }
      }
      messages = read;
    }

    private void sentAt() throws JsonCursor.Malformed {
      boolean text = cursor.peek() == '"';
      int from = cursor.at;
      cursor.unclean = false;
      cursor.skipValue();
      sentAt = IsoTime.UNREADABLE;
      sentAtJson = null;
      if (text && !cursor.stringEscaped) {
        sentAt = IsoTime.micros(cursor.in, cursor.stringFrom, cursor.stringTo);
        if (sentAt != IsoTime.UNREADABLE) {
          sentAtJson = Arrays.copyOfRange(cursor.in, from, cursor.at);
        }
      }
    }

    /**
     * An object that every message shares; null if it is none, or too large or deep to be copied
     * into each.
     */
    private byte @Nullable [] common() throws JsonCursor.Malformed {
      boolean object = cursor.peek() == '{';
      int from = cursor.at;
      cursor.unclean = false;
      cursor.deepest = 0;
      cursor.skipValue();
      if (!object
          || cursor.at - from > Envelope.MOST_COPIED
          || cursor.deepest >= SegmentEvents.DEEPEST) {
        return null;
      }
      return cursor.unclean
          ? Repair.value(cursor.in, from, cursor.at)
          : Arrays.copyOfRange(cursor.in, from, cursor.at);
    }
  }
}
