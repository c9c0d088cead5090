package dev.selfsame.dashboard;

import dev.selfsame.http.Role;
import dev.selfsame.lookup.BadSearch;
import dev.selfsame.lookup.Found;
import dev.selfsame.lookup.Search;
import dev.selfsame.store.FoundUser;
import io.javalin.http.Context;
import io.javalin.router.JavalinDefaultRoutingApi;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Everybody, found as one types. */
final class UsersPage implements Page {

  private static final int LIMIT = 50;
  private static final int LONGEST_SEARCH = 300;

  private final Html html;
  private final DashboardServices services;

  UsersPage(Html html, DashboardServices services) {
    this.html = html;
    this.services = services;
  }

  /**
   * What the page shows.
   *
   * @param q what was looked for, as it was typed
   * @param next the address of the page after this one; null: there is none
   * @param fault what is wrong with the search; null: nothing
   */
  record View(
      Frame frame,
      String q,
      List<FoundUser> users,
      @Nullable String next,
      @Nullable String fault) {}

  @Override
  public void addTo(JavalinDefaultRoutingApi routes) {
    routes.get("/users", this::show, Role.READ);
  }

  private void show(Context ctx) {
    String q = Form.parameter(ctx, "q");
    String cursor = Form.parameter(ctx, "cursor");
    Frame frame = html.frame(ctx, "Users", "/users");
    try {
      Found<FoundUser> found = find(q, cursor);
      String next =
          found.next() == null
              ? null
              : "/users?cursor="
                  + Form.encoded(found.next())
                  + (q == null ? "" : "&q=" + Form.encoded(q));
      html.show(ctx, "users", new View(frame, q == null ? "" : q, found.page(), next, null));
    } catch (BadSearch bad) {
      ctx.status(400);
      html.show(
          ctx, "users", new View(frame, q == null ? "" : q, List.of(), null, bad.getMessage()));
    }
  }

  private Found<FoundUser> find(@Nullable String q, @Nullable String cursor) {
    if (q == null) {
      return services.lookup().newest(LIMIT, cursor);
    }
    if (q.length() > LONGEST_SEARCH) {
      throw new BadSearch("q", "At most %d characters are looked for".formatted(LONGEST_SEARCH));
    }
    return services.lookup().find(new Search(null, null, null, null, false, q, LIMIT, cursor));
  }
}
