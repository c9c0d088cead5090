package dev.selfsame.api.productboard;

import dev.selfsame.api.Answer;
import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import java.net.URI;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What all calls of the foreign API have in common: where it is, and which version of it. */
final class Compatible {

  static final String PATH = "/compat/productboard";

  private static final String VERSION = "X-Version";
  private static final String ONE = "1";

  private final @Nullable URI publicUrl;

  /**
   * @param publicUrl where callers reach this server; null: as each request says
   */
  Compatible(@Nullable URI publicUrl) {
    this.publicUrl = publicUrl;
  }

  /** The handler, for those alone who say which version they mean. */
  static Handler versioned(Handler handler) {
    return ctx -> {
      String version = ctx.header(VERSION);
      if (version == null) {
        throw new Failure(
            Problem.UNSUPPORTED_VERSION, "The header X-Version is missing; send X-Version: 1");
      }
      versionedIfSaid(handler).handle(ctx);
    };
  }

  /** The handler, for those who mean version 1 or do not say. */
  static Handler versionedIfSaid(Handler handler) {
    return ctx -> {
      String version = ctx.header(VERSION);
      if (version != null && !version.strip().equals(ONE)) {
        throw new Failure(
            Problem.UNSUPPORTED_VERSION, "There is no such version here; send X-Version: 1");
      }
      handler.handle(ctx);
    };
  }

  /** A path of this server as an address, which these answers have where others have paths. */
  String address(Context ctx, String path) {
    String base = publicUrl == null ? ctx.scheme() + "://" + ctx.host() : publicUrl.toString();
    return base.replaceFirst("/$", "") + path;
  }

  /** What callers are told of a note or company that was written. */
  private record WrittenView(HtmlView links, IdView data) {}

  private record HtmlView(String html) {}

  record IdView(UUID id) {}

  /** One error that stands alone. */
  private record CodedError(String code, String title, String detail) {}

  static void written(Context ctx, String address, UUID id) {
    ctx.status(201);
    Answer.send(ctx, new WrittenView(new HtmlView(address), new IdView(id)));
  }

  static void refuse(Context ctx, int status, String code, String title, String detail) {
    ctx.status(status);
    Answer.send(ctx, new CodedError(code, title, detail));
  }
}
