package dev.selfsame.dashboard;

import dev.selfsame.dashboard.Frame.Toast;
import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.lookup.BadSearch;
import dev.selfsame.member.Members;
import gg.jte.ContentType;
import gg.jte.TemplateEngine;
import gg.jte.output.StringOutput;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Writes pages: templates that were compiled with the program. */
final class Html {

  /** Nothing from elsewhere, nothing that is written into the page itself. */
  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
          + " form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

  static final String SIGNED = "selfsame.signed";

  private final TemplateEngine templates =
      TemplateEngine.createPrecompiled(
          null, ContentType.Html, Html.class.getClassLoader(), "dev.selfsame.dashboard");

  private final Assets assets;
  private final @Nullable URI publicUrl;

  /**
   * @param publicUrl where browsers reach the server, when a proxy stands before it; null: as each
   *     request says
   */
  Html(Assets assets, @Nullable URI publicUrl) {
    this.assets = assets;
    this.publicUrl = publicUrl;
  }

  /** Where this browser reaches the server, without a slash at the end. */
  String url(Context ctx) {
    return publicUrl == null
        ? ctx.scheme() + "://" + ctx.header("Host")
        : publicUrl.toString().replaceFirst("/$", "");
  }

  /**
   * The frame of a page for whoever asks for it.
   *
   * @param section the path of the navigation's entry
   */
  Frame frame(Context ctx, String title, String section) {
    Members.Signed signed = ctx.attribute(SIGNED);
    return new Frame(
        title,
        section,
        signed == null ? null : signed.member(),
        signed == null ? "" : signed.formToken(),
        toast(ctx),
        assets);
  }

  /** What the page before did, as its address says. */
  private static @Nullable Toast toast(Context ctx) {
    String done = ctx.queryParam("done");
    if (done == null) {
      return null;
    }
    String merge = ctx.queryParam("merge");
    boolean undo = merge != null && merge.matches("\\d{1,18}(\\.\\d{1,4})?");
    return switch (done) {
      case "merged" -> new Toast("Merged.", undo ? merge : null);
      case "undone" -> new Toast("Taken back: both are users of their own again.", null);
      case "apart" -> new Toast("Kept apart: no rule will merge them.", null);
      case "dismissed" -> new Toast("Dismissed.", null);
      case "moved" -> new Toast("Moved: it finds this user from now on.", null);
      case "erased" -> new Toast("Erased.", null);
      case "forgotten" -> new Toast("Forgotten: its files are deleted.", null);
      case "deleted" -> new Toast("Deleted.", null);
      case "saved" -> new Toast("Saved.", null);
      default -> null;
    };
  }

  /**
   * Answers with a page.
   *
   * @param template its name without ending
   * @param page what it shows
   */
  void show(Context ctx, String template, Object page) {
    StringOutput out = new StringOutput();
    templates.render(template + ".jte", page, out);
    ctx.header("Content-Security-Policy", POLICY)
        .header("X-Content-Type-Options", "nosniff")
        .header("Referrer-Policy", "same-origin")
        .header("Cache-Control", "no-store")
        .contentType("text/html; charset=utf-8")
        .result(out.toString().getBytes(StandardCharsets.UTF_8));
  }

  /**
   * The handler, with a parameter that cannot be meant refused by name.
   *
   * @throws Failure {@code INVALID_PARAMETER}
   */
  static Handler checked(Handler handler) {
    return ctx -> {
      try {
        handler.handle(ctx);
      } catch (BadSearch bad) {
        throw new Failure(Problem.INVALID_PARAMETER, String.valueOf(bad.getMessage()));
      }
    };
  }

  /** Sends the browser on to look at what came of a form. */
  static void go(Context ctx, String path) {
    ctx.status(303).header("Location", path).header("Cache-Control", "no-store");
  }
}
