package dev.selfsame.http;

import dev.selfsame.access.Access;
import io.javalin.http.Context;

/** Decides whether a request may go on to its route. */
@FunctionalInterface
public interface Guard {

  /**
   * Lets the request on, and notes by {@link Caller#admit} whose it is.
   *
   * @param needed what the route asks for
   * @throws dev.selfsame.error.Failure if it may not go on
   */
  void admit(Context ctx, Access.Scope needed);
}
