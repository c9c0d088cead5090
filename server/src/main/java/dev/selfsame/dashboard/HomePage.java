package dev.selfsame.dashboard;

import dev.selfsame.http.Role;
import dev.selfsame.resolution.Flag;
import dev.selfsame.store.FoundUser;
import dev.selfsame.store.MergeQueries.StoredMerge;
import dev.selfsame.store.UserFilter;
import io.javalin.http.Context;
import io.javalin.router.JavalinDefaultRoutingApi;
import java.util.List;
import java.util.Map;

/** Where one lands: what waits for a person, and what happened last. */
final class HomePage implements Page {

  private static final int SHOWN = 8;

  private final Html html;
  private final DashboardServices services;

  HomePage(Html html, DashboardServices services) {
    this.html = html;
    this.services = services;
  }

  /**
   * What the page shows.
   *
   * @param flags the open ones by kind
   * @param newest users
   * @param url where this server is reached, for snippets
   */
  record View(
      Frame frame,
      Map<Flag.Kind, Long> flags,
      List<StoredMerge> merges,
      List<FoundUser> newest,
      String url) {

    /** Open flags that somebody must look at: without those that say only what is missing. */
    long toReview() {
      return flags.entrySet().stream()
          .filter(each -> each.getKey() != Flag.Kind.MISSING_BILLING_ID)
          .mapToLong(Map.Entry::getValue)
          .sum();
    }
  }

  @Override
  public void addTo(JavalinDefaultRoutingApi routes) {
    routes.get("/", this::show, Role.READ);
  }

  private void show(Context ctx) {
    html.show(
        ctx,
        "home",
        new View(
            html.frame(ctx, "Home", "/"),
            services.flagged().counts(null),
            services.merges(SHOWN),
            services.lookup().newest(UserFilter.NONE, SHOWN, null).page(),
            html.url(ctx)));
  }
}
