package dev.selfsame.http;

import dev.selfsame.access.Access;
import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import io.javalin.http.Context;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** Lets a request through when its token allows what the route asks. */
public final class TokenGuard implements Guard {

  private static final String SCHEME = "Bearer ";
  private static final String BASIC = "Basic ";

  private final Access access;
  private final boolean basic;

  TokenGuard(Access access) {
    this(access, false);
  }

  private TokenGuard(Access access, boolean basic) {
    this.access = access;
    this.basic = basic;
  }

  /** One that takes the token as the user of Basic too, with any password or none. */
  public static Guard orBasic(Access access) {
    return new TokenGuard(access, true);
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
    Caller.admit(ctx, "token:" + token.name(), token.scope(), token.space());
  }

  private Access.Token token(Context ctx) {
    String header = ctx.header("Authorization");
    if (basic && header != null && header.regionMatches(true, 0, BASIC, 0, BASIC.length())) {
      return known(ctx, user(header.substring(BASIC.length()).strip()));
    }
    if (header == null || !header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      ctx.header("WWW-Authenticate", basic ? "Basic" : "Bearer");
      throw new Failure(
          Problem.INVALID_TOKEN,
          "This call needs a token: Authorization: Bearer sst_…"
              + (basic ? ", or Basic with it as the user" : ""));
    }
    return known(ctx, header.substring(SCHEME.length()).strip());
  }

  /** What is before the colon; blank where there is nothing that can be read. */
  private static String user(String encoded) {
    try {
      String both = new String(Base64.getDecoder().decode(encoded), StandardCharsets.UTF_8);
      int colon = both.indexOf(':');
      return colon < 0 ? both : both.substring(0, colon);
    } catch (IllegalArgumentException e) {
      return "";
    }
  }

  private Access.Token known(Context ctx, String secret) {
    Access.Token token = access.token(secret);
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
