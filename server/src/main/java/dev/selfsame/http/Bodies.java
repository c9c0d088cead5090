package dev.selfsame.http;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import io.javalin.http.Context;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * Reads request bodies into memory within two bounds: what one body may be once it is inflated, and
 * what all bodies together may take. The second is a budget that a body takes from as it grows and
 * gives back when its request is done, so that many callers wait for each other for a moment and
 * are then asked to come back, instead of filling the heap.
 *
 * <p>gzip is known by its first two bytes, whatever the headers say: JSON never begins with them,
 * and proxies inflate bodies without changing headers.
 */
public final class Bodies {

  /** What is done with a body while its memory is held. */
  @FunctionalInterface
  public interface Use {
    void with(byte[] body) throws Exception;
  }

  private static final int FIRST_STEP = 16 * 1024;
  private static final int GZIP_FIRST_BYTE = 0x1f;
  private static final int GZIP_SECOND_BYTE = 0x8b;

  /**
   * What of a refused body is read and dropped, so that a caller who is still sending gets to read
   * the answer.
   */
  private static final int READ_ON = 8 * 1024 * 1024;

  private static final int UNIT = 1024;
  private static final long PATIENCE_MILLIS = 2_000;

  private final Semaphore budget;

  /**
   * @param memory how many bytes of bodies may be held at once
   */
  public Bodies(long memory) {
    this.budget = new Semaphore(Math.toIntExact(memory / UNIT), true);
  }

  /**
   * Reads the body, inflated where it is gzip, and holds its memory until {@code use} is done.
   *
   * @throws Failure {@code BODY_TOO_LARGE} over the limit, {@code INVALID_REQUEST} for a body that
   *     cannot be inflated, {@code TOO_BUSY} when other requests hold the memory
   */
  public void use(Context ctx, int limit, Use use) throws Exception {
    try (var holding = new Holding()) {
      use.with(read(ctx, limit, holding));
    }
  }

  private byte[] read(Context ctx, int limit, Holding holding) throws IOException {
    var wire = new Wire(ctx.req().getInputStream());
    long declared = ctx.req().getContentLengthLong();
    var in = new PushbackInputStream(wire, 2);
    boolean gzip = startsAsGzip(in);
    if (!gzip) {
      refuseOtherEncodings(ctx);
      if (declared > limit) {
        throw tooLarge(ctx, wire, limit);
      }
      return read(ctx, wire, in, limit, declared, holding);
    }
    try {
      return read(ctx, wire, new GZIPInputStream(in, 4096), limit, -1, holding);
    } catch (ZipException | EOFException e) {
      if (wire.broken) {
        throw e;
      }
      throw new Failure(
          Problem.INVALID_REQUEST, "The body begins as gzip but cannot be inflated.", 0, e);
    }
  }

  private static byte[] read(
      Context ctx, Wire wire, InputStream in, int limit, long declared, Holding holding)
      throws IOException {
    int size = declared >= 0 ? (int) declared + 1 : FIRST_STEP;
    holding.grow(size);
    byte[] body = new byte[size];
    int length = 0;
    while (true) {
      int read = in.read(body, length, body.length - length);
      if (read < 0) {
        return Arrays.copyOf(body, length);
      }
      length += read;
      if (length > limit) {
        throw tooLarge(ctx, wire, limit);
      }
      if (length == body.length) {
        int next = (int) Math.min(2L * body.length, limit + 1L);
        holding.grow(next);
        body = Arrays.copyOf(body, next);
      }
    }
  }

  static boolean startsAsGzip(PushbackInputStream in) throws IOException {
    byte[] start = new byte[2];
    int read = in.readNBytes(start, 0, 2);
    in.unread(start, 0, read);
    return read == 2
        && (start[0] & 0xff) == GZIP_FIRST_BYTE
        && (start[1] & 0xff) == GZIP_SECOND_BYTE;
  }

  static void refuseOtherEncodings(Context ctx) {
    String encoding = ctx.header("Content-Encoding");
    if (encoding == null) {
      return;
    }
    switch (encoding.strip().toLowerCase(Locale.ROOT)) {
      case "", "identity", "gzip", "x-gzip" -> {}
      default ->
          throw new Failure(
              Problem.INVALID_REQUEST,
              "The body's Content-Encoding is not understood; gzip and identity are.");
    }
  }

  /** Lets a caller who is still sending get to the answer; for a while. */
  static void readOn(Context ctx, Wire wire) {
    try {
      if (!wire.drop(READ_ON)) {
        ctx.header("Connection", "close");
      }
    } catch (IOException e) {
      ctx.header("Connection", "close");
    }
  }

  private static Failure tooLarge(Context ctx, Wire wire, int limit) {
    readOn(ctx, wire);
    return new Failure(
        Problem.BODY_TOO_LARGE,
        "The body is larger than the %d bytes that are taken; send less at once.".formatted(limit));
  }

  /** The part of the budget that one request has. */
  private final class Holding implements AutoCloseable {
    private int units;

    void grow(int bytes) {
      int more = (bytes + UNIT - 1) / UNIT - units;
      if (more <= 0) {
        return;
      }
      boolean got;
      try {
        got = budget.tryAcquire(more, PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        got = false;
      }
      if (!got) {
        throw new Failure(
            Problem.TOO_BUSY, "The requests being read take all the memory for bodies; try again.");
      }
      units += more;
    }

    @Override
    public void close() {
      budget.release(units);
      units = 0;
    }
  }

  /**
   * The body as it comes in; remembers when the connection itself failed, so that this is not taken
   * for broken gzip.
   */
  static final class Wire extends FilterInputStream {
    boolean broken;

    Wire(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      try {
        return super.read();
      } catch (IOException e) {
        broken = true;
        throw e;
      }
    }

    @Override
    public int read(byte[] into, int from, int count) throws IOException {
      try {
        return super.read(into, from, count);
      } catch (IOException e) {
        broken = true;
        throw e;
      }
    }

    /** Reads on to the end; false if that is farther than {@code most} bytes. */
    boolean drop(int most) throws IOException {
      byte[] dropped = new byte[8 * 1024];
      int left = most;
      while (left > 0) {
        int read = read(dropped, 0, dropped.length);
        if (read < 0) {
          return true;
        }
        left -= read;
      }
      return false;
    }
  }
}
