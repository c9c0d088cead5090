package dev.selfsame.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.selfsame.http.Json;
import dev.selfsame.lookup.BadSearch;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What REST answers: data and links, or errors. */
public final class Answer {

  /** A thing or a page of a list. */
  public record Data(Object data, Links links) {}

  /**
   * Where the answer is, and what comes after it.
   *
   * @param next the next page; left out where there is none
   */
  public record Links(
      String self, @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String next) {}

  /** All that is wrong with a request. */
  public record Errors(List<Fault> errors) {
    public Errors {
      errors = List.copyOf(errors);
    }
  }

  /** One thing that is wrong: a stable code, and words for people. */
  public record Fault(String code, String title, String detail, Source source) {}

  /**
   * Which part of the request is wrong.
   *
   * @param parameter of the query
   * @param pointer into the JSON body (RFC 6901)
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Source(@Nullable String parameter, @Nullable String pointer) {}

  /** What to do about {@code idempotency_key_reused}. */
  static final String KEY_REUSED =
      "Another request came with this Idempotency-Key within 7 days; nothing was written. Give each"
          + " request a key of its own";

  private Answer() {}

  /** Answers with the body as JSON. */
  public static void send(Context ctx, Object body) {
    ctx.contentType("application/json")
        .header("Cache-Control", "no-store")
        .result(Json.bytes(body));
  }

  /** The handler, with a parameter that cannot be meant answered by name. */
  public static Handler checked(Handler handler) {
    return ctx -> {
      try {
        handler.handle(ctx);
      } catch (BadSearch bad) {
        ctx.status(400);
        send(ctx, badParameter(bad.parameter(), String.valueOf(bad.getMessage())));
      }
    };
  }

  /**
   * The same for a call that takes none. What is asked for in the wrong place, such as a dry run,
   * is not passed over: the call would do what it was only to look at.
   */
  public static Handler withoutParameters(Handler handler) {
    return checked(ctx -> {
      Parameters.of(ctx, List.of());
      handler.handle(ctx);
    });
  }

  private static Errors badParameter(String parameter, String detail) {
    return new Errors(
        List.of(
            new Fault(
                "invalid_parameter", "Invalid parameter", detail, new Source(parameter, null))));
  }

  static Errors badField(String pointer, String detail) {
    return new Errors(
        List.of(new Fault("invalid_field", "Invalid field", detail, new Source(null, pointer))));
  }
}
