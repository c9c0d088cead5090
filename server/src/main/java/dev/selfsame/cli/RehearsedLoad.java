package dev.selfsame.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Events as products send them: half of them new users, the rest changes, repeats, aliases, groups
 * and tracks; in batches and alone. Over plain sockets, so that the program's own work is most of
 * what there is to see.
 */
final class RehearsedLoad {
  private static final int CONNECTIONS = 16;
  private static final int BATCH = 100;

  private final URI hub;
  private final String authorization;
  private final int each;
  private final AtomicLong left;
  private final AtomicLong taken = new AtomicLong();
  private final long end;

  private RehearsedLoad(URI hub, String writeKey, int each, long events, Duration longest) {
    this.hub = hub;
    this.each = each;
    this.authorization =
        "Basic " + Base64.getEncoder().encodeToString((writeKey + ":").getBytes(UTF_8));
    this.left = new AtomicLong(events);
    this.end = System.nanoTime() + longest.toNanos();
  }

  /**
   * Sends so many events in batches, or as many as there is time for; returns how many were taken.
   */
  static long batches(URI hub, String writeKey, long events, Duration longest)
      throws InterruptedException {
    return send(new RehearsedLoad(hub, writeKey, BATCH, events, longest));
  }

  /** The same, each event in a request of its own. */
  static long alone(URI hub, String writeKey, long events, Duration longest)
      throws InterruptedException {
    return send(new RehearsedLoad(hub, writeKey, 1, events, longest));
  }

  private static long send(RehearsedLoad load) throws InterruptedException {
    List<Thread> senders = new ArrayList<>();
    for (int i = 0; i < CONNECTIONS; i++) {
      int connection = i;
      senders.add(Thread.ofPlatform().daemon().start(() -> load.send(connection)));
    }
    for (Thread sender : senders) {
      sender.join();
    }
    return load.taken.get();
  }

  private void send(int connection) {
    SplittableRandom random = new SplittableRandom(connection);
    List<String> known = new ArrayList<>();
    try (Socket socket = new Socket(hub.getHost(), hub.getPort())) {
      socket.setTcpNoDelay(true);
      OutputStream out = socket.getOutputStream();
      InputStream in = new BufferedInputStream(socket.getInputStream());
      while (System.nanoTime() < end && left.getAndAdd(-each) > 0) {
        out.write(each == 1 ? single(random, known) : batch(random, known));
        out.flush();
        readAnswer(in);
        taken.addAndGet(each);
      }
    } catch (IOException e) {
      // A rehearsal that ends early has shown less, and that is all.
    }
  }

  private byte[] single(SplittableRandom random, List<String> known) {
    return request("/v1/identify", identify(random, known));
  }

  private byte[] batch(SplittableRandom random, List<String> known) {
    StringBuilder body = new StringBuilder("{\"batch\":[");
    String repeated = null;
    for (int i = 0; i < BATCH; i++) {
      body.append(i == 0 ? "" : ",");
      int dice = random.nextInt(100);
      if (repeated != null && dice < 5) {
        body.append(repeated);
        continue;
      }
      String event =
          switch (dice) {
            case 5 -> other(random, known, "track", "\"event\":\"Order Completed\"");
            case 6 -> other(random, known, "group", "\"groupId\":\"g" + random.nextInt(50) + "\"");
            case 7 -> other(random, known, "alias", "\"previousId\":\"old" + i + "\"");
            default -> identify(random, known);
          };
      repeated = event;
      body.append(event);
    }
    body.append("],\"sentAt\":\"").append(Instant.now()).append("\"}");
    return request("/v1/batch", body.toString());
  }

  private static String identify(SplittableRandom random, List<String> known) {
    boolean isNew = known.isEmpty() || random.nextInt(10) < 6;
    String user;
    if (isNew) {
      user = "user%016x".formatted(random.nextLong());
      known.add(user);
    } else {
      user = known.get(random.nextInt(known.size()));
    }
    StringBuilder traits = new StringBuilder("\"name\":\"Ann %x\"".formatted(random.nextInt()));
    if (isNew || random.nextInt(10) == 0) {
      traits.append(",\"email\":\"%x@example.com\"".formatted(random.nextLong()));
    }
    if (!isNew && random.nextInt(5) == 0) {
      traits.append(",\"billingUserId\":\"cus_%x\"".formatted(random.nextLong()));
    }
    traits.append(",\"plan\":\"pro\",\"seats\":%d".formatted(random.nextInt(100)));
    return event(random, "identify", user, "\"traits\":{" + traits + "}");
  }

  private static String other(
      SplittableRandom random, List<String> known, String type, String fields) {
    String user = known.isEmpty() ? "nobody" : known.get(random.nextInt(known.size()));
    return event(random, type, user, fields);
  }

  private static String event(SplittableRandom random, String type, String user, String fields) {
    return """
    {"type":"%s","userId":"%s",%s,"messageId":"node-next-%d-%016x","timestamp":"%s",\
    "context":{"library":{"name":"@segment/analytics-node","version":"3.1.0"}},"_metadata":{"nodeVersion":"24.1.0"}}\
    """
        .formatted(
            type, user, fields, System.currentTimeMillis(), random.nextLong(), Instant.now());
  }

  private byte[] request(String path, String body) {
    byte[] bytes = body.getBytes(UTF_8);
    byte[] head =
        """
        POST %s HTTP/1.1\r
        Host: %s\r
        Authorization: %s\r
        Content-Type: application/json\r
        Content-Length: %d\r
        \r
        """
            .formatted(path, hub.getAuthority(), authorization, bytes.length)
            .getBytes(ISO_8859_1);
    byte[] whole = new byte[head.length + bytes.length];
    System.arraycopy(head, 0, whole, 0, head.length);
    System.arraycopy(bytes, 0, whole, head.length, bytes.length);
    return whole;
  }

  /** Every answer of the Tracking API says how long it is. */
  private static void readAnswer(InputStream in) throws IOException {
    int length = 0;
    String status = line(in);
    for (String line = line(in); !line.isEmpty(); line = line(in)) {
      String lower = line.toLowerCase(Locale.ROOT);
      if (lower.startsWith("content-length:")) {
        length = Integer.parseInt(lower.substring("content-length:".length()).strip());
      }
    }
    in.skipNBytes(length);
    if (!status.startsWith("HTTP/1.1 200")) {
      throw new IOException(status);
    }
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int next = in.read(); next != '\n'; next = in.read()) {
      if (next < 0) {
        throw new EOFException();
      }
      if (next != '\r') {
        line.append((char) next);
      }
    }
    return line.toString();
  }
}
