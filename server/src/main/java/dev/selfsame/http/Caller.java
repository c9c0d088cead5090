package dev.selfsame.http;

import io.javalin.http.Context;

/** Who makes a request. */
public final class Caller {

  static final String ATTRIBUTE = "selfsame.caller";

  private Caller() {}

  /**
   * The caller as the ledger names people: {@code token:NAME}. Only of a route that asks for a
   * token.
   */
  public static String of(Context ctx) {
    String name = ctx.attribute(ATTRIBUTE);
    if (name == null) {
      throw new IllegalStateException("The route is open to everybody. Indicates a bug");
    }
    return "token:" + name;
  }
}
