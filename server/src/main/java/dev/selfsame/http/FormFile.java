package dev.selfsame.http;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.MultiPart;
import org.eclipse.jetty.io.Content;
import org.jspecify.annotations.Nullable;

/**
 * The one file of a multipart form, read as the form comes in. Short fields before it are known;
 * what comes after it is passed over.
 */
final class FormFile extends InputStream {

  private static final int CHUNK = 1 << 16;
  private static final int MOST_PARTS = 100;

  /** A field of the form that is longer is none of those that anybody asks for. */
  private static final int LONGEST_FIELD = 1_000;

  private final InputStream form;
  private final MultiPart.Parser parser;
  private final byte[] chunk = new byte[CHUNK];
  private final Deque<ByteBuffer> content = new ArrayDeque<>();
  private @Nullable Throwable failure;
  private final Map<String, String> fields = new HashMap<>();
  private @Nullable String name;
  private int files;
  private boolean inFile;
  private boolean ended;

  private FormFile(InputStream form, String boundary) {
    this.form = form;
    this.parser = new MultiPart.Parser(boundary, new Parts());
    parser.setMaxParts(MOST_PARTS);
  }

  static FormFile open(InputStream form, @Nullable String contentType) throws IOException {
    String boundary = contentType == null ? null : MultiPart.extractBoundary(contentType);
    if (boundary == null) {
      throw new Failure(Problem.INVALID_REQUEST, "The form's Content-Type names no boundary.");
    }
    FormFile file = new FormFile(form, boundary);
    while (file.files == 0 && !file.ended) {
      file.feed();
    }
    if (file.files == 0) {
      throw new Failure(
          Problem.INVALID_REQUEST, "The form has no file; one part with a filename is needed.");
    }
    return file;
  }

  @Nullable String name() {
    return name;
  }

  /** A field that stands before the file; null: it does not. */
  @Nullable String field(String called) {
    return fields.get(called);
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] into, int from, int length) throws IOException {
    while (content.isEmpty() && !ended) {
      feed();
    }
    ByteBuffer first = content.peek();
    if (first == null) {
      return -1;
    }
    int count = Math.min(length, first.remaining());
    first.get(into, from, count);
    if (!first.hasRemaining()) {
      content.remove();
    }
    return count;
  }

  private void feed() throws IOException {
    int read = form.read(chunk, 0, chunk.length);
    ended = read < 0;
    parser.parse(
        ended ? Content.Chunk.EOF : Content.Chunk.from(ByteBuffer.wrap(chunk, 0, read), false));
    if (failure != null) {
      throw new Failure(
          Problem.INVALID_REQUEST,
          "The form cannot be read: %s.".formatted(failure.getMessage()),
          0,
          failure);
    }
    if (files > 1) {
      throw new Failure(
          Problem.INVALID_REQUEST, "The form has more than one file; send one at a time.");
    }
  }

  private final class Parts implements MultiPart.Parser.Listener {
    private final Map<String, String> disposition = new HashMap<>();
    private final ByteArrayOutputStream field = new ByteArrayOutputStream();
    private boolean tooLong;

    @Override
    public void onPartBegin() {
      disposition.clear();
      field.reset();
      tooLong = false;
    }

    @Override
    public void onPartHeader(String header, String value) {
      if (header.equalsIgnoreCase("Content-Disposition")) {
        HttpField.getValueParameters(value, disposition);
      }
    }

    @Override
    public void onPartHeaders() {
      String called = disposition.get("filename");
      inFile = called != null || disposition.containsKey("filename*");
      if (inFile) {
        files++;
        name = called == null ? null : plain(called);
      }
    }

    @Override
    public void onPartContent(Content.Chunk part) {
      ByteBuffer bytes = part.getByteBuffer();
      if (inFile && bytes.hasRemaining()) {
        // What it shows lies in a buffer that is filled again.
        content.add(ByteBuffer.allocate(bytes.remaining()).put(bytes).flip());
      } else if (files == 0 && field.size() + bytes.remaining() <= LONGEST_FIELD) {
        byte[] more = new byte[bytes.remaining()];
        bytes.get(more);
        field.writeBytes(more);
      } else {
        tooLong = true;
      }
    }

    @Override
    public void onPartEnd() {
      String called = disposition.get("name");
      if (!inFile && files == 0 && called != null && !tooLong) {
        fields.put(called, field.toString(StandardCharsets.UTF_8));
      }
      inFile = false;
    }

    @Override
    public void onFailure(Throwable cause) {
      failure = cause;
    }

    private static @Nullable String plain(String path) {
      String last = path.substring(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
      return last.isBlank() ? null : last;
    }
  }
}
