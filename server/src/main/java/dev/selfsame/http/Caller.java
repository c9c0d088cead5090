package dev.selfsame.http;

import dev.selfsame.access.Access;
import dev.selfsame.access.Actor;
import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import io.javalin.http.Context;

/** Who makes a request. */
public final class Caller {

  static final String ATTRIBUTE = "selfsame.caller";

  static final String SCOPE = "selfsame.scope";

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

  /** The same, and where the request came from. */
  public static Actor actor(Context ctx) {
    return new Actor(of(ctx), ctx.req().getRemoteAddr());
  }

  /**
   * Asks for more than the route does, where what is called for decides.
   *
   * @param what needs it, for the message
   * @throws Failure MISSING_SCOPE unless the caller is an admin
   */
  public static void needAdmin(Context ctx, String what) {
    Access.Scope scope = ctx.attribute(SCOPE);
    if (scope != Access.Scope.ADMIN) {
      throw new Failure(
          Problem.MISSING_SCOPE, "%s needs a token with the scope admin.".formatted(what));
    }
  }
}
