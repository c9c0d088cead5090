package dev.selfsame.source.segment;

import dev.selfsame.http.ErrorForm;
import dev.selfsame.http.Json;
import io.javalin.http.Context;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** What senders are told: success is exactly one body, and what was not taken stands beside it. */
final class Answers {

  private static final byte[] SUCCESS = "{\"success\":true}".getBytes(StandardCharsets.US_ASCII);

  /** All three names of the message are read by some SDK. */
  private record SendingError(boolean success, String code, String message, String error) {}

  static final ErrorForm ERROR = (code, message) -> new SendingError(false, code, message, message);

  /** An answer with rejects. */
  private record Partly(boolean success, List<Rejection> rejected) {}

  /** The same, where not all rejects are listed. */
  private record PartlyListed(boolean success, List<Rejection> rejected, int rejectedBeside) {}

  private Answers() {}

  static void succeed(Context ctx) {
    ctx.contentType("application/json").result(SUCCESS);
  }

  /** All were taken but those listed, and {@code beyond} further ones. */
  static void taken(Context ctx, List<Rejection> rejections, int beyond) {
    if (rejections.isEmpty()) {
      succeed(ctx);
    } else if (beyond == 0) {
      ctx.contentType("application/json").result(Json.bytes(new Partly(true, rejections)));
    } else {
      ctx.contentType("application/json")
          .result(Json.bytes(new PartlyListed(true, rejections, beyond)));
    }
  }

  /** The only event was not taken. */
  static void refused(Context ctx, int status, Rejection rejection) {
    ctx.status(status)
        .contentType("application/json")
        .result(Json.bytes(ERROR.body(rejection.code(), rejection.message())));
  }
}
