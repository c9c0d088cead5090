package dev.selfsame.http;

import dev.selfsame.access.Access;
import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import io.javalin.http.Context;

/** Lets a request through when its bearer token allows what the route asks. */
final class TokenGuard implements Guard {

  private static final String SCHEME = "Bearer ";

  private final Access access;

  TokenGuard(Access access) {
    this.access = access;
  }

  @Override
  public void admit(Context ctx, Access.Scope needed) {
    Access.Token token = token(ctx);
    if (token.scope().compareTo(needed) < 0) {
      throw new Failure(
          Problem.MISSING_SCOPE,
          "The token %s has the scope %s; this call needs %s."
              .formatted(token.name(), name(token.scope()), name(needed)));
    }
    Caller.admit(ctx, "token:" + token.name(), token.scope());
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
