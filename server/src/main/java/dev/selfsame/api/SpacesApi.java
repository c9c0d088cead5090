package dev.selfsame.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.selfsame.http.Area;
import dev.selfsame.http.Bodies;
import dev.selfsame.http.Caller;
import dev.selfsame.http.Role;
import dev.selfsame.store.StoredSpaces;
import io.javalin.http.Context;
import io.javalin.router.JavalinDefaultRoutingApi;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code /api/spaces}: the installation's spaces. For tokens of the first one alone. */
public final class SpacesApi implements Area {

  private static final String PATH = "/api/spaces";
  private static final int MOST_BYTES = 4 * 1024;
  private static final List<String> FIELDS = List.of("name");

  private final StoredSpaces spaces;
  private final Bodies bodies;
  private final InstantSource clock;

  public SpacesApi(StoredSpaces spaces, Bodies bodies, InstantSource clock) {
    this.spaces = spaces;
    this.bodies = bodies;
    this.clock = clock;
  }

  @Override
  public String prefix() {
    return PATH;
  }

  @Override
  public void addTo(JavalinDefaultRoutingApi routes) {
    routes.get(PATH, Answer.withoutParameters(this::list), Role.ADMIN);
    routes.post(PATH, Answer.withoutParameters(this::create), Role.ADMIN);
  }

  /**
   * A space as it is answered.
   *
   * @param createdAt left out of the one that is there from the start
   */
  private record Shown(
      String name,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Instant createdAt,
      long users) {
    Shown(StoredSpaces.Space space) {
      this(space.name(), space.createdAt(), space.users());
    }
  }

  private void list(Context ctx) {
    needFirst(ctx);
    Answer.send(
        ctx,
        new Answer.Data(
            spaces.list().stream().map(Shown::new).toList(), new Answer.Links(PATH, null)));
  }

  private void create(Context ctx) throws Exception {
    needFirst(ctx);
    bodies.use(
        ctx,
        MOST_BYTES,
        body ->
            JsonBody.answering(
                ctx,
                () -> {
                  String name = JsonBody.of(body, FIELDS).neededText("name");
                  StoredSpaces.Space made = spaces.create(name, Caller.actor(ctx), clock.instant());
                  ctx.status(201);
                  Answer.send(ctx, new Answer.Data(new Shown(made), new Answer.Links(PATH, null)));
                }));
  }

  private static void needFirst(Context ctx) {
    Caller.needDefaultSpace(ctx, "The list of spaces");
  }
}
