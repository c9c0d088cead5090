package dev.selfsame.http;

import io.javalin.http.Context;

/**
 * Lets scripts of other websites call an area that is open to browsers. The caller's origin is
 * echoed, and credentials are allowed, because an SDK may be told to send them; nothing here looks
 * at a cookie.
 */
final class Cors {

  private static final String EXPOSED = "Retry-After, X-RateLimit-Reset, X-Request-Id, Date";
  private static final String ALWAYS_ALLOWED = "authorization,content-type,x-retry-count";
  private static final int LONGEST = 1_000;

  private Cors() {}

  /** Headers of a real answer, and those that a preflight's answer needs as well. */
  static void allow(Context ctx) {
    String origin = ctx.header("Origin");
    ctx.header("Vary", "Origin");
    if (origin == null || !plain(origin)) {
      return;
    }
    ctx.header("Access-Control-Allow-Origin", origin);
    ctx.header("Access-Control-Allow-Credentials", "true");
    ctx.header("Access-Control-Expose-Headers", EXPOSED);
  }

  /**
   * Answers OPTIONS: whatever headers the caller means to send are allowed, beside those that the
   * SDKs send.
   */
  static void preflight(Context ctx) {
    String asked = ctx.header("Access-Control-Request-Headers");
    boolean more = asked != null && !asked.isBlank() && plain(asked);
    ctx.header(
        "Access-Control-Allow-Headers", more ? ALWAYS_ALLOWED + "," + asked : ALWAYS_ALLOWED);
    ctx.header("Access-Control-Allow-Methods", "POST, GET, OPTIONS");
    ctx.header("Access-Control-Max-Age", "7200");
    ctx.status(204);
  }

  private static boolean plain(String header) {
    return header.length() <= LONGEST && header.chars().allMatch(c -> c >= ' ' && c < 127);
  }
}
