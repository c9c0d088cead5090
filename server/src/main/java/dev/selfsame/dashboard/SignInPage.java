package dev.selfsame.dashboard;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.http.Role;
import dev.selfsame.member.BadEntry;
import dev.selfsame.member.Member;
import dev.selfsame.member.Members;
import io.javalin.http.Context;
import io.javalin.http.Cookie;
import io.javalin.http.SameSite;
import io.javalin.router.JavalinDefaultRoutingApi;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Signing in and out, and coming in by a link for the first time. */
final class SignInPage implements Page {

  private static final int COOKIE_SECONDS = Math.toIntExact(Duration.ofDays(60).toSeconds());

  private final Html html;
  private final Members members;

  SignInPage(Html html, Members members) {
    this.html = html;
    this.members = members;
  }

  /**
   * What the page shows.
   *
   * @param setUp nobody has set up the hub yet
   * @param link the secret of the link that someone came by; null: it is signing in
   * @param invited whom the link is for; null: for whoever sets up the hub
   * @param email what was typed, as are those that follow
   * @param field which entry is wrong; null: none, or all together
   * @param fault what is wrong; null: nothing
   */
  record View(
      Frame frame,
      boolean setUp,
      @Nullable String link,
      @Nullable Member invited,
      String email,
      String name,
      String next,
      @Nullable String field,
      @Nullable String fault) {

    /** What is wrong with that entry; null: nothing. */
    @Nullable String fault(String entry) {
      return entry.equals(field) ? fault : null;
    }
  }

  @Override
  public void addTo(JavalinDefaultRoutingApi routes) {
    routes.get("/sign-in", this::show, Role.OPEN);
    routes.post("/sign-in", this::signIn, Role.OPEN);
    routes.post("/sign-in/enter", this::enter, Role.OPEN);
    routes.post("/sign-out", this::signOut, Role.READ);
  }

  private void show(Context ctx) {
    String link = Form.parameter(ctx, "link");
    String next = Form.next(ctx.queryParam("next"), "/");
    if (link == null) {
      show(ctx, null, null, "", "", next, null, null);
      return;
    }
    try {
      Member invited = members.invited(link);
      show(ctx, link, invited, "", invited == null ? "" : invited.name(), next, null, null);
    } catch (Failure used) {
      ctx.status(410);
      show(ctx, null, null, "", "", next, null, used.getMessage());
    }
  }

  private void show(
      Context ctx,
      @Nullable String link,
      @Nullable Member invited,
      String email,
      String name,
      String next,
      @Nullable String field,
      @Nullable String fault) {
    String title =
        link == null ? "Sign in" : invited == null ? "Set up this hub" : "Choose a password";
    html.show(
        ctx,
        "signIn",
        new View(
            html.frame(ctx, title, "/sign-in"),
            members.none(),
            link,
            invited,
            email,
            name,
            next,
            field,
            fault));
  }

  private void signIn(Context ctx) {
    SessionGuard.checkOrigin(ctx);
    String email = Form.entry(ctx, "email");
    String next = Form.next(ctx.formParam("next"), "/");
    try {
      in(ctx, members.signIn(email, Form.entry(ctx, "password"), ctx.req().getRemoteAddr()), next);
    } catch (Failure refused) {
      boolean often = refused.problem() == Problem.TOO_MANY_TRIES;
      if (!often && refused.problem() != Problem.SIGN_IN_REFUSED) {
        throw refused;
      }
      ctx.status(often ? 429 : 401);
      if (often) {
        ctx.header("Retry-After", Integer.toString(refused.retryAfterSeconds()));
      }
      show(ctx, null, null, email, "", next, null, refused.getMessage());
    }
  }

  private void enter(Context ctx) {
    SessionGuard.checkOrigin(ctx);
    String link = Form.entry(ctx, "link");
    String email = Form.entry(ctx, "email");
    String name = Form.entry(ctx, "name");
    try {
      in(
          ctx,
          members.enter(link, email, name, Form.entry(ctx, "password"), ctx.req().getRemoteAddr()),
          "/");
    } catch (BadEntry bad) {
      ctx.status(400);
      Member invited = members.invited(link);
      show(ctx, link, invited, email, name, "/", bad.field(), bad.getMessage());
    } catch (Failure used) {
      if (used.problem() != Problem.LINK_UNUSABLE) {
        throw used;
      }
      ctx.status(410);
      show(ctx, null, null, email, "", "/", null, used.getMessage());
    }
  }

  private void in(Context ctx, Members.Opened opened, String next) {
    ctx.cookie(cookie(ctx, opened.cookie(), COOKIE_SECONDS));
    Html.go(ctx, next);
  }

  private void signOut(Context ctx) {
    String cookie = ctx.cookie(SessionGuard.COOKIE);
    if (cookie != null) {
      members.signOut(cookie);
    }
    ctx.cookie(cookie(ctx, "", 0));
    Html.go(ctx, "/sign-in");
  }

  private Cookie cookie(Context ctx, String value, int seconds) {
    return new Cookie(
        SessionGuard.COOKIE,
        value,
        "/",
        seconds,
        html.url(ctx).startsWith("https:"),
        true,
        null,
        SameSite.LAX);
  }
}
