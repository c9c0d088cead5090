package dev.selfsame.bench.load;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** One connection that is kept alive: a request at a time, and its answer. */
final class Line {

  /**
   * An answer.
   *
   * @param retryAfter seconds; 0 where it does not say
   */
  record Answer(int status, String body, int retryAfter) {}

  private static final String END_OF_HEAD = "\r\n\r\n";

  private final InetSocketAddress hub;
  private final Selector selector;
  private final Mixture mixture;
  private @Nullable SelectionKey key;
  private final Deque<Body> ahead = new ArrayDeque<>();
  private final byte[] in = new byte[1 << 16];
  private int size;
  private ByteBuffer out = ByteBuffer.allocate(0);
  private @Nullable Body body;

  /** When the request was sent, or should have been. */
  long since;

  /** When it may be sent again after a refusal; 0: it was not refused. */
  long againAt;

  Line(InetSocketAddress hub, Selector selector, Mixture mixture) {
    this.hub = hub;
    this.selector = selector;
    this.mixture = mixture;
  }

  /** Connects anew: the hub closes a connection that was silent since the last run. */
  void connect() throws IOException {
    close();
    SocketChannel channel = SocketChannel.open(hub);
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    channel.configureBlocking(false);
    key = channel.register(selector, SelectionKey.OP_READ, this);
  }

  private SelectionKey key() {
    if (key == null) {
      throw new IllegalStateException("It is not connected. Indicates a bug.");
    }
    return key;
  }

  private SocketChannel channel() {
    return (SocketChannel) key().channel();
  }

  /** Makes requests ahead, until so many events wait. */
  void makeAhead(long events) {
    long there = ahead.stream().mapToLong(Body::events).sum();
    while (there < events) {
      Body made = mixture.next();
      there += made.events();
      ahead.add(made);
    }
  }

  boolean hasAhead() {
    return !ahead.isEmpty();
  }

  @Nullable Body current() {
    return body;
  }

  /** Sends the next request. */
  void send(long now) throws IOException {
    Body next = ahead.poll();
    body = next == null ? mixture.next() : next;
    since = now;
    resend();
  }

  /** Sends the same request, for the first time or again. */
  void resend() throws IOException {
    Body sending = body;
    if (sending == null) {
      throw new IllegalStateException("There is nothing to send. Indicates a bug.");
    }
    againAt = 0;
    size = 0;
    out = ByteBuffer.wrap(sending.request());
    write();
  }

  void write() throws IOException {
    channel().write(out);
    key()
        .interestOps(
            out.hasRemaining()
                ? SelectionKey.OP_READ | SelectionKey.OP_WRITE
                : SelectionKey.OP_READ);
  }

  void answered() {
    body = null;
  }

  /** Reads what is there; null while the answer is not whole. */
  @Nullable Answer read() throws IOException {
    int read = channel().read(ByteBuffer.wrap(in, size, in.length - size));
    if (read < 0) {
      throw new IOException("The hub closed a connection in the middle of a request.");
    }
    size += read;
    if (body == null && read > 0) {
      throw new IOException("The hub sent something unasked: " + text(0, size));
    }
    int headEnd = headEnd();
    if (headEnd < 0) {
      return null;
    }
    String head = text(0, headEnd);
    int from = headEnd + END_OF_HEAD.length();
    String length = header(head, "content-length");
    if (length != null) {
      int bytes = Integer.parseInt(length);
      return size < from + bytes ? null : answer(head, text(from, from + bytes));
    }
    if ("chunked".equalsIgnoreCase(header(head, "transfer-encoding"))) {
      String chunks = text(from, size);
      return chunks.endsWith("0" + END_OF_HEAD) ? answer(head, joined(chunks)) : null;
    }
    throw new IOException("The hub's answer has no length: " + head);
  }

  private int headEnd() {
    for (int i = 0; i + 3 < size; i++) {
      if (in[i] == '\r' && in[i + 1] == '\n' && in[i + 2] == '\r' && in[i + 3] == '\n') {
        return i;
      }
    }
    return -1;
  }

  private String text(int from, int to) {
    return new String(Arrays.copyOfRange(in, from, to), StandardCharsets.UTF_8);
  }

  private static @Nullable String header(String head, String name) {
    int at = head.toLowerCase(Locale.ROOT).indexOf("\r\n" + name + ":");
    if (at < 0) {
      return null;
    }
    int from = at + name.length() + 3;
    int to = head.indexOf("\r\n", from);
    return head.substring(from, to < 0 ? head.length() : to).strip();
  }

  private static Answer answer(String head, String body) {
    String after = header(head, "retry-after");
    return new Answer(
        Integer.parseInt(head.substring(9, 12)), body, after == null ? 0 : Integer.parseInt(after));
  }

  private static String joined(String chunks) {
    StringBuilder body = new StringBuilder();
    int at = 0;
    while (true) {
      int line = chunks.indexOf("\r\n", at);
      int length = Integer.parseInt(chunks.substring(at, line).strip(), 16);
      if (length == 0) {
        return body.toString();
      }
      body.append(chunks, line + 2, line + 2 + length);
      at = line + 2 + length + 2;
    }
  }

  void close() throws IOException {
    if (key != null) {
      key.channel().close();
      key = null;
    }
  }
}
