package dev.selfsame.dashboard;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.http.Caller;
import dev.selfsame.http.Role;
import dev.selfsame.review.EraseRequest;
import dev.selfsame.store.FoundUser;
import io.javalin.http.Context;
import io.javalin.router.JavalinDefaultRoutingApi;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/** Forgetting one user for good: what would go, then done. */
final class ErasePage implements Page {

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
   */
  record View(Frame frame, FoundUser user, Map<String, Long> counts) {
    String called() {
      return Shown.called(user);
    }
  }

  @Override
  public void addTo(JavalinDefaultRoutingApi routes) {
    routes.get("/users/{id}/erase", this::show, Role.ADMIN);
    routes.post("/users/{id}/erase", this::erase, Role.ADMIN);
  }

  private void show(Context ctx) {
    UUID id = id(ctx);
    FoundUser user = services.lookup().user(id);
    if (user == null) {
      throw unknown();
    }
    Map<String, Long> counts =
        services
            .erasures()
            .preview(new EraseRequest(List.of(), List.of(id), true, Caller.actor(ctx)));
    html.show(
        ctx,
        "erase",
        new View(html.frame(ctx, "Erase a user", "/users"), user, new TreeMap<>(counts)));
  }

  private void erase(Context ctx) {
    boolean suppress = Form.entry(ctx, "suppress").equals("yes");
    services
        .erasures()
        .erase(new EraseRequest(List.of(), List.of(id(ctx)), suppress, Caller.actor(ctx)));
    Html.go(ctx, "/users?done=erased");
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
