package dev.selfsame.http;

import io.javalin.security.RouteRole;

/**
 * Who may call a route. A route that names none takes an admin's token: nothing is open by
 * oversight.
 */
public enum Role implements RouteRole {
  /** Anyone, or whoever the route itself asks for a write key. */
  OPEN,
  READ,
  WRITE,
  ADMIN
}
