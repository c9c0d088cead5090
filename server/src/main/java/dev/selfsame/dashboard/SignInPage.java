package dev.selfsame.dashboard;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.http.Role;
import dev.selfsame.member.BadEntry;
import dev.selfsame.member.Member;
import dev.selfsame.member.Members;
import dev.selfsame.member.OpenId;
import io.javalin.http.Context;
import io.javalin.http.Cookie;
import io.javalin.http.SameSite;
import io.javalin.router.JavalinDefaultRoutingApi;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Signing in and out, and coming in by a link for the first time. */
final class SignInPage implements Page {

  private static final int COOKIE_SECONDS = Math.toIntExact(Duration.ofDays(60).toSeconds());

  private final Html html;

  /** What the browser keeps while it is at the provider: an attempt, and where it wanted to go. */
  private static final String ATTEMPT = "selfsame_attempt";

  private static final String WITH = "/sign-in/with";
  private static final String BACK = "/sign-in/back";
  private static final int ATTEMPT_SECONDS = Math.toIntExact(Duration.ofMinutes(10).toSeconds());
  private static final int LONGEST_NEXT = 1_000;

  private final Members members;
  private final @Nullable OpenId openId;

  SignInPage(Html html, Members members, @Nullable OpenId openId) {
    this.html = html;
    this.members = members;
    this.openId = openId;
  }

  /**
   * What the page shows.
   *
   * @param setUp nobody has set up the hub yet
   * @param provider what the company's own way to sign in is called; null: there is none
   * @param link the secret of the link that someone came by; null: it is signing in
   * @param invited whom the link is for; null: for whoever sets up the hub
   * @param email what was typed, as are those that follow
   * @param field which entry is wrong; null: none, or all together
   * @param fault what is wrong; null: nothing
   */
  record View(
      Frame frame,
      boolean setUp,
      @Nullable String provider,
      @Nullable String link,
      @Nullable Member invited,
      String email,
      String name,
      String next,
      @Nullable String field,
      @Nullable String fault) {

    /** Where the provider's way begins. */
    public String way() {
      return WITH + (next.equals("/") ? "" : "?next=" + Form.encoded(next));
    }

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
    if (openId != null) {
      routes.get(WITH, ctx -> leave(ctx, openId), Role.OPEN);
      routes.get(BACK, ctx -> comeBack(ctx, openId), Role.OPEN);
    }
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
            openId == null ? null : openId.settings().name(),
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

  /** Sends the browser to the provider. */
  private void leave(Context ctx, OpenId provider) {
    String next = Form.next(ctx.queryParam("next"), "/");
    try {
      OpenId.Begun begun = provider.begin(back(ctx));
      String kept =
          begun.kept()
              + "."
              + Base64.getUrlEncoder()
                  .withoutPadding()
                  .encodeToString(
                      (next.length() > LONGEST_NEXT ? "/" : next).getBytes(StandardCharsets.UTF_8));
      ctx.cookie(cookie(ctx, ATTEMPT, kept, ATTEMPT_SECONDS));
      Html.go(ctx, begun.to().toString());
    } catch (Failure away) {
      refuse(ctx, next, away);
    }
  }

  private void comeBack(Context ctx, OpenId provider) {
    String kept = Objects.requireNonNullElse(ctx.cookie(ATTEMPT), "");
    ctx.cookie(cookie(ctx, ATTEMPT, "", 0));
    int cut = Math.max(0, kept.lastIndexOf('.'));
    String next = next(kept.substring(cut));
    try {
      OpenId.Vouched vouched =
          provider.finish(back(ctx), kept.substring(0, cut), ctx.queryParamMap());
      in(
          ctx,
          members.admit(
              vouched, provider.settings().newcomer(vouched.email()), ctx.req().getRemoteAddr()),
          next);
    } catch (Failure refused) {
      refuse(ctx, next, refused);
    }
  }

  private void refuse(Context ctx, String next, Failure refused) {
    ctx.status(
        switch (refused.problem()) {
          case PROVIDER_REFUSED -> 401;
          case NOT_INVITED -> 403;
          case PROVIDER_AWAY -> 503;
          default -> throw refused;
        });
    show(ctx, null, null, "", "", next, null, refused.getMessage());
  }

  private URI back(Context ctx) {
    return URI.create(html.url(ctx) + BACK);
  }

  private static String next(String kept) {
    try {
      return Form.next(
          new String(Base64.getUrlDecoder().decode(kept.replace(".", "")), StandardCharsets.UTF_8),
          "/");
    } catch (IllegalArgumentException e) {
      return "/";
    }
  }

  private void in(Context ctx, Members.Opened opened, String next) {
    ctx.cookie(cookie(ctx, SessionGuard.COOKIE, opened.cookie(), COOKIE_SECONDS));
    Html.go(ctx, next);
  }

  private void signOut(Context ctx) {
    String cookie = ctx.cookie(SessionGuard.COOKIE);
    if (cookie != null) {
      members.signOut(cookie);
    }
    ctx.cookie(cookie(ctx, SessionGuard.COOKIE, "", 0));
    Html.go(ctx, "/sign-in");
  }

  private Cookie cookie(Context ctx, String name, String value, int seconds) {
    return new Cookie(
        name, value, "/", seconds, html.url(ctx).startsWith("https:"), true, null, SameSite.LAX);
  }
}
