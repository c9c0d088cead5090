package dev.selfsame.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.http.Area;
import dev.selfsame.http.Bodies;
import dev.selfsame.http.Caller;
import dev.selfsame.http.Role;
import dev.selfsame.identity.IdentifierType;
import dev.selfsame.identity.Raw;
import dev.selfsame.review.MoveRequest;
import dev.selfsame.review.Moved;
import dev.selfsame.review.Moves;
import dev.selfsame.review.RaisedFlag;
import io.javalin.http.Context;
import io.javalin.router.JavalinDefaultRoutingApi;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * {@code POST /api/users/{id}/identifiers/move}: an identifier is another user's, says a person.
 */
public final class IdentifierMoveApi implements Area {

  private static final String PATH = "/api/users/{id}/identifiers/move";
  private static final int MOST_BYTES = 16 * 1024;
  private static final List<String> FIELDS = List.of("type", "value", "to", "current", "dryRun");

  private final Moves moves;
  private final Bodies bodies;

  public IdentifierMoveApi(Moves moves, Bodies bodies) {
    this.moves = moves;
    this.bodies = bodies;
  }

  @Override
  public String prefix() {
    return PATH;
  }

  @Override
  public void addTo(JavalinDefaultRoutingApi routes) {
    routes.post(
        PATH,
        Answer.withoutParameters(ctx -> bodies.use(ctx, MOST_BYTES, body -> move(ctx, body))),
        Role.WRITE);
  }

  private record Outer(Inner data) {}

  /**
   * @param position left out of a preview
   */
  private record Inner(
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Long position,
      List<WholeUser> users,
      List<RaisedFlag> flags) {}

  private void move(Context ctx, byte[] body) {
    try {
      JsonBody json = JsonBody.of(body, FIELDS);
      UUID from = Uuid.of(ctx.pathParam("id"));
      if (from == null) {
        throw new Failure(Problem.UNKNOWN_USER, "There is no user with this id.");
      }
      UUID to = json.user("to");
      if (to == null) {
        throw new JsonBody.BadField("/to", "The field to is needed: the id of the other user");
      }
      MoveRequest request =
          new MoveRequest(
              type(json.neededText("type")),
              Raw.text(json.neededText("value")),
              from,
              to,
              json.flagOrNull("current"),
              Caller.actor(ctx));
      Moved moved = json.flag("dryRun") ? moves.preview(request) : moves.move(request);
      Answer.send(
          ctx,
          new Outer(
              new Inner(
                  moved.position() == 0 ? null : moved.position(),
                  WholeUser.of(moved.from(), moved.to()),
                  moved.flags())));
    } catch (JsonBody.BadField bad) {
      ctx.status(400);
      Answer.send(ctx, Answer.badField(bad.pointer(), String.valueOf(bad.getMessage())));
    }
  }

  private static IdentifierType type(String name) {
    try {
      return IdentifierType.of(name);
    } catch (IllegalArgumentException e) {
      throw new JsonBody.BadField("/type", String.valueOf(e.getMessage()));
    }
  }
}
