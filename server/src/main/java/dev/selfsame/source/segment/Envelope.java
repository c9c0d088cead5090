package dev.selfsame.source.segment;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * What a request says about all of its messages.
 *
 * @param implied the type that the path names, for messages that name none
 * @param sentAt when the caller's clock says the request was sent; {@link IsoTime#UNREADABLE} if it
 *     does not
 * @param sentAtJson the same as it was sent, to be kept with each message; null if there is none
 * @param context JSON object to be merged under each message's own; null if there is none
 * @param integrations likewise
 * @param relayed whether Segment took the messages from their senders and passes them on: it has
 *     corrected their time already (G4)
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Envelope(
    @Nullable Type implied,
    long sentAt,
    byte @Nullable [] sentAtJson,
    byte @Nullable [] context,
    byte @Nullable [] integrations,
    boolean relayed) {

  /**
   * A batch's own context is copied into each of its messages: a large one would make a small
   * request a large one. The SDKs' has about 100 bytes.
   */
  static final int MOST_COPIED = 4 * 1024;

  static final Envelope NONE = new Envelope(null, IsoTime.UNREADABLE, null, null, null, false);

  /** Of a webhook. */
  static final Envelope RELAYED = new Envelope(null, IsoTime.UNREADABLE, null, null, null, true);

  static Envelope implying(Type type) {
    return new Envelope(type, IsoTime.UNREADABLE, null, null, null, false);
  }

  byte @Nullable [] impliedJson() {
    return implied == null
        ? null
        : ("\"type\":\"" + implied.sent() + "\"").getBytes(StandardCharsets.US_ASCII);
  }
}
