package dev.selfsame.dashboard;

import dev.selfsame.http.Caller;
import dev.selfsame.http.Role;
import dev.selfsame.identity.Channel;
import dev.selfsame.lookup.BadSearch;
import dev.selfsame.lookup.SentClaim;
import io.javalin.http.Context;
import io.javalin.router.JavalinDefaultRoutingApi;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How to send the first event from what one has, and seeing it come. */
final class StartPage implements Page {

  private static final Duration WAITED = Duration.ofMinutes(30);
  private static final String PLACEHOLDER = "YOUR_WRITE_KEY";

  private final Html html;
  private final DashboardServices services;

  StartPage(Html html, DashboardServices services) {
    this.html = html;
    this.services = services;
  }

  /**
   * What the page shows.
   *
   * @param key that was just made, shown this once; null: none was
   * @param since the place in the ledger behind which an event is waited for
   * @param heard what came since; null: nothing yet
   */
  record View(
      Frame frame,
      Sender sender,
      String url,
      @Nullable String key,
      long since,
      @Nullable SentClaim heard) {

    /** Where it asks whether something came; null: it did. */
    @Nullable String waits() {
      return heard == null ? "/start?with=%s&since=%d".formatted(sender.code(), since) : null;
    }

    String snippet() {
      String made = key;
      return sender.snippet(url, made == null ? PLACEHOLDER : made);
    }
  }

  @Override
  public void addTo(JavalinDefaultRoutingApi routes) {
    routes.get("/start", Html.checked(this::show), Role.READ);
    routes.post("/start", Html.checked(this::make), Role.ADMIN);
  }

  private void show(Context ctx) {
    show(ctx, sender(Form.parameter(ctx, "with")), null);
  }

  private void show(Context ctx, Sender sender, @Nullable String key) {
    long last = services.activity().last(Channel.SEGMENT, services.now().minus(WAITED));
    String waiting = Form.parameter(ctx, "since");
    long since = waiting != null && waiting.matches("\\d{1,18}") ? Long.parseLong(waiting) : last;
    html.show(
        ctx,
        "start",
        new View(
            html.frame(ctx, "Send events", "/sources"),
            sender,
            html.url(ctx),
            key,
            since,
            last > since ? services.lookup().claims(List.of(last)).getFirst() : null));
  }

  private static Sender sender(@Nullable String code) {
    Sender sender = code == null ? Sender.CURL : Sender.of(code);
    if (sender == null) {
      throw new BadSearch("with", "No snippet is called " + code);
    }
    return sender;
  }

  private void make(Context ctx) {
    Sender sender = sender(Form.entry(ctx, "with"));
    String source = sender.readable() ? "browser" : "segment";
    show(
        ctx,
        sender,
        services.writeKey(Caller.actor(ctx), sender.title(), source, !sender.readable()));
  }
}
