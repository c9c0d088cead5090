package dev.selfsame.bench.load;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongFunction;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Calls on connections that stay, each with one call at a time, by a thread each: as fast as they
 * are answered, or so many a second. With the least of Java between the socket and the clock.
 */
public final class Calls {

  /**
   * A call and what its answer must say.
   *
   * @param request whole, as it goes over the wire
   * @param status wanted
   * @param says that the answer's body must have
   */
  // Nobody compares calls.
  @SuppressWarnings("ArrayRecordComponent")
  public record Call(byte[] request, int status, String says) {

    public static Call get(String path, String token, String says) {
      return new Call(
          "GET %s HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer %s\r\n\r\n"
              .formatted(path, token)
              .getBytes(ISO_8859_1),
          200,
          says);
    }

    public static Call post(String path, String token, String body, int status, String says) {
      byte[] sent = body.getBytes(UTF_8);
      byte[] head =
          "POST %s HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
              .formatted(path, token, sent.length)
              .getBytes(ISO_8859_1);
      byte[] all = Arrays.copyOf(head, head.length + sent.length);
      System.arraycopy(sent, 0, all, head.length, sent.length);
      return new Call(all, status, says);
    }
  }

  /**
   * What a run saw.
   *
   * @param p50 microseconds from when a call was to be sent to the end of its answer; as are the
   *     others
   */
  public record Seen(double seconds, long calls, long p50, long p99, long max) {

    static Seen of(double seconds, long[] nanos) {
      LongUnaryOperator at = Measured.percentiles(nanos);
      return new Seen(
          seconds,
          nanos.length,
          at.applyAsLong(500),
          at.applyAsLong(990),
          Arrays.stream(nanos).max().orElse(0) / 1_000);
    }

    public double rate() {
      return calls / seconds;
    }
  }

  private final String host;
  private final int port;
  private final int connections;

  public Calls(String host, int port, int connections) {
    this.host = host;
    this.port = port;
    this.connections = connections;
  }

  /** Each connection calls when its last call is answered. */
  public Seen closed(double seconds, LongFunction<Call> calls) {
    return run(seconds, 0, calls);
  }

  /** So many calls a second; latencies count from when each was due. */
  public Seen open(double seconds, double rate, LongFunction<Call> calls) {
    return run(seconds, rate, calls);
  }

  private Seen run(double seconds, double rate, LongFunction<Call> calls) {
    long start = System.nanoTime() + 100_000_000;
    List<CompletableFuture<long[]>> running = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(connections)) {
      for (int i = 0; i < connections; i++) {
        int connection = i;
        running.add(
            CompletableFuture.supplyAsync(
                () -> connection(connection, start, (long) (seconds * 1e9), rate, calls), threads));
      }
      List<long[]> all = running.stream().map(CompletableFuture::join).toList();
      return Seen.of(seconds, all.stream().flatMapToLong(Arrays::stream).toArray());
    } catch (CompletionException e) {
      throw e.getCause() instanceof IllegalStateException wrong ? wrong : e;
    }
  }

  private long[] connection(
      int number, long start, long nanos, double rate, LongFunction<Call> calls) {
    long[] latencies = new long[1 << 12];
    int count = 0;
    try (Socket socket = new Socket(host, port)) {
      socket.setTcpNoDelay(true);
      InputStream in = new BufferedInputStream(socket.getInputStream(), 1 << 14);
      OutputStream out = socket.getOutputStream();
      for (long i = 0; ; i++) {
        long call = i * connections + number;
        long due =
            rate == 0 ? Math.max(start, System.nanoTime()) : start + (long) (call * 1e9 / rate);
        if (due - start > nanos) {
          return Arrays.copyOf(latencies, count);
        }
        while (System.nanoTime() < due) {
          LockSupport.parkNanos(due - System.nanoTime());
        }
        Call next = calls.apply(call);
        out.write(next.request());
        check(next, in);
        if (count == latencies.length) {
          latencies = Arrays.copyOf(latencies, count * 2);
        }
        latencies[count++] = System.nanoTime() - due;
      }
    } catch (IOException e) {
      throw new IllegalStateException("The connection broke off: " + e.getMessage(), e);
    }
  }

  private static void check(Call call, InputStream in) throws IOException {
    String status = line(in);
    int length = 0;
    for (String line = line(in); !line.isEmpty(); line = line(in)) {
      if (line.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
        length = Integer.parseInt(line.substring("content-length:".length()).strip());
      }
    }
    String body = new String(in.readNBytes(length), UTF_8);
    if (!status.startsWith("HTTP/1.1 " + call.status()) || !body.contains(call.says())) {
      throw new IllegalStateException(
          "%s was answered with %s %s; expected %d and %s"
              .formatted(first(call), status, body, call.status(), call.says()));
    }
  }

  private static String first(Call call) {
    String text = new String(call.request(), ISO_8859_1);
    return text.substring(0, text.indexOf('\r'));
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder(64);
    @Nullable String whole = null;
    while (whole == null) {
      int next = in.read();
      switch (next) {
        case -1 -> throw new IOException("the server closed it");
        case '\r' -> {}
        case '\n' -> whole = line.toString();
        default -> line.append((char) next);
      }
    }
    return whole;
  }
}
