package dev.selfsame.dashboard;

import dev.selfsame.http.Caller;
import dev.selfsame.http.Role;
import dev.selfsame.lookup.BadSearch;
import dev.selfsame.review.Undone;
import dev.selfsame.review.Undos;
import dev.selfsame.store.FoundUser;
import dev.selfsame.store.MergeQueries.StoredMerge;
import io.javalin.http.Context;
import io.javalin.router.JavalinDefaultRoutingApi;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Which users became one, and taking that back. */
final class MergesPage implements Page {

  private static final int LIMIT = 50;

  private final Html html;
  private final DashboardServices services;

  MergesPage(Html html, DashboardServices services) {
    this.html = html;
    this.services = services;
  }

  /**
   * What the page shows.
   *
   * @param state live, undone or empty for both
   * @param called what the users that live today are known by
   * @param next the cursor of the merges after these; null: there are none
   */
  record View(
      Frame frame,
      String state,
      List<StoredMerge> merges,
      Map<UUID, String> called,
      @Nullable String next) {

    String called(UUID user) {
      return called.getOrDefault(user, user.toString());
    }
  }

  /** What undoing would make. */
  record UndoView(Frame frame, String id, Undone preview) {}

  @Override
  public void addTo(JavalinDefaultRoutingApi routes) {
    routes.get("/merges", Html.checked(this::show), Role.READ);
    routes.get("/merges/{id}/undo", this::preview, Role.WRITE);
    routes.post("/merges/{id}/undo", this::undo, Role.WRITE);
  }

  private void show(Context ctx) {
    String title = Form.parameter(ctx, "state");
    Undos.State state = title == null ? null : Undos.State.titled(title);
    if (title != null && state == null) {
      throw new BadSearch("state", "The state is live or undone");
    }
    Undos.Page page =
        services.undos().list(null, null, state, Form.parameter(ctx, "cursor"), LIMIT);
    Map<UUID, String> called = new HashMap<>();
    for (StoredMerge merge : page.merges()) {
      called.computeIfAbsent(merge.survivor(), this::called);
    }
    html.show(
        ctx,
        "merges",
        new View(
            html.frame(ctx, "Merges", "/merges"),
            state == null ? "" : state.title(),
            page.merges(),
            called,
            page.next()));
  }

  private String called(UUID id) {
    UUID live = services.lookup().live(id);
    FoundUser user = live == null ? null : services.lookup().user(live);
    return user == null ? id.toString() : Shown.called(user);
  }

  private void preview(Context ctx) {
    String id = ctx.pathParam("id");
    html.show(
        ctx,
        "undo",
        new UndoView(
            html.frame(ctx, "Undo", "/merges"),
            id,
            services.undos().preview(id, Caller.actor(ctx))));
  }

  private void undo(Context ctx) {
    Undone undone = services.undos().undo(ctx.pathParam("id"), Caller.actor(ctx));
    String to =
        undone.restored() != null
            ? "/users/" + undone.restored().user().id()
            : undone.survivor() != null ? "/users/" + undone.survivor().user().id() : "/merges";
    Html.go(ctx, to + "?done=undone");
  }
}
