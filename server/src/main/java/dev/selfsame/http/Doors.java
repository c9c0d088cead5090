package dev.selfsame.http;

import dev.selfsame.access.Access;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import io.javalin.http.HandlerType;
import io.javalin.http.MethodNotAllowedResponse;
import io.javalin.security.RouteRole;
import java.util.Map;
import java.util.Set;

/** Asks the guard of a request's area before it goes on to its route. */
final class Doors implements Handler {

  private final Guard tokens;
  private final Problems problems;

  /**
   * @param tokens guards the areas that have no guard of their own
   * @param problems knows the areas
   */
  Doors(Guard tokens, Problems problems) {
    this.tokens = tokens;
    this.problems = problems;
  }

  @Override
  public void handle(Context ctx) {
    Set<RouteRole> roles = ctx.routeRoles();
    if (roles.isEmpty() && ctx.method().equals(HandlerType.HEAD)) {
      // Javalin would answer HEAD wherever there is a GET, without running it.
      throw new MethodNotAllowedResponse("HEAD", Map.of("availableMethods", "GET"));
    }
    if (roles.contains(Role.OPEN)) {
      return;
    }
    Area area = problems.area(ctx.path());
    Guard own = area == null ? null : area.guard();
    (own == null ? tokens : own).admit(ctx, needed(roles));
  }

  private static Access.Scope needed(Set<RouteRole> roles) {
    if (roles.contains(Role.READ)) {
      return Access.Scope.READ;
    }
    return roles.contains(Role.WRITE) ? Access.Scope.WRITE : Access.Scope.ADMIN;
  }
}
