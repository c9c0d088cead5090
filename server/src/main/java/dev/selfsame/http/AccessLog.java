package dev.selfsame.http;

import io.javalin.http.Context;
import io.javalin.router.Endpoint;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is kept of each finished request: a line and a timing. Never a query string, which may hold
 * an identifier, and of a path that a route matched only the route, since the path may hold a key.
 */
final class AccessLog {

  private static final Logger log = LoggerFactory.getLogger("dev.selfsame.http.access");
  private static final String NO_ROUTE = "none";

  private record Kind(String method, String route, int status) {}

  private final MeterRegistry metrics;
  private final boolean logging;
  private final Map<Kind, Timer> timers = new ConcurrentHashMap<>();

  AccessLog(MeterRegistry metrics, boolean logging) {
    this.metrics = metrics;
    this.logging = logging;
  }

  void finished(Context ctx, float milliseconds) {
    String route = route(ctx);
    int status = ctx.statusCode();
    // A method that no route has is the caller's word, and any number of them would be any number
    // of timers.
    String method = route.equals(NO_ROUTE) ? NO_ROUTE : ctx.method().name();
    timers
        .computeIfAbsent(new Kind(method, route, status), this::timer)
        .record((long) (milliseconds * 1_000), TimeUnit.MICROSECONDS);
    if (logging && log.isInfoEnabled()) {
      log.info(
          "{} {} {} {}ms {}",
          ctx.method(),
          route.equals(NO_ROUTE) ? shown(ctx.path()) : route,
          status,
          milliseconds,
          RequestId.of(ctx));
    }
  }

  private Timer timer(Kind kind) {
    return Timer.builder("http.server.requests")
        .description("Requests by route and status")
        .tags(
            "method",
            kind.method(),
            "route",
            kind.route(),
            "status",
            Integer.toString(kind.status()))
        .serviceLevelObjectives(
            Duration.ofMillis(5),
            Duration.ofMillis(25),
            Duration.ofMillis(100),
            Duration.ofMillis(500),
            Duration.ofSeconds(2),
            Duration.ofSeconds(10))
        .register(metrics);
  }

  static String route(Context ctx) {
    Endpoint matched = ctx.endpoints().matchedHttpEndpoint();
    return matched == null ? NO_ROUTE : matched.path;
  }

  /** A path that nobody vouches for, short and on one line. */
  private static String shown(String path) {
    var shown = new StringBuilder();
    for (int i = 0; i < Math.min(path.length(), 100); i++) {
      char c = path.charAt(i);
      shown.append(c > ' ' && c < 127 ? c : '?');
    }
    return shown.toString();
  }
}
