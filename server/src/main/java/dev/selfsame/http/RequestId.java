package dev.selfsame.http;

import io.javalin.http.Context;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The name of a request in answers and logs: the caller's X-Request-Id if it is a plain one, else
 * made here.
 */
public final class RequestId {

  private static final String HEADER = "X-Request-Id";
  private static final int LONGEST = 128;

  private RequestId() {}

  static void give(Context ctx) {
    String id = ctx.header(HEADER);
    if (id == null || !plain(id)) {
      id = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
    }
    ctx.attribute(HEADER, id);
    ctx.header(HEADER, id);
  }

  public static String of(Context ctx) {
    String id = ctx.attribute(HEADER);
    return id == null ? "unnamed" : id;
  }

  private static boolean plain(String id) {
    if (id.isEmpty() || id.length() > LONGEST) {
      return false;
    }
    for (int i = 0; i < id.length(); i++) {
      char c = id.charAt(i);
      boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      if (!letter && !(c >= '0' && c <= '9') && "-_.:=+/".indexOf(c) < 0) {
        return false;
      }
    }
    return true;
  }
}
