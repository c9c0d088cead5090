package dev.selfsame.http;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import io.javalin.http.MethodNotAllowedResponse;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one place where failures become HTTP answers. */
final class Problems {

  private static final Logger log = LoggerFactory.getLogger(Problems.class);

  private static final Pattern SLASHES = Pattern.compile("/{2,}");
  private static final int BUSY_SECONDS = 1;
  private static final int AWAY_SECONDS = 5;

  private final Map<String, Area> byPrefix = new HashMap<>();
  private final int longestPrefix;

  /**
   * @param areas of several with one prefix the first decides
   */
  Problems(List<Area> areas) {
    areas.forEach(area -> byPrefix.putIfAbsent(area.prefix(), area));
    longestPrefix = byPrefix.keySet().stream().mapToInt(String::length).max().orElse(0);
  }

  /** The area that a path lies in, or null. */
  @Nullable Area area(String sent) {
    String path = sent.contains("//") ? SLASHES.matcher(sent).replaceAll("/") : sent;
    // Asked several times of each request, so neither all prefixes nor all of a long path are
    // tried.
    int end = path.length() <= longestPrefix ? path.length() : path.lastIndexOf('/', longestPrefix);
    for (; end >= 0; end = path.lastIndexOf('/', end - 1)) {
      Area area = byPrefix.get(path.substring(0, end));
      if (area != null) {
        return area;
      }
    }
    return null;
  }

  void answer(Context ctx, Throwable thrown) {
    if (ctx.res().isCommitted()) {
      cutOff(ctx, thrown);
      return;
    }
    switch (thrown) {
      case Failure failure -> answer(ctx, failure);
      case MethodNotAllowedResponse wrongMethod -> wrongMethod(ctx, wrongMethod);
      case HttpResponseException refused -> refused(ctx, refused.getStatus(), refused.getMessage());
      case HttpException refused -> refused(ctx, refused.getCode(), refused.getReason());
      case IOException cut -> {
        log.debug("Request {} ended early", RequestId.of(ctx), cut);
        write(ctx, 400, Problem.INVALID_REQUEST.code(), "The request ended before its body did.");
      }
      default -> {
        log.error(
            "Request {} ({} {}) failed in an unforeseen way",
            RequestId.of(ctx),
            ctx.method(),
            AccessLog.route(ctx),
            thrown);
        write(
            ctx,
            500,
            Problem.INTERNAL_ERROR.code(),
            "The server met an unforeseen error; its log has the details under request "
                + RequestId.of(ctx)
                + ".");
      }
    }
  }

  /**
   * Ends the connection in the middle of an answer, so that nobody takes the half of it for the
   * whole.
   */
  private static void cutOff(Context ctx, Throwable thrown) {
    log.warn(
        "The answer to request {} ({} {}) broke off",
        RequestId.of(ctx),
        ctx.method(),
        AccessLog.route(ctx),
        thrown);
    try {
      ctx.res().sendError(-1);
    } catch (IOException e) {
      log.debug("The connection is gone already", e);
    }
  }

  /** Answers where Javalin gives no context: an Error, such as memory or stack running out. */
  void answer(HttpServletResponse response, Error error) {
    log.error("A request failed in an unforeseen way", error);
    if (!response.isCommitted()) {
      response.setStatus(500);
      response.setContentType("application/json");
      try {
        response
            .getOutputStream()
            .write(body("/", Problem.INTERNAL_ERROR.code(), "The server met an unforeseen error."));
      } catch (IOException e) {
        log.debug("Nobody waits for the answer", e);
      }
    }
  }

  private void answer(Context ctx, Failure failure) {
    Problem.Kind kind = failure.problem().kind();
    if (kind == Problem.Kind.BUG) {
      log.error("Request {} failed", RequestId.of(ctx), failure);
    } else if (kind == Problem.Kind.UNAVAILABLE) {
      log.warn("Request {} was put off: {}", RequestId.of(ctx), failure.getMessage());
    }
    int seconds =
        failure.retryAfterSeconds() > 0
            ? failure.retryAfterSeconds()
            : switch (kind) {
              case TRY_LATER -> BUSY_SECONDS;
              case UNAVAILABLE -> AWAY_SECONDS;
              case BAD_INPUT, UNAUTHENTICATED, FORBIDDEN, NOT_FOUND, CONFLICT, GONE, BUG -> 0;
            };
    if (seconds > 0) {
      // Both in whole seconds: the SDKs read one or the other, and no other form of either.
      ctx.header("Retry-After", Integer.toString(seconds));
      ctx.header("X-RateLimit-Reset", Integer.toString(seconds));
    }
    String message = failure.getMessage();
    write(ctx, status(kind), failure.problem().code(), message == null ? "" : message);
  }

  static int status(Problem.Kind kind) {
    return switch (kind) {
      case BAD_INPUT -> 400;
      case UNAUTHENTICATED -> 401;
      case FORBIDDEN -> 403;
      case NOT_FOUND -> 404;
      case CONFLICT -> 409;
      case GONE -> 410;
      case TRY_LATER -> 429;
      case BUG -> 500;
      case UNAVAILABLE -> 503;
    };
  }

  private void wrongMethod(Context ctx, MethodNotAllowedResponse wrongMethod) {
    var allowed = new TreeSet<String>();
    for (String listed : wrongMethod.getDetails().values()) {
      for (String method : listed.split(",", -1)) {
        allowed.add(method.strip());
      }
    }
    // OPTIONS is answered everywhere in an area that is open to browsers, whether or not there is a
    // route.
    allowed.remove("OPTIONS");
    if (allowed.isEmpty()) {
      refused(ctx, 404, null);
      return;
    }
    String methods = String.join(", ", allowed);
    ctx.header("Allow", methods);
    write(
        ctx,
        405,
        "method_not_allowed",
        "This path does not answer %s; it answers %s.".formatted(ctx.method(), methods));
  }

  private void refused(Context ctx, int status, @Nullable String reason) {
    if (status == 404) {
      write(ctx, 404, Problem.NOT_FOUND.code(), "There is nothing at this path.");
    } else if (status >= 500) {
      write(ctx, 500, Problem.INTERNAL_ERROR.code(), "The server could not answer the request.");
    } else {
      write(
          ctx,
          status,
          Problem.INVALID_REQUEST.code(),
          reason == null ? "The request could not be read." : reason);
    }
  }

  private void write(Context ctx, int status, String code, String message) {
    ctx.status(status);
    Area area = area(ctx.path());
    if (area == null) {
      ctx.contentType("application/json");
      ctx.result(body(ctx.path(), code, message));
    } else {
      area.refuse(ctx, code, message);
    }
  }

  byte[] body(String path, String code, String message) {
    Area area = area(path);
    return Json.bytes((area == null ? ErrorForm.REST : area.errorForm()).body(code, message));
  }
}
