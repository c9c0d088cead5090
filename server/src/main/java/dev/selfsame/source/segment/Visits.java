package dev.selfsame.source.segment;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.selfsame.intake.Submission.Visit;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Reads from page and screen events what lands of them in {@code segment.pages} and {@code
 * segment.screens}. Of the events of sources that do not land them nothing is read here.
 */
final class Visits {

  /** An id of so many characters fits into PostgreSQL's index, whatever they are. */
  private static final int LONGEST_ID = 400;

  /** The times that have one form for Java and PostgreSQL: years of four digits. */
  private static final Instant FIRST = Instant.parse("0001-01-01T00:00:00Z");

  private static final Instant LAST = Instant.parse("9999-12-31T23:59:59.999999Z");

  private static final List<String> PAGE_COLUMNS =
      List.of(
          "anonymous_id",
          "name",
          "category",
          "title",
          "url",
          "path",
          "referrer",
          "search",
          "context_ip",
          "context_user_agent",
          "context_locale",
          "context_campaign_name",
          "context_campaign_source",
          "context_campaign_medium");

  private static final List<String> SCREEN_COLUMNS =
      List.of(
          "anonymous_id",
          "name",
          "category",
          "title",
          "context_ip",
          "context_user_agent",
          "context_locale",
          "context_app_name",
          "context_app_version",
          "context_os_name",
          "context_os_version",
          "context_device_type");

  private static final String ORIGINAL_TIMESTAMP = "original_timestamp";

  /** What shows where the event itself does not say it. */
  private static final Map<String, String> ELSE =
      Map.of(
          "name", "properties.name",
          "category", "properties.category",
          "title", "page.title",
          "url", "page.url",
          "path", "page.path",
          "referrer", "page.referrer",
          "search", "page.search");

  /**
   * What is read of an object.
   *
   * @param texts what to call the text of a member
   * @param objects what is read of members that are objects
   */
  private record Wanted(Map<String, String> texts, Map<String, Wanted> objects) {
    void forget(Map<String, String> found) {
      found.keySet().removeAll(texts.values());
      objects.values().forEach(inner -> inner.forget(found));
    }
  }

  private static final Wanted CONTEXT =
      new Wanted(
          Map.of(
              "ip", "context_ip",
              "userAgent", "context_user_agent",
              "locale", "context_locale"),
          Map.of(
              "campaign",
              new Wanted(
                  Map.of(
                      "name", "context_campaign_name",
                      "source", "context_campaign_source",
                      "medium", "context_campaign_medium"),
                  Map.of()),
              "page",
              new Wanted(
                  Map.of(
                      "title", "page.title",
                      "url", "page.url",
                      "path", "page.path",
                      "referrer", "page.referrer",
                      "search", "page.search"),
                  Map.of()),
              "app",
              new Wanted(
                  Map.of("name", "context_app_name", "version", "context_app_version"), Map.of()),
              "os",
              new Wanted(
                  Map.of("name", "context_os_name", "version", "context_os_version"), Map.of()),
              "device",
              new Wanted(Map.of("type", "context_device_type"), Map.of())));

  private static final Wanted EVENT =
      new Wanted(
          Map.of(
              "anonymousId", "anonymous_id",
              "name", "name",
              "category", "category",
              "originalTimestamp", ORIGINAL_TIMESTAMP),
          Map.of(
              "properties",
              new Wanted(
                  Map.of(
                      "title", "title",
                      "url", "url",
                      "path", "path",
                      "referrer", "referrer",
                      "search", "search",
                      "name", "properties.name",
                      "category", "properties.category"),
                  Map.of())));

  private Visits() {}

  /**
   * The row of a page or screen event.
   *
   * @param at the event's time (G4)
   */
  static Visit of(Message message, Type type, Envelope envelope, long receivedAt, long at)
      throws JsonCursor.Malformed {
    Map<String, String> found = new HashMap<>();
    read(new JsonCursor(message.in, message.whole.from, message.whole.to), EVENT, found);
    readContext(message, envelope, found);
    ELSE.forEach((column, other) -> {
      String text = found.get(other);
      if (text != null) {
        found.putIfAbsent(column, text);
      }
    });
    boolean page = type == Type.PAGE;
    Map<String, String> columns = new LinkedHashMap<>();
    for (String column : page ? PAGE_COLUMNS : SCREEN_COLUMNS) {
      put(columns, column, found.get(column));
    }
    String original = found.get(ORIGINAL_TIMESTAMP);
    long originally = original == null ? IsoTime.UNREADABLE : micros(original);
    put(columns, "received_at", time(receivedAt));
    put(columns, "sent_at", time(message.sentAtSent ? message.sentAt : envelope.sentAt()));
    put(columns, "timestamp", time(at));
    put(
        columns,
        ORIGINAL_TIMESTAMP,
        time(originally == IsoTime.UNREADABLE ? message.timestamp : originally));
    return new Visit(page ? "pages" : "screens", id(message), message.userId, columns);
  }

  private static void readContext(Message message, Envelope envelope, Map<String, String> found)
      throws JsonCursor.Malformed {
    Message.Span own = message.context;
    boolean absent = !own.present() || message.in[own.from] == 'n';
    if (!absent && message.in[own.from] != '{') {
      return;
    }
    byte[] common = envelope.context();
    if (common != null) {
      read(new JsonCursor(common, 0, common.length), CONTEXT, found);
    }
    if (!absent) {
      // Whatever member it has takes the place of the common one.
      read(new JsonCursor(message.in, own.from, own.to), CONTEXT, found);
    }
  }

  /** Of a member sent twice the last counts. */
  private static void read(JsonCursor cursor, Wanted wanted, Map<String, String> found)
      throws JsonCursor.Malformed {
    cursor.open('{');
    for (boolean first = true; cursor.nextKey(first); first = false) {
      String key = cursor.text();
      Wanted object = wanted.objects().get(key);
      String name = wanted.texts().get(key);
      if (object != null) {
        object.forget(found);
        if (cursor.peek() == '{') {
          read(cursor, object, found);
          continue;
        }
      } else if (name != null) {
        String text = text(cursor);
        if (text == null) {
          found.remove(name);
        } else {
          found.put(name, text);
        }
        continue;
      }
      cursor.skipValue();
    }
  }

  /** The value at the cursor as text that can be stored; of lists and objects, as of null, none. */
  private static @Nullable String text(JsonCursor cursor) throws JsonCursor.Malformed {
    byte b = cursor.peek();
    int from = cursor.at;
    cursor.skipValue();
    return switch (b) {
      case '"' -> Repair.text(cursor.text());
      case 'n', '[', '{' -> null;
      default -> new String(cursor.in, from, cursor.at - from, UTF_8);
    };
  }

  /**
   * The messageId, or what stands for it where the index cannot take it, or two that are broken
   * would become one; where there is none, one made here.
   */
  private static String id(Message message) throws JsonCursor.Malformed {
    Message.Span span = message.messageId;
    String id = null;
    if (span.present()) {
      var cursor = new JsonCursor(message.in, span.from, span.to);
      switch (cursor.peek()) {
        case '"' -> {
          cursor.string();
          id = cursor.text();
        }
        case 'n', '[', '{', 't', 'f' -> {}
        default -> id = new String(message.in, span.from, span.to - span.from, UTF_8);
      }
    }
    if (id == null || id.isEmpty()) {
      return UUID.randomUUID().toString();
    }
    boolean fits = id.codePointCount(0, id.length()) <= LONGEST_ID;
    return fits && Repair.text(id).equals(id) ? id : "sha256:" + sha256(id);
  }

  private static String sha256(String text) {
    try {
      // Char by char: an encoder would make every half of a character the same.
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (int i = 0; i < text.length(); i++) {
        digest.update((byte) (text.charAt(i) >> 8));
        digest.update((byte) text.charAt(i));
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java has SHA-256", e);
    }
  }

  private static long micros(String text) {
    byte[] bytes = text.getBytes(UTF_8);
    return IsoTime.micros(bytes, 0, bytes.length);
  }

  /** As PostgreSQL reads it; null for one that is unreadable, or in no year of four digits. */
  private static @Nullable String time(long micros) {
    if (micros == IsoTime.UNREADABLE) {
      return null;
    }
    Instant time = Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    return time.isBefore(FIRST) || time.isAfter(LAST) ? null : time.toString();
  }

  private static void put(Map<String, String> columns, String column, @Nullable String value) {
    if (value != null) {
      columns.put(column, value);
    }
  }
}
