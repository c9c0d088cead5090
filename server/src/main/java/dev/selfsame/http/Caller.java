package dev.selfsame.http;

import dev.selfsame.access.Access;
import dev.selfsame.access.Actor;
import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import io.javalin.http.Context;

/** Who makes a request. */
public final class Caller {

  private static final String ATTRIBUTE = "selfsame.caller";

  private static final String SCOPE = "selfsame.scope";

  private static final String SPACE = "selfsame.space";

  private Caller() {}

  /**
   * Notes whose the request is.
   *
   * @param by as the ledger names people: {@code token:NAME}, {@code member:EMAIL}
   * @param space that it is about
   */
  public static void admit(Context ctx, String by, Access.Scope scope, String space) {
    ctx.attribute(ATTRIBUTE, by);
    ctx.attribute(SCOPE, scope);
    ctx.attribute(SPACE, space);
  }

  /** The space that the request is about. Only of a route that is not open to everybody. */
  public static String space(Context ctx) {
    String space = ctx.attribute(SPACE);
    if (space == null) {
      throw new IllegalStateException("The route is open to everybody. Indicates a bug");
    }
    return space;
  }

  /**
   * Asks for a caller of the space that is there from the start, where what is called for is the
   * installation's as a whole or in that space alone.
   *
   * @param what it is, for the message
   * @throws Failure OTHER_SPACE unless it is one
   */
  public static void needDefaultSpace(Context ctx, String what) {
    if (!space(ctx).equals(Access.DEFAULT_SPACE)) {
      throw new Failure(
          Problem.OTHER_SPACE,
          "%s takes a token of the space %s; this one is of the space %s."
              .formatted(what, Access.DEFAULT_SPACE, space(ctx)));
    }
  }

  /** The caller as the ledger names people. Only of a route that is not open to everybody. */
  public static String of(Context ctx) {
    String by = ctx.attribute(ATTRIBUTE);
    if (by == null) {
      throw new IllegalStateException("The route is open to everybody. Indicates a bug");
    }
    return by;
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
