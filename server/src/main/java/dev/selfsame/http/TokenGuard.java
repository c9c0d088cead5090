package dev.selfsame.http;

import dev.selfsame.access.Access;
import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import io.javalin.http.HandlerType;
import io.javalin.http.MethodNotAllowedResponse;
import io.javalin.security.RouteRole;
import java.util.Map;
import java.util.Set;

/**
 * Lets a request through to its route when its bearer token allows what the route's {@link Role}
 * asks.
 */
final class TokenGuard implements Handler {

  private static final String SCHEME = "Bearer ";

  private final Access access;

  TokenGuard(Access access) {
    this.access = access;
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
    Access.Token token = token(ctx);
    Access.Scope needed =
        roles.contains(Role.READ)
            ? Access.Scope.READ
            : roles.contains(Role.WRITE) ? Access.Scope.WRITE : Access.Scope.ADMIN;
    if (token.scope().compareTo(needed) < 0) {
      throw new Failure(
          Problem.MISSING_SCOPE,
          "The token %s has the scope %s; this call needs %s."
              .formatted(token.name(), name(token.scope()), name(needed)));
    }
    ctx.attribute(Caller.ATTRIBUTE, token.name());
    ctx.attribute(Caller.SCOPE, token.scope());
  }

  private Access.Token token(Context ctx) {
    String header = ctx.header("Authorization");
    if (header == null || !header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      ctx.header("WWW-Authenticate", "Bearer");
      throw new Failure(
          Problem.INVALID_TOKEN, "This call needs a token: Authorization: Bearer sst_…");
    }
    Access.Token token = access.token(header.substring(SCHEME.length()).strip());
    if (token == null) {
      ctx.header("WWW-Authenticate", "Bearer error=\"invalid_token\"");
      throw new Failure(Problem.INVALID_TOKEN, "The token is unknown or revoked.");
    }
    return token;
  }

  private static String name(Access.Scope scope) {
    return switch (scope) {
      case READ -> "read";
      case WRITE -> "write";
      case ADMIN -> "admin";
    };
  }
}
