package dev.selfsame.dashboard;

import dev.selfsame.access.Access;
import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.http.Caller;
import dev.selfsame.http.FileBody;
import dev.selfsame.http.Guard;
import dev.selfsame.member.Members;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Lets members in by the cookie of their browser. */
final class SessionGuard implements Guard {

  static final String COOKIE = "selfsame_session";

  /** The field of every form that proves that one of our pages made it. */
  static final String FORM_TOKEN = "form_token";

  private final Members members;

  SessionGuard(Members members) {
    this.members = members;
  }

  @Override
  public void admit(Context ctx, Access.Scope needed) {
    String cookie = ctx.cookie(COOKIE);
    Members.Signed signed = cookie == null ? null : members.signed(cookie);
    if (signed == null) {
      throw new Failure(Problem.SIGNED_OUT, "Sign in to go on");
    }
    ctx.attribute(Html.SIGNED, signed);
    if (!ctx.method().equals(HandlerType.GET)) {
      checkOrigin(ctx);
      if (!FileBody.media(ctx).equals(FileBody.FORM)) {
        checkToken(ctx.formParam(FORM_TOKEN), signed.formToken());
      } else if (!ctx.path().equals(ImportPage.PATH)) {
        // A form with a file is read as it comes, by whoever keeps the file: its address has the
        // token. Only imports look for it in the form, as soon as they have read so far.
        checkToken(ctx.queryParam(FORM_TOKEN), signed.formToken());
      }
    }
    if (signed.member().role().scope().compareTo(needed) < 0) {
      throw new Failure(
          Problem.MISSING_SCOPE,
          "This takes the role %s; you have the role %s. An admin can change it under Settings"
              .formatted(
                  switch (needed) {
                    case READ -> "viewer";
                    case WRITE -> "operator";
                    case ADMIN -> "admin";
                  },
                  signed.member().role().code()));
    }
    Caller.admit(ctx, signed.member().by(), signed.member().role().scope(), Access.DEFAULT_SPACE);
  }

  /**
   * Refuses a form with a file that is not of one of our pages.
   *
   * @throws Failure {@code FOREIGN_FORM}
   */
  static void checkToken(Context ctx, FileBody form) {
    Members.Signed signed = ctx.attribute(Html.SIGNED);
    if (signed == null) {
      throw foreign();
    }
    checkToken(form.field(FORM_TOKEN), signed.formToken());
  }

  private static void checkToken(@Nullable String sent, String expected) {
    if (sent == null
        || !MessageDigest.isEqual(
            sent.getBytes(StandardCharsets.UTF_8), expected.getBytes(StandardCharsets.UTF_8))) {
      throw foreign();
    }
  }

  /**
   * Refuses what a page of another website sends.
   *
   * @throws Failure {@code FOREIGN_FORM}
   */
  static void checkOrigin(Context ctx) {
    String site = ctx.header("Sec-Fetch-Site");
    if (site != null && !site.equals("same-origin") && !site.equals("none")) {
      throw foreign();
    }
    String origin = ctx.header("Origin");
    String host = ctx.header("Host");
    if (site == null && origin != null && host != null && !sameHost(origin, host)) {
      throw foreign();
    }
  }

  private static boolean sameHost(String origin, String host) {
    try {
      String authority = URI.create(origin).getAuthority();
      return authority != null
          && authority.toLowerCase(Locale.ROOT).equals(host.toLowerCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static Failure foreign() {
    return new Failure(
        Problem.FOREIGN_FORM,
        "This form is not from a page that this browser has open. Load the page again and try once"
            + " more; nothing was done");
  }
}
