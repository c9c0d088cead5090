package dev.selfsame.dashboard;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.selfsame.http.Role;
import dev.selfsame.lookup.BadSearch;
import dev.selfsame.resolution.Flag;
import dev.selfsame.source.warehouse.Syncs;
import dev.selfsame.store.ActivityQueries.Heard;
import dev.selfsame.store.ActivityQueries.Span;
import dev.selfsame.store.ActivityQueries.Totals;
import dev.selfsame.store.FoundUser;
import dev.selfsame.store.MergeQueries.StoredMerge;
import dev.selfsame.store.SyncLog;
import dev.selfsame.store.UserFilter;
import io.javalin.http.Context;
import io.javalin.router.JavalinDefaultRoutingApi;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Where one lands: how much there is, what waits for a person, and what happened last. */
final class HomePage implements Page {

  private static final int SHOWN = 6;

  /** How far back the charts go. */
  enum Range {
    HOUR("1 hour", Duration.ofMinutes(1), 60),
    DAY("24 hours", Duration.ofMinutes(15), 96),
    WEEK("7 days", Duration.ofHours(2), 84);

    private final String title;
    private final Duration span;
    private final int spans;

    Range(String title, Duration span, int spans) {
      this.title = title;
      this.span = span;
      this.spans = spans;
    }

    /** Whether it is so long that to add it up for every look takes long. */
    private boolean kept() {
      return this != HOUR;
    }

    String title() {
      return title;
    }

    /** As it stands in the address. */
    String code() {
      return name().toLowerCase(Locale.ROOT);
    }

    private static Range of(String code) {
      for (Range range : values()) {
        if (range.code().equals(code)) {
          return range;
        }
      }
      throw new BadSearch("range", "The range is hour, day or week");
    }
  }

  private final Html html;
  private final DashboardServices services;

  /** What does not change much from one look to the next. */
  private final Cache<Range, List<Span>> kept =
      Caffeine.newBuilder().expireAfterWrite(Duration.ofSeconds(30)).build();

  HomePage(Html html, DashboardServices services) {
    this.html = html;
    this.services = services;
  }

  /**
   * What the page shows.
   *
   * @param flags the open ones by kind
   * @param newest users
   * @param sources those that said something, who was heard last first
   * @param syncs the last run of each warehouse's source, those that failed first
   */
  record View(
      Frame frame,
      Totals totals,
      Map<Flag.Kind, Long> flags,
      Range range,
      ActivityChart events,
      ActivityChart rules,
      List<Heard> sources,
      List<Syncs.Run> syncs,
      List<StoredMerge> merges,
      List<FoundUser> newest) {

    /** Open flags that somebody must look at: without those that say only what is missing. */
    long toReview() {
      return flags.entrySet().stream()
          .filter(each -> each.getKey() != Flag.Kind.MISSING_BILLING_ID)
          .mapToLong(Map.Entry::getValue)
          .sum();
    }

    /** How many of a hundred users have an external id. */
    String identified() {
      return totals.users() == 0
          ? "–"
          : String.format(Locale.ENGLISH, "%.1f %%", 100.0 * totals.identified() / totals.users());
    }
  }

  @Override
  public void addTo(JavalinDefaultRoutingApi routes) {
    routes.get("/", Html.checked(this::show), Role.READ);
  }

  private List<Span> spans(Range range, Instant now) {
    return services.activity().spans(now, range.span, range.spans);
  }

  private void show(Context ctx) {
    String asked = Form.parameter(ctx, "range");
    Range range = asked == null ? Range.HOUR : Range.of(asked);
    Instant now = services.now();
    List<Span> spans = range.kept() ? kept.get(range, each -> spans(each, now)) : spans(range, now);
    List<Heard> sources =
        services.activity().sources(now.minus(Duration.ofDays(1))).stream()
            .filter(source -> source.heardAt() != null)
            .sorted(
                Comparator.comparing(
                    Heard::heardAt, Comparator.nullsFirst(Comparator.reverseOrder())))
            .limit(SHOWN)
            .toList();
    html.show(
        ctx,
        "home",
        new View(
            html.frame(ctx, "Home", "/"),
            services.activity().totals(),
            services.flagged().counts(null),
            range,
            ActivityChart.ofEvents(spans, range.span),
            ActivityChart.ofRules(spans, range.span),
            sources,
            services.syncs().latest().stream()
                .sorted(Comparator.comparing(run -> run.state() != SyncLog.State.FAILED))
                .limit(SHOWN)
                .toList(),
            services.merges(SHOWN),
            services.lookup().newest(UserFilter.NONE, SHOWN, null).page()));
  }
}
