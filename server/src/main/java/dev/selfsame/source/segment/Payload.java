package dev.selfsame.source.segment;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A message as the ledger keeps it: byte for byte as sent, without its write key, which is a
 * secret, and with what only the request around it said, so that it can be read again alone.
 */
final class Payload {

  private static final byte[] NOTHING = {};
  private static final byte[] SENT_AT = ascii("\"sentAt\":");
  private static final byte[] NULL = ascii("null");
  private static final byte[] CONTEXT = ascii("\"context\":");
  private static final byte[] INTEGRATIONS = ascii("\"integrations\":");

  /** Bytes that take the place of those from {@code from} to {@code to}. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Edit(int from, int to, byte[] bytes) {}

  private final Message message;
  private List<Edit> edits = List.of();
  private final ByteSink end = new ByteSink(64);
  private boolean members;

  private Payload(Message message) {
    this.message = message;
    this.members = message.members > message.writeKeys.length / 2;
  }

  static byte[] of(Message message, Envelope envelope) throws JsonCursor.Malformed {
    var payload = new Payload(message);
    payload.cutWriteKeys();
    byte[] implied = envelope.impliedJson();
    if (message.type == null && implied != null) {
      payload.append(NOTHING, implied);
    }
    if (envelope.relayed()) {
      if (message.sentAtSent) {
        // It is about the way to Segment, not to here. Of a key twice the last counts, so that the
        // event has the same time when it is read again.
        payload.append(SENT_AT, NULL);
      }
    } else if (!message.sentAtSent && envelope.sentAtJson() != null) {
      payload.append(SENT_AT, envelope.sentAtJson());
    }
    payload.merge(CONTEXT, message.context, envelope.context());
    payload.merge(INTEGRATIONS, message.integrations, envelope.integrations());
    return payload.bytes();
  }

  /** Each with the comma after it, or, at the object's end, the one before it. */
  private void cutWriteKeys() {
    byte[] in = message.in;
    for (int i = 0; i < message.writeKeys.length; i += 2) {
      int from = message.writeKeys[i];
      int to = message.writeKeys[i + 1];
      int next = to;
      while (in[next] <= ' ' && in[next] >= 0) {
        next++;
      }
      if (in[next] == ',') {
        to = next + 1;
      } else {
        from = commaBefore(from);
      }
      edit(new Edit(from, to, NOTHING));
    }
  }

  private void edit(Edit edit) {
    if (edits.isEmpty()) {
      edits = new ArrayList<>(4);
    }
    edits.add(edit);
  }

  /**
   * The comma before the member at {@code from}, and before those just cut; or {@code from} itself.
   */
  private int commaBefore(int from) {
    int member = from;
    for (int i = edits.size() - 1; i >= 0; i--) {
      if (onlySpace(edits.get(i).to(), member)) {
        member = edits.get(i).from();
      }
    }
    int before = member - 1;
    while (message.in[before] <= ' ' && message.in[before] >= 0) {
      before--;
    }
    return message.in[before] == ',' ? before : member;
  }

  private boolean onlySpace(int from, int to) {
    for (int i = from; i < to; i++) {
      if (message.in[i] > ' ' || message.in[i] < 0) {
        return false;
      }
    }
    return true;
  }

  private void append(byte[] key, byte[] value) {
    if (members || end.size() > 0) {
      end.write(',');
    }
    end.write(key);
    end.write(value);
  }

  private void merge(byte[] key, Message.Span own, byte @Nullable [] common)
      throws JsonCursor.Malformed {
    if (common == null) {
      return;
    }
    byte[] in = message.in;
    if (!own.present()) {
      append(key, common);
    } else if (in[own.from] == 'n') {
      edit(new Edit(own.from, own.to, common));
    } else if (in[own.from] == '{') {
      byte[] missing = missing(new JsonCursor(in, own.from, own.to), common);
      edit(new Edit(own.to - 1, own.to - 1, missing));
    }
  }

  /**
   * The members of {@code common} that the object at the cursor lacks, as they are written behind
   * its own.
   */
  private static byte[] missing(JsonCursor own, byte[] common) throws JsonCursor.Malformed {
    Set<String> keys = new HashSet<>();
    own.open('{');
    for (boolean first = true; own.nextKey(first); first = false) {
      keys.add(own.text());
      own.skipValue();
    }
    boolean comma = !keys.isEmpty();
    var out = new ByteSink(common.length);
    var cursor = new JsonCursor(common, 0, common.length);
    cursor.open('{');
    for (boolean first = true; cursor.nextKey(first); first = false) {
      boolean missing = !keys.contains(cursor.text());
      int from = cursor.keyAt;
      cursor.skipValue();
      if (missing) {
        if (comma) {
          out.write(',');
        }
        comma = true;
        out.write(common, from, cursor.at - from);
      }
    }
    return out.toByteArray();
  }

  private byte[] bytes() {
    byte[] in = message.in;
    int from = message.whole.from;
    int last = message.whole.to - 1;
    if (edits.isEmpty()) {
      byte[] out = Arrays.copyOfRange(in, from, from + last - from + end.size() + 1);
      System.arraycopy(end.toByteArray(), 0, out, last - from, end.size());
      out[out.length - 1] = '}';
      return out;
    }
    edits.sort(Comparator.comparingInt(Edit::from));
    var out = new ByteSink(last - from + end.size() + 256);
    int copied = from;
    for (Edit edit : edits) {
      int start = Math.max(edit.from(), copied);
      out.write(in, copied, start - copied);
      out.write(edit.bytes());
      copied = Math.max(edit.to(), copied);
    }
    out.write(in, copied, last - copied);
    out.write(end.toByteArray());
    out.write('}');
    return out.toByteArray();
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
