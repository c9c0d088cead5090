package dev.selfsame.dashboard;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.http.Caller;
import dev.selfsame.http.Role;
import dev.selfsame.review.MergeField;
import dev.selfsame.review.MergeRequest;
import dev.selfsame.review.Merged;
import dev.selfsame.store.FoundUser;
import io.javalin.http.Context;
import io.javalin.router.JavalinDefaultRoutingApi;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Merging users by hand: who stays, whose values show, what that would make; then done. */
final class MergePage implements Page {

  private static final int MOST = 20;

  private final Html html;
  private final DashboardServices services;

  MergePage(Html html, DashboardServices services) {
    this.html = html;
    this.services = services;
  }

  /**
   * What the page shows.
   *
   * @param users those to be merged, the one created first first
   * @param survivor who would stay
   * @param picks whose value of a field would show, where it was chosen
   * @param preview what it would make; null: it would be refused
   * @param fault why; null: it would not
   */
  record View(
      Frame frame,
      List<FoundUser> users,
      UUID survivor,
      Map<MergeField, UUID> picks,
      @Nullable Merged preview,
      @Nullable String fault) {

    /** The value of a field of one of the users; null: it has none. */
    static @Nullable String value(FoundUser user, MergeField field) {
      return switch (field) {
        case NAME -> user.name();
        case EMAIL -> user.email();
        case EXTERNAL_ID -> user.externalId();
        case BILLING_ID -> user.billingId();
      };
    }

    /** Whether the users say different things of a field, so that one may be chosen. */
    boolean differs(MergeField field) {
      return users.stream()
              .map(user -> value(user, field))
              .filter(v -> v != null)
              .distinct()
              .count()
          > 1;
    }

    static String title(MergeField field) {
      return switch (field) {
        case NAME -> "Name";
        case EMAIL -> "Email";
        case EXTERNAL_ID -> "External ID";
        case BILLING_ID -> "Billing ID";
      };
    }
  }

  @Override
  public void addTo(JavalinDefaultRoutingApi routes) {
    routes.get("/merge", this::show, Role.WRITE);
    routes.post("/merge", this::merge, Role.WRITE);
  }

  private void show(Context ctx) {
    List<UUID> ids = new ArrayList<>();
    for (UUID id : Form.ids(ctx.queryParams("user"))) {
      UUID live = services.lookup().live(id);
      if (live != null && !ids.contains(live)) {
        ids.add(live);
      }
    }
    if (ids.size() < 2 || ids.size() > MOST) {
      throw new Failure(
          Problem.INVALID_PARAMETER,
          "Choose 2 to %d different users to merge; %d are chosen".formatted(MOST, ids.size()));
    }
    ids.sort(null);
    List<FoundUser> users = new ArrayList<>();
    for (UUID id : ids) {
      FoundUser user = services.lookup().user(id);
      if (user != null) {
        users.add(user);
      }
    }
    UUID survivor = Form.id(ctx.queryParam("survivor"));
    UUID stays = survivor == null || !ids.contains(survivor) ? ids.getFirst() : survivor;
    Map<MergeField, UUID> picks = picks(title -> ctx.queryParam(title));
    Merged preview = null;
    String fault = null;
    try {
      preview = services.merging().preview(new MergeRequest(ids, stays, picks, Caller.actor(ctx)));
    } catch (Failure refused) {
      if (refused.problem() == Problem.STORE_AWAY || refused.problem() == Problem.TOO_BUSY) {
        throw refused;
      }
      fault = refused.getMessage();
    }
    html.show(
        ctx,
        "merge",
        new View(html.frame(ctx, "Merge users", "/users"), users, stays, picks, preview, fault));
  }

  private void merge(Context ctx) {
    List<UUID> ids = Form.ids(ctx.formParams("user"));
    Merged merged =
        services
            .merging()
            .merge(
                new MergeRequest(
                    ids,
                    Form.id(ctx.formParam("survivor")),
                    picks(ctx::formParam),
                    Caller.actor(ctx)));
    Html.go(
        ctx,
        "/users/%s?done=merged%s"
            .formatted(
                merged.user().id(),
                merged.mergeIds().size() == 1 ? "&merge=" + merged.mergeIds().getFirst() : ""));
  }

  private static Map<MergeField, UUID> picks(Function<String, @Nullable String> given) {
    Map<MergeField, UUID> picks = new EnumMap<>(MergeField.class);
    for (MergeField field : MergeField.values()) {
      UUID of = Form.id(given.apply(field.title()));
      if (of != null) {
        picks.put(field, of);
      }
    }
    return picks;
  }
}
