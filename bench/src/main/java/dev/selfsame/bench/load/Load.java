package dev.selfsame.bench.load;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongUnaryOperator;
import java.util.stream.Collectors;

/**
 * The process that sends. Its commands, one a line on stdin:
 *
 * <ul>
 *   <li>{@code closed SECONDS AHEAD}: every connection sends its next request when the last is
 *       answered; so many events are made before the clock starts
 *   <li>{@code open SECONDS RATE}: so many requests a second, whether the hub keeps up or not;
 *       latency counts from when a request was due
 *   <li>{@code quit}
 * </ul>
 *
 * It says {@code ready}, waits for {@code go}, and answers with a line of {@link Measured}.
 */
public final class Load {

  private static final String SUCCESS = "{\"success\":true}";
  private static final long SECOND = 1_000_000_000L;

  /** How long answers may still come in after the window. */
  private static final long DRAIN = 60 * SECOND;

  private final Selector selector;
  private final List<Line> lines = new ArrayList<>();

  private long[] latencies = new long[0];
  private int requests;
  private long events;
  private final long[] kinds = new long[4];
  private long refused;
  private long wrong;
  private String firstWrong = "";
  private long made;
  private int waiting;
  private int again;
  private int[] perSecond = new int[0];

  private Load(
      InetSocketAddress hub, String writeKey, long users, int connections, int batch, long seed)
      throws IOException {
    selector = Selector.open();
    for (int connection = 0; connection < connections; connection++) {
      String host = hub.getHostString() + ":" + hub.getPort();
      lines.add(
          new Line(
              hub,
              selector,
              new Mixture(host, writeKey, users, connections, connection, batch, seed)));
    }
  }

  /** HOST PORT USERS CONNECTIONS BATCH SEED; the write key comes in SELFSAME_WRITE_KEY. */
  public static void main(String[] args) throws IOException {
    String writeKey = System.getenv("SELFSAME_WRITE_KEY");
    if (writeKey == null || args.length != 6) {
      throw new IllegalArgumentException("This is started by bench.");
    }
    var hub = new InetSocketAddress(args[0], Integer.parseInt(args[1]));
    var load =
        new Load(
            hub,
            writeKey,
            Long.parseLong(args[2]),
            Integer.parseInt(args[3]),
            Integer.parseInt(args[4]),
            Long.parseLong(args[5]));
    var commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String command = commands.readLine();
        command != null && !command.equals("quit");
        command = commands.readLine()) {
      String[] words = command.split(" ", -1);
      double seconds = Double.parseDouble(words[1]);
      long number = Long.parseLong(words[2]);
      boolean open = words[0].equals("open");
      load.prepare(open ? (long) (number * seconds) : number);
      System.out.println("ready");
      if (!"go".equals(commands.readLine())) {
        return;
      }
      Measured measured = open ? load.open(seconds, number) : load.closed(seconds);
      System.out.println(measured.line());
    }
    for (Line line : load.lines) {
      line.close();
    }
  }

  private void prepare(long ahead) throws IOException {
    for (Line line : lines) {
      line.makeAhead(ahead / lines.size());
    }
    latencies = new long[1 << 16];
    requests = 0;
    events = 0;
    Arrays.fill(kinds, 0);
    refused = 0;
    wrong = 0;
    firstWrong = "";
    made = 0;
    // The garbage of making is not the run's.
    System.gc();
    for (Line line : lines) {
      line.connect();
    }
  }

  private Measured closed(double seconds) throws IOException {
    long start = begin(seconds);
    long end = start + (long) (seconds * SECOND);
    for (Line line : lines) {
      send(line, System.nanoTime());
    }
    while (waiting > 0 || again > 0) {
      long now = System.nanoTime();
      if (now > end + DRAIN) {
        throw new IOException("%d requests were not answered in time.".formatted(waiting));
      }
      resend(now);
      selector.select(again > 0 ? 10 : 100);
      for (Line line : answered(start, end)) {
        if (System.nanoTime() < end) {
          send(line, System.nanoTime());
        }
      }
    }
    return result(seconds);
  }

  private Measured open(double seconds, long rate) throws IOException {
    long start = begin(seconds);
    long end = start + (long) (seconds * SECOND);
    long count = (long) (seconds * rate);
    Deque<Line> idle = new ArrayDeque<>(lines);
    long sent = 0;
    while (sent < count || waiting > 0 || again > 0) {
      long now = System.nanoTime();
      if (now > end + DRAIN) {
        throw new IOException("%d requests were not answered in time.".formatted(waiting));
      }
      while (sent < count && !idle.isEmpty() && start + sent * SECOND / rate <= now) {
        Line line = idle.poll();
        send(line, start + sent * SECOND / rate);
        sent++;
      }
      resend(now);
      selector.selectNow();
      List<Line> free = answered(start, end + DRAIN);
      if (free.isEmpty()) {
        // Selecting with a time-out is too coarse, and spinning would take a core from the hub.
        LockSupport.parkNanos(50_000);
      }
      idle.addAll(free);
    }
    return result((System.nanoTime() - start) / (double) SECOND);
  }

  private long begin(double seconds) {
    perSecond = new int[(int) Math.ceil(seconds) + 1];
    waiting = 0;
    again = 0;
    return System.nanoTime();
  }

  private void send(Line line, long since) throws IOException {
    if (!line.hasAhead()) {
      made++;
    }
    line.send(since);
    waiting++;
  }

  private void resend(long now) throws IOException {
    if (again == 0) {
      return;
    }
    for (Line line : lines) {
      if (line.againAt != 0 && line.againAt <= now) {
        again--;
        waiting++;
        line.resend();
      }
    }
  }

  /** Takes the answers that have come; returns the connections that are free. */
  private List<Line> answered(long start, long end) throws IOException {
    List<Line> free = new ArrayList<>();
    for (SelectionKey key : selector.selectedKeys()) {
      Line line = (Line) key.attachment();
      if (key.isWritable()) {
        line.write();
      }
      if (key.isReadable()) {
        Line.Answer answer = line.read();
        Body body = line.current();
        if (answer != null && body != null) {
          take(line, body, answer, start, end);
          if (line.againAt == 0) {
            free.add(line);
          }
        }
      }
    }
    selector.selectedKeys().clear();
    return free;
  }

  private void take(Line line, Body body, Line.Answer answer, long start, long end) {
    long now = System.nanoTime();
    waiting--;
    if (answer.status() == 429 || answer.status() == 503) {
      refused++;
      again++;
      line.againAt = now + Math.max(1, answer.retryAfter()) * SECOND;
      return;
    }
    line.answered();
    if (answer.status() != 200 || !answer.body().equals(SUCCESS)) {
      if (wrong++ == 0) {
        firstWrong =
            answer.status()
                + " "
                + answer.body().substring(0, Math.min(500, answer.body().length()));
      }
      return;
    }
    kinds[0] += body.created();
    kinds[1] += body.updated();
    kinds[2] += body.adopted();
    kinds[3] += body.repeated();
    if (now <= end) {
      events += body.events();
      if (requests == latencies.length) {
        latencies = Arrays.copyOf(latencies, 2 * requests);
      }
      latencies[requests++] = now - line.since;
      int second = (int) ((now - start) / SECOND);
      if (second < perSecond.length) {
        perSecond[second] += body.events();
      }
    }
  }

  private Measured result(double seconds) {
    LongUnaryOperator latency = Measured.percentiles(Arrays.copyOf(latencies, requests));
    return new Measured(
        seconds,
        events,
        requests,
        Arrays.stream(kinds).sum(),
        kinds[0],
        kinds[1],
        kinds[2],
        kinds[3],
        refused,
        wrong,
        firstWrong,
        made,
        latency.applyAsLong(500),
        latency.applyAsLong(950),
        latency.applyAsLong(990),
        latency.applyAsLong(1_000),
        Arrays.stream(perSecond).mapToObj(Integer::toString).collect(Collectors.joining(",")));
  }
}
