package dev.selfsame.source.land;

import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.selfsame.error.Failure;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;

/**
 * A file's text: UTF-8, or UTF-16 where a byte order mark says so. It refuses bytes that are none,
 * and NULs, and says where they stand.
 */
final class StrictText extends Reader {

  private static final int CHUNK = 1 << 16;

  private final String file;
  private final InputStream in;
  private final Charset charset;
  private final CharsetDecoder decoder;
  private final ByteBuffer bytes = ByteBuffer.allocate(CHUNK).limit(0);
  private final CharBuffer chars = CharBuffer.allocate(CHUNK).limit(0);
  private boolean ended;
  private boolean broken;
  private long line = 1;
  private long character = 1;
  private boolean afterReturn;

  private StrictText(String file, InputStream in, Charset charset) {
    this.file = file;
    this.in = in;
    this.charset = charset;
    this.decoder =
        charset
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
  }

  /**
   * @param file what messages call it
   */
  static StrictText open(String file, InputStream in) throws IOException {
    var pushed = new PushbackInputStream(in, 3);
    byte[] start = pushed.readNBytes(3);
    int mark = 0;
    Charset charset = UTF_8;
    if (start.length == 3
        && start[0] == (byte) 0xEF
        && start[1] == (byte) 0xBB
        && start[2] == (byte) 0xBF) {
      mark = 3;
    } else if (start.length >= 2 && start[0] == (byte) 0xFF && start[1] == (byte) 0xFE) {
      mark = 2;
      charset = UTF_16LE;
    } else if (start.length >= 2 && start[0] == (byte) 0xFE && start[1] == (byte) 0xFF) {
      mark = 2;
      charset = UTF_16BE;
    }
    pushed.unread(start, mark, start.length - mark);
    return new StrictText(file, pushed, charset);
  }

  @Override
  public int read(char[] into, int offset, int length) throws IOException {
    if (!chars.hasRemaining() && !fill()) {
      return -1;
    }
    int count = Math.min(length, chars.remaining());
    chars.get(into, offset, count);
    for (int i = offset; i < offset + count; i++) {
      char c = into[i];
      if (c > '\r') {
        character++;
        afterReturn = false;
      } else {
        control(c);
      }
    }
    return count;
  }

  private void control(char c) {
    if (c == 0) {
      throw refused("holds a NUL");
    }
    if (c == '\r' || (c == '\n' && !afterReturn)) {
      line++;
      character = 1;
    } else if (c != '\n') {
      character++;
    }
    afterReturn = c == '\r';
  }

  private boolean fill() throws IOException {
    chars.clear();
    while (chars.position() == 0) {
      if (broken) {
        throw refused("is no text in %s".formatted(charset));
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
    return RowFailures.file(
        "%s, line %d, character %d".formatted(file, line, character),
        why + ". Save the file in UTF-8 and try again.");
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
