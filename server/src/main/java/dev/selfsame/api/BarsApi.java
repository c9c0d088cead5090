package dev.selfsame.api;

import dev.selfsame.http.Area;
import dev.selfsame.http.Bodies;
import dev.selfsame.http.Caller;
import dev.selfsame.http.Role;
import dev.selfsame.lookup.Found;
import dev.selfsame.review.Bars;
import dev.selfsame.review.KeepApartRequest;
import dev.selfsame.store.FoundBar;
import io.javalin.http.Context;
import io.javalin.router.JavalinDefaultRoutingApi;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** {@code /api/bars}: who is kept apart, keeping users apart, and lifting it. */
public final class BarsApi implements Area {

  private static final String PATH = "/api/bars";
  private static final int MOST_BYTES = 64 * 1024;
  private static final int DEFAULT_LIMIT = 100;
  private static final List<String> PARAMETERS = List.of("user", "limit", "cursor");
  private static final List<String> FIELDS = List.of("users", "lift", "reason", "dryRun");

  private final Bars bars;
  private final Bodies bodies;

  public BarsApi(Bars bars, Bodies bodies) {
    this.bars = bars;
    this.bodies = bodies;
  }

  @Override
  public String prefix() {
    return PATH;
  }

  @Override
  public void addTo(JavalinDefaultRoutingApi routes) {
    routes.get(PATH, Answer.checked(this::list), Role.READ);
    routes.post(
        PATH,
        Answer.withoutParameters(ctx -> bodies.use(ctx, MOST_BYTES, body -> keepApart(ctx, body))),
        Role.WRITE);
  }

  /** A bar as callers see it. */
  private record View(
      List<UUID> users, long position, String code, @Nullable String by, Instant at) {}

  private record Outer(Inner data) {}

  /**
   * What became of the call.
   *
   * @param changed false if it was so already
   */
  private record Inner(List<UUID> users, boolean lift, boolean changed) {}

  private void list(Context ctx) {
    Parameters parameters = Parameters.of(ctx, PARAMETERS);
    Found<FoundBar> found =
        bars.list(
            FlagsApi.user(parameters),
            parameters.number("limit", DEFAULT_LIMIT),
            parameters.text("cursor"));
    Answer.send(
        ctx,
        new Answer.Data(
            found.page().stream()
                .map(bar ->
                    new View(
                        List.of(bar.one(), bar.other()),
                        bar.position(),
                        bar.code(),
                        bar.by(),
                        bar.at()))
                .toList(),
            new Answer.Links(
                parameters.link(PATH, parameters.text("cursor")),
                found.next() == null ? null : parameters.link(PATH, found.next()))));
  }

  private void keepApart(Context ctx, byte[] body) {
    try {
      JsonBody json = JsonBody.of(body, FIELDS);
      KeepApartRequest request =
          new KeepApartRequest(
              json.users("users"), json.flag("lift"), Caller.actor(ctx), json.text("reason"));
      boolean changed = json.flag("dryRun") ? bars.preview(request) : bars.keepApart(request);
      Answer.send(ctx, new Outer(new Inner(request.users(), request.lift(), changed)));
    } catch (JsonBody.BadField bad) {
      ctx.status(400);
      Answer.send(ctx, Answer.badField(bad.pointer(), String.valueOf(bad.getMessage())));
    }
  }
}
