package dev.selfsame.http;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import io.javalin.http.Context;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.util.List;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/**
 * The file that a request carries, as a stream: its body, or the one file of a form; inflated where
 * it is gzip, whatever the headers say. Never more than a piece of it is in memory.
 */
public final class FileBody {

  /** What a form may have around its file. */
  private static final long AROUND = 1024 * 1024;

  /** The media type of a form that has a file. */
  public static final String FORM = "multipart/form-data";

  private final InputStream stream;

  private final @Nullable FormFile form;

  private FileBody(InputStream stream, @Nullable FormFile form) {
    this.stream = stream;
    this.form = form;
  }

  /**
   * Opens it; of a form, reads up to its file.
   *
   * @param types the media types of such a file, which a body without a form may say
   * @param limit bytes of the file, inflated
   * @throws Failure {@code BODY_TOO_LARGE}, also from the stream as soon as there is more; {@code
   *     INVALID_REQUEST} for another media type, a form without a file or with several, and for
   *     gzip that cannot be inflated
   */
  public static FileBody open(Context ctx, List<String> types, long limit) throws IOException {
    Bodies.refuseOtherEncodings(ctx);
    var wire = new Bodies.Wire(ctx.req().getInputStream());
    String given = media(ctx.contentType());
    boolean form = given.equals(FORM);
    if (!form && !known(given, types)) {
      throw new Failure(
          Problem.INVALID_REQUEST,
          "The file's Content-Type is not taken; send %s, application/octet-stream, application/gzip, none, or a form (%s) with one file."
              .formatted(String.join(", ", types), FORM));
    }
    var in = new PushbackInputStream(wire, 2);
    boolean gzip = Bodies.startsAsGzip(in);
    if (!gzip && ctx.req().getContentLengthLong() > limit + (form ? AROUND : 0)) {
      throw tooLarge(ctx, wire, limit);
    }
    if (!form) {
      return new FileBody(new Bounded(inflated(in, gzip), ctx, wire, limit), null);
    }
    InputStream whole = new Bounded(inflated(in, gzip), ctx, wire, limit + AROUND);
    FormFile part = FormFile.open(whole, ctx.contentType());
    var file = new PushbackInputStream(part, 2);
    return new FileBody(
        new Bounded(inflated(file, Bodies.startsAsGzip(file)), ctx, wire, limit), part);
  }

  /** The request's media type in small letters, without parameters; empty where it says none. */
  public static String media(Context ctx) {
    return media(ctx.contentType());
  }

  private static String media(@Nullable String contentType) {
    String type = contentType == null ? "" : contentType;
    int end = type.indexOf(';');
    return (end < 0 ? type : type.substring(0, end)).strip().toLowerCase(Locale.ROOT);
  }

  private static boolean known(String given, List<String> types) {
    return switch (given) {
      case "", "application/octet-stream", "application/gzip", "application/x-gzip" -> true;
      default -> types.contains(given);
    };
  }

  private static InputStream inflated(InputStream in, boolean gzip) throws IOException {
    try {
      return gzip ? new GZIPInputStream(in, 1 << 16) : in;
    } catch (ZipException | EOFException e) {
      throw notGzip(e);
    }
  }

  private static Failure notGzip(IOException e) {
    return new Failure(
        Problem.INVALID_REQUEST, "The file begins as gzip but cannot be inflated.", 0, e);
  }

  /** The file; to be read once. */
  public InputStream stream() {
    return stream;
  }

  /** What a form calls its file, without folders; null where nobody says. */
  public @Nullable String name() {
    return form == null ? null : form.name();
  }

  /** A short field that the form has before its file; null: there is none of that name. */
  public @Nullable String field(String called) {
    return form == null ? null : form.field(called);
  }

  private static Failure tooLarge(Context ctx, Bodies.Wire wire, long limit) {
    Bodies.readOn(ctx, wire);
    return new Failure(
        Problem.BODY_TOO_LARGE,
        "The file is larger than the %d bytes that are taken; split it.".formatted(limit));
  }

  /** Refuses to go on past a number of bytes. */
  private static final class Bounded extends FilterInputStream {
    private final Context ctx;
    private final Bodies.Wire wire;
    private final long limit;
    private long count;

    Bounded(InputStream in, Context ctx, Bodies.Wire wire, long limit) {
      super(in);
      this.ctx = ctx;
      this.wire = wire;
      this.limit = limit;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int from, int length) throws IOException {
      int read;
      try {
        read = super.read(into, from, length);
      } catch (ZipException | EOFException e) {
        if (wire.broken) {
          throw e;
        }
        throw notGzip(e);
      }
      count += Math.max(0, read);
      if (count > limit) {
        throw tooLarge(ctx, wire, limit);
      }
      return read;
    }
  }
}
