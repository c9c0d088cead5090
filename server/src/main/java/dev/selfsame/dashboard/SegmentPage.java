package dev.selfsame.dashboard;

import dev.selfsame.http.Role;
import dev.selfsame.lookup.Found;
import dev.selfsame.resolution.Flag;
import dev.selfsame.review.Flagged;
import dev.selfsame.store.FoundFlag;
import io.javalin.http.Context;
import io.javalin.router.JavalinDefaultRoutingApi;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The Segment integration: how to send, and what of it a person should look at. */
final class SegmentPage implements Page {

  private static final int LIMIT = 50;

  private final Html html;
  private final DashboardServices services;

  SegmentPage(Html html, DashboardServices services) {
    this.html = html;
    this.services = services;
  }

  /** What the page shows: how many users have what the two boxes tell. */
  record View(Frame frame, long noBilling, long sameEmail, String url) {}

  /**
   * The users of one of the boxes.
   *
   * @param flags each with its users
   * @param next the address of those after these; null: there are none
   */
  record UsersView(
      Frame frame, Flag.Kind kind, long count, List<FoundFlag> flags, @Nullable String next) {}

  @Override
  public void addTo(JavalinDefaultRoutingApi routes) {
    routes.get("/segment", this::show, Role.READ);
    routes.get(
        "/segment/no-billing-id",
        Html.checked(ctx -> users(ctx, Flag.Kind.MISSING_BILLING_ID)),
        Role.READ);
    routes.get(
        "/segment/same-email", Html.checked(ctx -> users(ctx, Flag.Kind.SAME_EMAIL)), Role.READ);
  }

  private void show(Context ctx) {
    var counts = services.flagged().counts(null);
    html.show(
        ctx,
        "segment",
        new View(
            html.frame(ctx, "Segment", "/segment"),
            counts.getOrDefault(Flag.Kind.MISSING_BILLING_ID, 0L),
            counts.getOrDefault(Flag.Kind.SAME_EMAIL, 0L),
            html.url(ctx)));
  }

  private void users(Context ctx, Flag.Kind kind) {
    Found<FoundFlag> found =
        services
            .flagged()
            .list(
                new Flagged.Search(
                    kind.code(), "open", null, LIMIT, Form.parameter(ctx, "cursor")));
    html.show(
        ctx,
        "segmentUsers",
        new UsersView(
            html.frame(
                ctx,
                kind == Flag.Kind.SAME_EMAIL
                    ? "Same email address"
                    : "Not connected to billing provider",
                "/segment"),
            kind,
            services.flagged().counts(null).getOrDefault(kind, 0L),
            found.page(),
            found.next() == null ? null : ctx.path() + "?cursor=" + Form.encoded(found.next())));
  }
}
