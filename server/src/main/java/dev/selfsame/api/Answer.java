package dev.selfsame.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.selfsame.http.Json;
import dev.selfsame.lookup.BadSearch;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What REST answers: data and links, or errors. */
final class Answer {

  /** A thing or a page of a list. */
  record Data(Object data, Links links) {}

  /**
   * @param next the next page; left out where there is none
   */
  record Links(String self, @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String next) {}

  record Errors(List<Fault> errors) {
    public Errors {
      errors = List.copyOf(errors);
    }
  }

  record Fault(String code, String title, String detail, Source source) {}

  /**
   * Which part of the request is wrong.
   *
   * @param parameter of the query
   * @param pointer into the JSON body (RFC 6901)
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Source(@Nullable String parameter, @Nullable String pointer) {}

  private Answer() {}

  static void send(Context ctx, Object body) {
    ctx.contentType("application/json")
        .header("Cache-Control", "no-store")
        .result(Json.bytes(body));
  }

  /** The handler, with a parameter that cannot be meant answered by name. */
  static Handler checked(Handler handler) {
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
  static Handler withoutParameters(Handler handler) {
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
