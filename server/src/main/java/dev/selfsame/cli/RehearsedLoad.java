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
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What products send and ask: events, half of them new users, the rest changes, repeats, aliases,
 * groups and tracks, in batches and alone; look-ups of these users; notes of them; and a tool's
 * export. Over plain sockets, so that the program's own work is most of what there is to see.
 */
final class RehearsedLoad {
  private static final int CONNECTIONS = 16;
  private static final int BATCH = 100;
  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(100);

  private static final Pattern LANDING = Pattern.compile("\"id\":\"([0-9a-f-]{36})\"");
  private static final Pattern GOES_ON =
      Pattern.compile("\"state\":\"(waiting|landing|deciding)\"");

  private final URI hub;
  private final Duration longest;
  private final SplittableRandom[] random = new SplittableRandom[CONNECTIONS];

  /** Of each connection the users that it spoke of. */
  private final List<List<String>> known = new ArrayList<>();

  /**
   * @param longest how long each kind of requests is sent at most
   */
  RehearsedLoad(URI hub, Duration longest) {
    this.hub = hub;
    this.longest = longest;
    for (int connection = 0; connection < CONNECTIONS; connection++) {
      random[connection] = new SplittableRandom(connection);
      known.add(new ArrayList<>());
    }
  }

  /** Makes the next request of a connection. */
  @FunctionalInterface
  private interface Next {
    byte[] request(SplittableRandom random, List<String> known);
  }

  /**
   * Sends so many events in batches, or as many as there is time for; returns how many were taken.
   */
  long batches(String writeKey, long events) throws InterruptedException {
    String authorization = basic(writeKey);
    return BATCH
        * send(
            events / BATCH,
            (random, known) -> post("/v1/batch", authorization, batch(random, known)));
  }

  /** The same, each event in a request of its own. */
  long alone(String writeKey, long events) throws InterruptedException {
    String authorization = basic(writeKey);
    return send(
        events, (random, known) -> post("/v1/identify", authorization, identify(random, known)));
  }

  /** Looks up so many users that the events spoke of. */
  long lookUps(String token, long calls) throws InterruptedException {
    return send(
        calls,
        (random, known) -> {
          String user = one(random, known);
          return request(
              "GET",
              switch (random.nextInt(3)) {
                case 0 -> "/api/lookup?identifier=external_id:" + user;
                case 1 -> "/api/users?externalId=" + user;
                default ->
                    "/v1/spaces/default/collections/users/profiles/user_id:" + user + "/traits";
              },
              "Bearer " + token,
              "");
        });
  }

  /** Sends so many notes of the users that the events spoke of. */
  long notes(String token, long notes) throws InterruptedException {
    return send(
        notes,
        (random, known) ->
            post(
                "/api/insights/rehearsal/notes",
                "Bearer " + token,
                """
                {"title":"Slow","content":"It is slow since %d.","user":{"external_id":"%s"},"source":{"record_id":"%x"}}\
                """
                    .formatted(random.nextInt(2_000), one(random, known), random.nextLong())));
  }

  /**
   * Lands so many people of a tool, some of whom the events spoke of, and as many rows of another
   * table; returns how many rows landed.
   */
  long rows(String token, int people) throws InterruptedException {
    StringBuilder users = new StringBuilder("id,name,email,external_id,created_at\n");
    StringBuilder tickets = new StringBuilder("id,requester_id,subject,status,created_at\n");
    for (int i = 0; i < people; i++) {
      SplittableRandom dice = random[0];
      String user = dice.nextInt(3) == 0 ? "" : one(dice, known.get(i % CONNECTIONS));
      users.append(
          "%d,Ann %x,%x@example.org,%s,2026-03-%02dT12:30:00Z%n"
              .formatted(i, i, dice.nextLong(), user, 1 + i % 28));
      tickets.append("%d,%d,It is slow,open,2026-03-%02dT12:30:00Z%n".formatted(i, i, 1 + i % 28));
    }
    return land(token, "zendesk.users", users.toString())
            && land(token, "zendesk.tickets", tickets.toString())
        ? 2L * people
        : 0;
  }

  /** Whether the rows landed in time. */
  private boolean land(String token, String table, String csv) throws InterruptedException {
    String path = "/api/landings?format=csv&table=" + table;
    String authorization = "Bearer " + token;
    long end = System.nanoTime() + longest.toNanos();
    try (Socket socket = new Socket(hub.getHost(), hub.getPort())) {
      OutputStream out = socket.getOutputStream();
      InputStream in = new BufferedInputStream(socket.getInputStream());
      out.write(post(path, authorization, csv));
      Matcher landing = LANDING.matcher(readAnswer(in));
      if (!landing.find()) {
        return false;
      }
      byte[] look = request("GET", "/api/landings/" + landing.group(1), authorization, "");
      while (System.nanoTime() < end) {
        Thread.sleep(BETWEEN_LOOKS);
        out.write(look);
        String answer = readAnswer(in);
        if (!GOES_ON.matcher(answer).find()) {
          return answer.contains("\"state\":\"done\"");
        }
      }
    } catch (IOException e) {
      // As above: it has shown less.
      return false;
    }
    return false;
  }

  private long send(long requests, Next next) throws InterruptedException {
    AtomicLong left = new AtomicLong(requests);
    AtomicLong answered = new AtomicLong();
    long end = System.nanoTime() + longest.toNanos();
    List<Thread> senders = new ArrayList<>();
    for (int i = 0; i < CONNECTIONS; i++) {
      int connection = i;
      senders.add(
          Thread.ofPlatform().daemon().start(() -> send(connection, next, left, answered, end)));
    }
    for (Thread sender : senders) {
      sender.join();
    }
    return answered.get();
  }

  private void send(int connection, Next next, AtomicLong left, AtomicLong answered, long end) {
    try (Socket socket = new Socket(hub.getHost(), hub.getPort())) {
      socket.setTcpNoDelay(true);
      OutputStream out = socket.getOutputStream();
      InputStream in = new BufferedInputStream(socket.getInputStream());
      while (System.nanoTime() < end && left.getAndDecrement() > 0) {
        out.write(next.request(random[connection], known.get(connection)));
        out.flush();
        readAnswer(in);
        answered.incrementAndGet();
      }
    } catch (IOException e) {
      // A rehearsal that ends early has shown less, and that is all.
    }
  }

  private static String basic(String writeKey) {
    return "Basic " + Base64.getEncoder().encodeToString((writeKey + ":").getBytes(UTF_8));
  }

  private static String one(SplittableRandom random, List<String> known) {
    return known.isEmpty() ? "nobody" : known.get(random.nextInt(known.size()));
  }

  private static String batch(SplittableRandom random, List<String> known) {
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
    return body.toString();
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
    return event(random, type, one(random, known), fields);
  }

  private static String event(SplittableRandom random, String type, String user, String fields) {
    return """
    {"type":"%s","userId":"%s",%s,"messageId":"node-next-%d-%016x","timestamp":"%s",\
    "context":{"library":{"name":"@segment/analytics-node","version":"3.1.0"}},"_metadata":{"nodeVersion":"24.1.0"}}\
    """
        .formatted(
            type, user, fields, System.currentTimeMillis(), random.nextLong(), Instant.now());
  }

  private byte[] post(String path, String authorization, String body) {
    return request("POST", path, authorization, body);
  }

  private byte[] request(String method, String path, String authorization, String body) {
    byte[] bytes = body.getBytes(UTF_8);
    byte[] head =
        """
        %s %s HTTP/1.1\r
        Host: %s\r
        Authorization: %s\r
        Content-Type: application/json\r
        Content-Length: %d\r
        \r
        """
            .formatted(method, path, hub.getAuthority(), authorization, bytes.length)
            .getBytes(ISO_8859_1);
    byte[] whole = new byte[head.length + bytes.length];
    System.arraycopy(head, 0, whole, 0, head.length);
    System.arraycopy(bytes, 0, whole, head.length, bytes.length);
    return whole;
  }

  /** Every answer here says how long it is. */
  private static String readAnswer(InputStream in) throws IOException {
    int length = 0;
    String status = line(in);
    for (String line = line(in); !line.isEmpty(); line = line(in)) {
      String lower = line.toLowerCase(Locale.ROOT);
      if (lower.startsWith("content-length:")) {
        length = Integer.parseInt(lower.substring("content-length:".length()).strip());
      }
    }
    byte[] body = in.readNBytes(length);
    if (!status.startsWith("HTTP/1.1 20")) {
      throw new IOException(status);
    }
    return new String(body, UTF_8);
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
