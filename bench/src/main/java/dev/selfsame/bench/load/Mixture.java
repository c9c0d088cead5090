package dev.selfsame.bench.load;

import dev.selfsame.bench.People;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.SplittableRandom;

/**
 * Makes the requests of one connection: half of the events are new users, 40 % change the name of a
 * known one (of these 20 % with a billing id, 10 % with another email), 5 % are imports that sign
 * up, 5 % were sent before. Every person belongs to one connection, so that the order of what is
 * said of them is known although the connections run side by side.
 */
final class Mixture {

  private static final int CREATED = 50;
  private static final int UPDATED = CREATED + 40;
  private static final int ADOPTED = UPDATED + 5;
  private static final int WITH_BILLING_ID = 20;
  private static final int WITH_NEW_EMAIL = 10;

  /** From how many earlier events the repeats are chosen. */
  private static final int REMEMBERED = 1_000;

  /** Coprime to any number of imports that is not a multiple of it: spreads them over the store. */
  private static final long STRIDE = 1_000_000_007L;

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Sent(byte[] request, int from, int to) {}

  private final long users;
  private final int connections;
  private final int connection;
  private final int batch;
  private final String writeKey;
  private final String head;
  private final SplittableRandom random;

  /**
   * How often each person's email was changed; the index is the person's turn on this connection.
   */
  private final byte[] emailChanges;

  private final Sent[] sent = new Sent[REMEMBERED];
  private int sentCount;
  private long created;
  private long imports;
  private long events;

  private final StringBuilder body = new StringBuilder(1 << 16);
  private int[] from = new int[128];
  private int[] to = new int[128];
  private String now = "";
  private long nowMillis = -1;

  /**
   * @param users those in the store from the start, numbered from 1
   * @param batch events of a request; 1: a request to {@code /v1/identify}
   */
  Mixture(
      String host,
      String writeKey,
      long users,
      int connections,
      int connection,
      int batch,
      long seed) {
    this.users = users;
    this.connections = connections;
    this.connection = connection;
    this.batch = batch;
    this.writeKey = writeKey;
    this.random = new SplittableRandom(People.mix(seed * 1_000 + connection));
    this.emailChanges = new byte[(int) (users / connections) + 1];
    this.from = new int[batch];
    this.to = new int[batch];
    String basic =
        Base64.getEncoder().encodeToString((writeKey + ":").getBytes(StandardCharsets.UTF_8));
    this.head =
        "POST %s HTTP/1.1\r\nHost: %s\r\nAuthorization: Basic %s\r\nContent-Type: application/json\r\n"
                .formatted(batch == 1 ? "/v1/identify" : "/v1/batch", host, basic)
            + "User-Agent: analytics-node-next/latest\r\nContent-Length: ";
  }

  /** Makes the next request. */
  Body next() {
    body.setLength(0);
    tick();
    int[] counts = new int[4];
    if (batch > 1) {
      body.append("{\"batch\":[");
    }
    for (int i = 0; i < batch; i++) {
      if (i > 0) {
        body.append(',');
      }
      from[i] = body.length();
      counts[event(batch == 1)]++;
      to[i] = body.length();
    }
    if (batch > 1) {
      body.append("],\"writeKey\":\"").append(writeKey);
      body.append("\",\"sentAt\":\"").append(now).append("\"}");
    }
    String start = head + body.length() + "\r\n\r\n";
    byte[] request = (start + body).getBytes(StandardCharsets.ISO_8859_1);
    for (int i = 0; i < batch; i++) {
      sent[sentCount++ % REMEMBERED] =
          new Sent(request, start.length() + from[i], start.length() + to[i]);
    }
    return new Body(request, counts[0], counts[1], counts[2], counts[3]);
  }

  /** Writes one event and says which kind it is: 0 new, 1 update, 2 adopted, 3 repeat. */
  private int event(boolean alone) {
    int dice = random.nextInt(100);
    if (dice >= ADOPTED && sentCount > 0) {
      // Only requests before this one: they have been answered by the time this is sent.
      Sent earlier = sent[random.nextInt(Math.min(sentCount, REMEMBERED))];
      body.append(
          new String(
              earlier.request(),
              earlier.from(),
              earlier.to() - earlier.from(),
              StandardCharsets.ISO_8859_1));
      return 3;
    }
    if (dice >= UPDATED && dice < ADOPTED) {
      long number = nextImport();
      if (number > 0) {
        write(number, 0, 0, false, true, alone);
        return 2;
      }
    }
    if (dice < CREATED || users < 20L * connections) {
      long number = users + 1 + created++ * connections + connection;
      write(number, 0, 0, false, true, alone);
      return 0;
    }
    int turn;
    long number;
    do {
      turn = random.nextInt(emailChanges.length);
      number = (long) turn * connections + connection + 1;
    } while (number > users || People.imported(number));
    boolean newEmail = random.nextInt(100) < WITH_NEW_EMAIL;
    if (newEmail) {
      // Sixteen addresses take turns: none is another's, and each differs from the one before.
      emailChanges[turn] = (byte) ((emailChanges[turn] + 1) % 16);
    }
    write(
        number, emailChanges[turn], ++events, random.nextInt(100) < WITH_BILLING_ID, false, alone);
    return 1;
  }

  /** The next of this connection's imports that has not signed up; 0 when all have. */
  private long nextImport() {
    long count = users / People.IMPORT_EVERY;
    long turn = imports * connections + connection;
    if (turn >= count) {
      return 0;
    }
    imports++;
    return (turn * STRIDE % count + 1) * People.IMPORT_EVERY;
  }

  private void write(
      long number,
      int emailChange,
      long nameChange,
      boolean billing,
      boolean first,
      boolean alone) {
    StringBuilder to = body;
    to.append("{\"timestamp\":\"").append(now);
    to.append("\",\"integrations\":{},\"type\":\"identify\",\"userId\":\"");
    People.externalId(to, number);
    to.append("\",\"traits\":{\"email\":\"");
    People.email(to, number, emailChange);
    to.append("\",\"name\":\"");
    People.name(to, number, nameChange == 0 ? 0 : nameChange * connections + connection + 1);
    if (billing) {
      to.append("\",\"billingUserId\":\"");
      People.billingId(to, number);
    }
    if (first) {
      to.append("\",\"referral_source\":\"").append(People.referral(number));
    }
    to.append("\",\"plan\":\"").append(first ? "free" : "pro");
    to.append(
        "\"},\"context\":{\"library\":{\"name\":\"@segment/analytics-node\",\"version\":\"3.1.0\"}},");
    to.append("\"messageId\":\"node-next-").append(nowMillis).append('-');
    uuid(to);
    to.append("\",\"_metadata\":{\"nodeVersion\":\"24.11.1\",\"jsRuntime\":\"node\"}");
    if (alone) {
      to.append(",\"writeKey\":\"")
          .append(writeKey)
          .append("\",\"sentAt\":\"")
          .append(now)
          .append('"');
    }
    to.append('}');
  }

  private void uuid(StringBuilder to) {
    long high = random.nextLong();
    long low = random.nextLong();
    People.hex(to, high >>> 32, 8);
    to.append('-');
    People.hex(to, high >>> 16, 4);
    to.append("-4");
    People.hex(to, high, 3);
    to.append("-a");
    People.hex(to, low >>> 48, 3);
    to.append('-');
    People.hex(to, low, 12);
  }

  private void tick() {
    long millis = System.currentTimeMillis();
    if (millis != nowMillis) {
      nowMillis = millis;
      String text = Instant.ofEpochMilli(millis - Math.floorMod(millis, 1_000L)).toString();
      now = "%s.%03dZ".formatted(text.substring(0, 19), Math.floorMod(millis, 1_000L));
    }
  }
}
