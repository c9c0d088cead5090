package dev.selfsame.source.csv;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;

/**
 * Text of one encoding that refuses what is no text, and says in which line and column it stands:
 * bytes that are not of the encoding, and NULs.
 */
final class StrictReader extends Reader {

  private static final int CHUNK = 1 << 16;

  private final InputStream in;
  private final Charset charset;
  private final CharsetDecoder decoder;
  private final ByteBuffer bytes = ByteBuffer.allocate(CHUNK).limit(0);
  private final CharBuffer chars = CharBuffer.allocate(CHUNK).limit(0);
  private boolean ended;
  private boolean broken;
  private long line = 1;
  private long column = 1;

  StrictReader(InputStream in, Charset charset) {
    this.in = in;
    this.charset = charset;
    this.decoder =
        charset
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
  }

  @Override
  public int read(char[] into, int offset, int length) throws IOException {
    if (!chars.hasRemaining() && !fill()) {
      return -1;
    }
    int count = Math.min(length, chars.remaining());
    chars.get(into, offset, count);
    for (int i = offset; i < offset + count; i++) {
      if (into[i] == 0) {
        throw refused("holds a NUL");
      }
      if (into[i] == '\n') {
        line++;
        column = 1;
      } else {
        column++;
      }
    }
    return count;
  }

  private boolean fill() throws IOException {
    chars.clear();
    while (chars.position() == 0) {
      if (broken) {
        throw refused("is not text in %s".formatted(charset));
      }
      if (ended) {
        chars.flip();
        return false;
      }
      bytes.compact();
      int read = in.read(bytes.array(), bytes.position(), bytes.remaining());
      ended = read < 0;
      bytes.position(bytes.position() + Math.max(read, 0)).flip();
      CoderResult result = decoder.decode(bytes, chars, ended);
      // What stands before it is given out first, so that lines are counted up to it.
      broken = result.isError();
    }
    chars.flip();
    return true;
  }

  private Failure refused(String why) {
    return new Failure(
        Problem.CSV_ENCODING,
        "Line %d, character %d of the file %s. Save it as CSV in UTF-8 and try again; nothing was written."
            .formatted(line, column, why),
        0,
        new CsvPlace(line, column));
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
