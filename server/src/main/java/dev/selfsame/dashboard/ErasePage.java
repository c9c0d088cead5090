package dev.selfsame.dashboard;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.http.Caller;
import dev.selfsame.http.Role;
import dev.selfsame.review.EraseRequest;
import dev.selfsame.store.FoundUser;
import io.javalin.http.Context;
import io.javalin.router.JavalinDefaultRoutingApi;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/** Forgetting users for good: what would go, then done. */
final class ErasePage implements Page {

  private static final String USER = "user";

  private final Html html;
  private final DashboardServices services;

  ErasePage(Html html, DashboardServices services) {
    this.html = html;
    this.services = services;
  }

  /**
   * What the page shows.
   *
   * @param counts what would go, by table
   * @param back where one was
   */
  record View(Frame frame, List<FoundUser> users, Map<String, Long> counts, String back) {}

  @Override
  public void addTo(JavalinDefaultRoutingApi routes) {
    routes.get("/users/erase", ctx -> show(ctx, chosen(ctx.queryParams(USER))), Role.ADMIN);
    routes.post("/users/erase", ctx -> erase(ctx, chosen(ctx.formParams(USER))), Role.ADMIN);
    routes.get("/users/{id}/erase", ctx -> show(ctx, List.of(id(ctx))), Role.ADMIN);
  }

  private void show(Context ctx, List<UUID> ids) {
    List<FoundUser> users = new ArrayList<>();
    for (UUID id : ids) {
      FoundUser user = services.lookup().user(id);
      if (user == null) {
        throw unknown();
      }
      users.add(user);
    }
    Map<String, Long> counts =
        services.erasures().preview(new EraseRequest(List.of(), ids, true, Caller.actor(ctx)));
    html.show(
        ctx,
        "erase",
        new View(
            html.frame(ctx, ids.size() == 1 ? "Erase a user" : "Erase users", "/users"),
            users,
            new TreeMap<>(counts),
            ids.size() == 1 ? "/users/" + ids.getFirst() : "/users"));
  }

  private void erase(Context ctx, List<UUID> ids) {
    boolean suppress = Form.entry(ctx, "suppress").equals("yes");
    services.erasures().erase(new EraseRequest(List.of(), ids, suppress, Caller.actor(ctx)));
    Html.go(ctx, "/users?done=erased");
  }

  private static List<UUID> chosen(List<String> users) {
    List<UUID> ids = Form.ids(users);
    if (ids.isEmpty()) {
      throw new Failure(Problem.INVALID_PARAMETER, "Choose at least one user to erase");
    }
    return ids;
  }

  private static UUID id(Context ctx) {
    UUID id = Form.id(ctx.pathParam("id"));
    if (id == null) {
      throw unknown();
    }
    return id;
  }

  private static Failure unknown() {
    return new Failure(
        Problem.UNKNOWN_USER, "There is no user of that id. It may have been erased or merged");
  }
}
