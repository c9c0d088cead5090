package dev.selfsame.http;

import io.javalin.router.JavalinDefaultRoutingApi;

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

  /** Adds the routes; each names its {@link Role}. */
  void addTo(JavalinDefaultRoutingApi routes);
}
