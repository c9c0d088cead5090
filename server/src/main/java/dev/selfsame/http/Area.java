package dev.selfsame.http;

import io.javalin.http.Context;
import io.javalin.router.JavalinDefaultRoutingApi;
import org.jspecify.annotations.Nullable;

/**
 * A part of the address space: its routes, and what holds for every answer there, unknown paths
 * included.
 */
public interface Area {

  /** Such as {@code /v1}. The longest prefix that fits a path decides. */
  String prefix();

  /** What an error's body looks like here. */
  default ErrorForm errorForm() {
    return ErrorForm.REST;
  }

  /**
   * Whether scripts of any website may call it (CORS): only where a call carries its own key and no
   * cookie counts.
   */
  default boolean openToBrowsers() {
    return false;
  }

  /** Who lets callers in to its routes; null: bearer tokens do. */
  default @Nullable Guard guard() {
    return null;
  }

  /** Answers that a request failed here; its status is set. */
  default void refuse(Context ctx, String code, String message) {
    ctx.contentType("application/json");
    ctx.result(Json.bytes(errorForm().body(code, message)));
  }

  /** Adds the routes; each names its {@link Role}. */
  void addTo(JavalinDefaultRoutingApi routes);
}
