package dev.selfsame.dashboard;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.http.Caller;
import dev.selfsame.http.Role;
import dev.selfsame.identity.IdentifierType;
import dev.selfsame.identity.Raw;
import dev.selfsame.lookup.BadSearch;
import dev.selfsame.lookup.Search;
import dev.selfsame.review.MoveRequest;
import dev.selfsame.review.Moved;
import dev.selfsame.store.FoundUser;
import io.javalin.http.Context;
import io.javalin.router.JavalinDefaultRoutingApi;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Giving one identifier to another user: to whom, what that would make, then done. */
final class MovePage implements Page {

  private static final int FOUND = 10;

  private final Html html;
  private final DashboardServices services;

  MovePage(Html html, DashboardServices services) {
    this.html = html;
    this.services = services;
  }

  /**
   * What the page shows.
   *
   * @param type of the identifier
   * @param q by what the other user is looked for
   * @param found users to choose from
   * @param to the user that was chosen; null: none yet
   * @param preview what it would make; null: nobody is chosen, or it would be refused
   * @param fault why; null: it would not
   */
  record View(
      Frame frame,
      FoundUser from,
      String type,
      String value,
      String q,
      List<FoundUser> found,
      @Nullable FoundUser to,
      @Nullable Moved preview,
      @Nullable String fault) {}

  @Override
  public void addTo(JavalinDefaultRoutingApi routes) {
    routes.get("/users/{id}/move", Html.checked(this::show), Role.WRITE);
    routes.post("/users/{id}/move", Html.checked(this::move), Role.WRITE);
  }

  private void show(Context ctx) {
    String type = Form.parameter(ctx, "type");
    String value = Form.parameter(ctx, "value");
    if (type == null || value == null) {
      throw new BadSearch("type", "An identifier is named by type and value");
    }
    show(ctx, type, value, Form.parameter(ctx, "q"), Form.id(ctx.queryParam("to")), null);
  }

  private void show(
      Context ctx,
      String type,
      String value,
      @Nullable String q,
      @Nullable UUID to,
      @Nullable Failure refused) {
    FoundUser from = user(Form.id(ctx.pathParam("id")));
    if (from == null) {
      throw new Failure(
          Problem.UNKNOWN_USER, "There is no user of that id. It may have been erased or merged");
    }
    FoundUser other = to == null ? null : user(to);
    Moved preview = null;
    Failure fault = refused;
    if (other != null && fault == null) {
      try {
        preview = services.moves().preview(request(ctx, type, value, from.id(), other.id()));
      } catch (Failure no) {
        if (no.problem() == Problem.STORE_AWAY || no.problem() == Problem.TOO_BUSY) {
          throw no;
        }
        fault = no;
      }
    }
    List<FoundUser> found =
        q == null
            ? List.of()
            : services
                .lookup()
                .find(new Search(null, null, null, null, false, q, FOUND, null))
                .page()
                .stream()
                .filter(each -> !each.id().equals(from.id()))
                .toList();
    html.show(
        ctx,
        "move",
        new View(
            html.frame(ctx, "Move an identifier", "/users"),
            from,
            type,
            value,
            q == null ? "" : q,
            found,
            other,
            preview,
            fault == null ? null : fault.getMessage()));
  }

  private @Nullable FoundUser user(@Nullable UUID id) {
    return id == null ? null : services.lookup().user(id);
  }

  private static MoveRequest request(Context ctx, String type, String value, UUID from, UUID to) {
    IdentifierType of;
    try {
      of = IdentifierType.of(type);
    } catch (IllegalArgumentException bad) {
      throw new BadSearch("type", String.valueOf(bad.getMessage()));
    }
    return new MoveRequest(of, Raw.text(value), from, to, null, Caller.actor(ctx));
  }

  private void move(Context ctx) {
    String type = Form.entry(ctx, "type");
    String value = Form.entry(ctx, "value");
    UUID from = Form.id(ctx.pathParam("id"));
    UUID to = Form.id(Form.entry(ctx, "to"));
    if (from == null || to == null) {
      throw new Failure(Problem.UNKNOWN_USER, "A user is named by its id; this is none");
    }
    try {
      services.moves().move(request(ctx, type, value, from, to));
    } catch (Failure refused) {
      if (refused.problem() != Problem.NOT_HELD
          && refused.problem() != Problem.LAST_IDENTIFIER
          && refused.problem() != Problem.LIMIT_REACHED) {
        throw refused;
      }
      ctx.status(409);
      show(ctx, type, value, null, to, refused);
      return;
    }
    Html.go(ctx, "/users/" + to + "?done=moved");
  }
}
