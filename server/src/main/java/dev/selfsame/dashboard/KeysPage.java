package dev.selfsame.dashboard;

import dev.selfsame.access.Access;
import dev.selfsame.access.Actor;
import dev.selfsame.access.Grants.Grant;
import dev.selfsame.access.StoredAccess;
import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.http.Caller;
import dev.selfsame.http.Role;
import io.javalin.http.Context;
import io.javalin.router.JavalinDefaultRoutingApi;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Write keys and tokens: made, shown once, and ended. */
final class KeysPage implements Page {

  private static final int LONGEST_NAME = 100;

  private final Html html;
  private final DashboardServices services;

  KeysPage(Html html, DashboardServices services) {
    this.html = html;
    this.services = services;
  }

  /**
   * What the page shows.
   *
   * @param grants those that work first, then those that ended; the newest first
   * @param secret of the one just made, shown this once; null: none was made
   * @param fault what is wrong with the name; null: nothing
   */
  record View(Frame frame, List<Grant> grants, @Nullable String secret, @Nullable String fault) {

    static String kind(Grant grant) {
      return switch (grant.kind()) {
        case WRITE_KEY -> "Write key";
        case HOOK -> "Webhook";
        case TOKEN -> "Token";
      };
    }

    /** What it is good for. */
    static String good(Grant grant) {
      Access.Scope scope = grant.scope();
      return scope == null
          ? "writes as " + grant.source()
          : "may " + scope.name().toLowerCase(Locale.ROOT);
    }
  }

  @Override
  public void addTo(JavalinDefaultRoutingApi routes) {
    routes.get("/settings/keys", ctx -> show(ctx, null, null), Role.ADMIN);
    routes.post("/settings/keys", this::make, Role.ADMIN);
    routes.post("/settings/keys/{id}/revoke", this::revoke, Role.ADMIN);
  }

  private void show(Context ctx, @Nullable String secret, @Nullable String fault) {
    List<Grant> all = services.grants(Caller.actor(ctx)).reversed();
    List<Grant> sorted =
        all.stream().sorted((a, b) -> Boolean.compare(ended(a), ended(b))).toList();
    html.show(ctx, "keys", new View(html.frame(ctx, "Keys", "/settings"), sorted, secret, fault));
  }

  private static boolean ended(Grant grant) {
    return grant.revokedAt() != null;
  }

  private void make(Context ctx) {
    String name = Form.entry(ctx, "name").strip();
    if (name.isEmpty() || name.length() > LONGEST_NAME) {
      ctx.status(400);
      show(ctx, null, "A name of 1 to %d characters is expected".formatted(LONGEST_NAME));
      return;
    }
    Actor actor = Caller.actor(ctx);
    StoredAccess keys = services.keys().apply(actor);
    String secret =
        switch (Form.entry(ctx, "kind")) {
          case "server" -> services.writeKey(actor, name, "segment", true);
          case "browser" -> services.writeKey(actor, name, "browser", false);
          case "read" -> keys.issueToken(name, Access.Scope.READ).secret();
          case "write" -> keys.issueToken(name, Access.Scope.WRITE).secret();
          case "admin" -> keys.issueToken(name, Access.Scope.ADMIN).secret();
          default ->
              throw new Failure(
                  Problem.INVALID_PARAMETER, "The kind is server, browser, read, write or admin");
        };
    show(ctx, secret, null);
  }

  private void revoke(Context ctx) {
    services.keys().apply(Caller.actor(ctx)).revoke(ctx.pathParam("id"));
    Html.go(ctx, "/settings/keys?done=saved");
  }
}
