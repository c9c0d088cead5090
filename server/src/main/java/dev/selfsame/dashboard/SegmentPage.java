package dev.selfsame.dashboard;

import dev.selfsame.http.Role;
import dev.selfsame.identity.Channel;
import dev.selfsame.lookup.Found;
import dev.selfsame.lookup.Search;
import dev.selfsame.resolution.Flag;
import dev.selfsame.review.Flagged;
import dev.selfsame.store.ActivityQueries.Heard;
import dev.selfsame.store.FoundFlag;
import dev.selfsame.store.FoundUser;
import dev.selfsame.store.UserFilter;
import io.javalin.http.Context;
import io.javalin.router.JavalinDefaultRoutingApi;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The Segment integration: how to send, and what of it a person should look at. */
final class SegmentPage implements Page {

  private static final int LIMIT = 50;
  private static final Duration DAY = Duration.ofDays(1);
  private static final String NO_BILLING_ID_CSV = "/segment/no-billing-id.csv";
  private static final String SAME_EMAIL_CSV = "/segment/same-email.csv";

  private final Html html;
  private final DashboardServices services;

  SegmentPage(Html html, DashboardServices services) {
    this.html = html;
    this.services = services;
  }

  /**
   * What the page shows.
   *
   * @param noBilling how many users the first box tells of
   * @param sameEmail how many emails the second does
   * @param sources that send events
   */
  record View(Frame frame, long noBilling, long sameEmail, List<Heard> sources, String url) {}

  /**
   * The users of one of the boxes.
   *
   * @param flags each with its users
   * @param next the address of those after these; null: there are none
   */
  record UsersView(
      Frame frame, Flag.Kind kind, long count, List<FoundFlag> flags, @Nullable String next) {

    String export() {
      return kind == Flag.Kind.SAME_EMAIL ? SAME_EMAIL_CSV : NO_BILLING_ID_CSV;
    }
  }

  @Override
  public void addTo(JavalinDefaultRoutingApi routes) {
    routes.get("/segment", this::show, Role.READ);
    routes.get(
        "/segment/no-billing-id",
        Html.checked(ctx -> users(ctx, Flag.Kind.MISSING_BILLING_ID)),
        Role.READ);
    routes.get(
        "/segment/same-email", Html.checked(ctx -> users(ctx, Flag.Kind.SAME_EMAIL)), Role.READ);
    routes.get(NO_BILLING_ID_CSV, ctx -> export(ctx, Flag.Kind.MISSING_BILLING_ID), Role.READ);
    routes.get(SAME_EMAIL_CSV, ctx -> export(ctx, Flag.Kind.SAME_EMAIL), Role.READ);
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
            services.activity().sources(services.now().minus(DAY)).stream()
                .filter(each -> each.source().channel() == Channel.SEGMENT)
                .toList(),
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

  private void export(Context ctx, Flag.Kind kind) throws IOException {
    services
        .exports()
        .send(
            new FlaggedUsers(kind),
            CsvFile.users(
                ctx, kind == Flag.Kind.SAME_EMAIL ? "same-email.csv" : "no-billing-id.csv"));
  }

  /** The ids of all users whom open flags of a kind are about, some flags at a time. */
  private final class FlaggedUsers implements Iterator<List<UUID>> {
    private final Flag.Kind kind;
    private @Nullable Found<FoundFlag> next;

    FlaggedUsers(Flag.Kind kind) {
      this.kind = kind;
      this.next = page(null);
    }

    private Found<FoundFlag> page(@Nullable String cursor) {
      return services
          .flagged()
          .list(new Flagged.Search(kind.code(), "open", null, Flagged.MOST, cursor));
    }

    @Override
    public boolean hasNext() {
      return next != null;
    }

    @Override
    public List<UUID> next() {
      Found<FoundFlag> page = next;
      if (page == null) {
        throw new NoSuchElementException("There is no further page");
      }
      next = page.next() == null ? null : page(page.next());
      Set<UUID> users = new LinkedHashSet<>();
      for (FoundFlag flag : page.page()) {
        flag.users().forEach(user -> users.add(user.id()));
        if (flag.moreUsers() && flag.about() != null) {
          users.addAll(having(flag.about().value()));
        }
      }
      return List.copyOf(users);
    }

    private List<UUID> having(String email) {
      List<UUID> users = new ArrayList<>();
      String cursor = null;
      do {
        Found<FoundUser> found =
            services
                .lookup()
                .find(
                    new Search(
                        null,
                        email,
                        null,
                        null,
                        false,
                        null,
                        UserFilter.NONE,
                        Search.MOST,
                        cursor));
        found.page().forEach(user -> users.add(user.id()));
        cursor = found.next();
      } while (cursor != null);
      return users;
    }
  }
}
