package dev.selfsame.source.segment;

import dev.selfsame.identity.Claim;
import dev.selfsame.identity.Raw;
import dev.selfsame.identity.Source;
import dev.selfsame.intake.Submission;
import dev.selfsame.resolution.Decision;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Turns Segment's messages into submissions: what they claim, when (G4), what makes a repeat of
 * them known (K19), what is kept and what lands for SQL. One for each request: not thread-safe.
 */
public final class SegmentEvents {

  /**
   * Deeper nesting is nothing that a person's data has; and what reads a payload later has a stack.
   */
  static final int DEEPEST = 100;

  private static final byte[] NO_BYTES = {};

  /** From the year 2001 to 2286. */
  private static final int DIGITS_OF_MILLIS = 13;

  private static final long MESSAGE_SEED = 0x53656C6673616D65L;
  private static final ColumnNames COLUMN_NAMES = new ColumnNames();

  private final Source source;
  private final long receivedAt;
  private final boolean landsVisits;
  private final Landing landing = new Landing(COLUMN_NAMES);

  /**
   * For the events of one request.
   *
   * @param landsVisits whether page and screen events become rows
   */
  SegmentEvents(Source source, long receivedAt, boolean landsVisits) {
    this.source = source;
    this.receivedAt = receivedAt;
    this.landsVisits = landsVisits;
  }

  /**
   * Reads a payload again, as it is kept with its claim.
   *
   * @param receivedAt when it was first received, microseconds since 1970 UTC
   * @throws IllegalArgumentException if it is no such payload
   */
  public static Submission read(byte[] payload, Source source, long receivedAt) {
    try {
      var message = Message.read(new JsonCursor(payload, 0, payload.length));
      if (!message.object || message.depth > DEEPEST) {
        throw new IllegalArgumentException("The payload is not a message");
      }
      return new SegmentEvents(source, receivedAt, false).submission(message, Envelope.NONE);
    } catch (JsonCursor.Malformed e) {
      throw new IllegalArgumentException("The payload is not a message: " + e.getMessage(), e);
    }
  }

  /** A message that is an object, and not too deep. */
  Submission submission(Message sent, Envelope envelope) throws JsonCursor.Malformed {
    Type type = sent.type != null ? sent.type : envelope.implied();
    long at = eventTime(sent, envelope);
    if (type == null || !type.identifies()) {
      String name = (type == null ? Type.OTHER : type).sent();
      Submission.Visit visit =
          landsVisits && (type == Type.PAGE || type == Type.SCREEN)
              ? Visits.of(sent, type, envelope, receivedAt, at)
              : null;
      return new Submission(
          new Claim.Event(source, at, name),
          receivedAt,
          null,
          NO_BYTES,
          null,
          Set.of(),
          visit,
          Map.of());
    }
    Map<String, String> warnings = Map.of();
    Message message = sent;
    if (sent.unclean) {
      warnings = new LinkedHashMap<>();
      Unclean.note(sent, warnings);
      byte[] repaired = Repair.value(sent.in, sent.whole.from, sent.whole.to);
      message = Message.read(new JsonCursor(repaired, 0, repaired.length));
    }
    var traits = new Traits(type == Type.IDENTIFY);
    if (message.traits.present()) {
      traits.read(message);
    }
    if (traits.notObject || traits.cut) {
      warnings = new LinkedHashMap<>(warnings);
      warnings.put(
          "traits",
          (traits.notObject
                  ? Decision.Warning.Kind.VALUE_MALFORMED
                  : Decision.Warning.Kind.TOO_MANY_TRAITS)
              .code());
    }
    if (sent.unclean && sent.traits.present()) {
      // Identifiers as they were sent: half a character in one must be refused, not made into
      // another id.
      var asSent = new Traits(false);
      asSent.read(sent);
      traits.email = asSent.email;
      traits.billingUserId = asSent.billingUserId;
      traits.billingId = asSent.billingId;
    }
    Claim claim =
        switch (type) {
          case IDENTIFY ->
              new Claim.Identify(
                  source,
                  at,
                  sent.userId,
                  traits.name,
                  traits.email,
                  traits.billingUserId,
                  traits.billingId);
          case ALIAS -> new Claim.Alias(source, at, sent.previousId, sent.userId);
          case GROUP ->
              new Claim.Group(source, at, sent.groupId, sent.userId, traits.name, traits.domain);
          case DELETE -> new Claim.Delete(source, at, sent.userId);
          case TRACK, PAGE, SCREEN, OTHER ->
              throw new IllegalStateException(type + " claims nothing. Indicates a bug.");
        };
    return new Submission(
        claim,
        receivedAt,
        key(sent, type, traits.hash),
        Payload.of(message, envelope),
        traits.landed,
        traits.columns,
        warnings);
  }

  /**
   * G4: receivedAt - (sentAt - timestamp), without sentAt, and of a webhook, the timestamp; never
   * later than receivedAt.
   */
  private long eventTime(Message message, Envelope envelope) {
    if (message.timestamp == IsoTime.UNREADABLE) {
      return receivedAt;
    }
    if (envelope.relayed()) {
      return Math.min(message.timestamp, receivedAt);
    }
    long sentAt = message.sentAtSent ? message.sentAt : envelope.sentAt();
    // Years have four digits, so nothing here overflows.
    long at =
        sentAt == IsoTime.UNREADABLE
            ? message.timestamp
            : receivedAt - (sentAt - message.timestamp);
    return Math.min(at, receivedAt);
  }

  /**
   * K19: sentAt, context and integrations do not count, and the timestamp counts as it was written.
   */
  private Submission.@Nullable MessageKey key(Message message, Type type, long traits)
      throws JsonCursor.Malformed {
    Message.Span id = message.messageId;
    if (!id.present() || message.in[id.from] == 'n') {
      return null;
    }
    long name;
    long madeAt = -1;
    if (message.in[id.from] == '"') {
      var cursor = new JsonCursor(message.in, id.from, id.to);
      cursor.string();
      if (cursor.stringFrom == cursor.stringTo) {
        return null;
      }
      name = Content.string(cursor);
      if (cursor.stringEscaped) {
        byte[] decoded = cursor.text().getBytes(StandardCharsets.UTF_8);
        madeAt = millis(decoded, 0, decoded.length);
      } else {
        madeAt = millis(cursor.in, cursor.stringFrom, cursor.stringTo);
      }
    } else {
      name = Xxh64.hash(message.in, id.from, id.to, MESSAGE_SEED);
    }
    name = Xxh64.both(name, source.number());
    long content = Content.text(type.sent());
    content = Xxh64.both(content, Content.raw(message.userId));
    content = Xxh64.both(content, Content.raw(message.previousId));
    content = Xxh64.both(content, Content.raw(message.groupId));
    content = Xxh64.both(content, traits);
    Message.Span timestamp = message.timestampSent;
    content =
        Xxh64.both(
            content,
            timestamp.present()
                ? Content.value(new JsonCursor(message.in, timestamp.from, timestamp.to))
                : 0);
    long place = madeAt < 0 ? name : (madeAt / 1_000) << 32 | (name & 0xFFFF_FFFFL);
    return new Submission.MessageKey(place, name, content);
  }

  /**
   * When a messageId says that it was made, milliseconds: {@code node-next-1795317386880-…} and
   * {@code ajs-next-1795317386880-…} do; -1 if it does not say.
   */
  private static long millis(byte[] in, int from, int to) {
    long number = 0;
    int digits = 0;
    for (int i = from; i < to; i++) {
      int digit = in[i] - '0';
      if (digit >= 0 && digit <= 9) {
        digits++;
        number = digits > DIGITS_OF_MILLIS ? 0 : 10 * number + digit;
      } else if (digits == DIGITS_OF_MILLIS && in[i] == '-') {
        return number;
      } else {
        digits = 0;
        number = 0;
      }
    }
    return -1;
  }

  /** What the rules and the landing take from {@code traits}. */
  private final class Traits {
    private static final String NAME = "name";
    private static final String EMAIL = "email";
    private static final String BILLING_USER_ID = "billingUserId";
    private static final String BILLING_ID = "billingId";
    private static final String DOMAIN = "domain";

    private final boolean landing;
    private Raw name = Raw.ABSENT;
    private Raw email = Raw.ABSENT;
    private Raw billingUserId = Raw.ABSENT;
    private Raw billingId = Raw.ABSENT;
    private Raw domain = Raw.ABSENT;
    private long hash;
    private boolean notObject;
    private boolean cut;
    private byte @Nullable [] landed;
    private Set<String> columns = Set.of();

    Traits(boolean landing) {
      this.landing = landing;
    }

    void read(Message message) throws JsonCursor.Malformed {
      Message.Span span = message.traits;
      var cursor = new JsonCursor(message.in, span.from, span.to);
      if (cursor.peek() != '{') {
        notObject = cursor.peek() != 'n';
        hash = notObject ? Content.value(cursor) : 0;
        return;
      }
      if (landing) {
        SegmentEvents.this.landing.begin(span.to - span.from);
      }
      cursor.open('{');
      long sum = 0;
      for (boolean first = true; cursor.nextKey(first); first = false) {
        long key = Content.string(cursor);
        if (cursor.textIs(NAME)) {
          int from = cursor.at;
          name = Message.raw(cursor);
          sum += Content.member(key, again(cursor, from));
        } else if (cursor.textIs(EMAIL)) {
          int from = cursor.at;
          email = Message.raw(cursor);
          sum += Content.member(key, again(cursor, from));
        } else if (cursor.textIs(BILLING_USER_ID)) {
          int from = cursor.at;
          billingUserId = Message.raw(cursor);
          sum += Content.member(key, again(cursor, from));
        } else if (cursor.textIs(BILLING_ID)) {
          int from = cursor.at;
          billingId = Message.raw(cursor);
          sum += Content.member(key, again(cursor, from));
        } else if (landing) {
          int from = cursor.at;
          SegmentEvents.this.landing.add(cursor, key);
          sum += Content.member(key, again(cursor, from));
        } else if (cursor.textIs(DOMAIN)) {
          int from = cursor.at;
          domain = Message.raw(cursor);
          sum += Content.member(key, again(cursor, from));
        } else {
          sum += Content.member(key, Content.value(cursor));
        }
      }
      hash = Content.object(sum);
      if (landing) {
        landed = SegmentEvents.this.landing.traits();
        columns = SegmentEvents.this.landing.names();
        cut = SegmentEvents.this.landing.wasCut();
      }
    }

    /** The hash of the value from {@code from} to the cursor. */
    private static long again(JsonCursor cursor, int from) throws JsonCursor.Malformed {
      cursor.at = from;
      return Content.value(cursor);
    }
  }
}
