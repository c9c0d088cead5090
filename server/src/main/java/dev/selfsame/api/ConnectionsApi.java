package dev.selfsame.api;

import dev.selfsame.connection.Connections;
import dev.selfsame.http.Area;
import dev.selfsame.http.Bodies;
import dev.selfsame.http.Caller;
import dev.selfsame.http.Role;
import io.javalin.http.Context;
import io.javalin.router.JavalinDefaultRoutingApi;
import java.util.List;

/** {@code /api/connections}: the other databases that sources may ask. */
public final class ConnectionsApi implements Area {

  private static final String PATH = "/api/connections";
  private static final int MOST_BYTES = 64 * 1024;
  private static final List<String> FIELDS =
      List.of("name", "url", "user", "password", "options", "replace");

  private final Connections connections;
  private final Bodies bodies;

  public ConnectionsApi(Connections connections, Bodies bodies) {
    this.connections = connections;
    this.bodies = bodies;
  }

  @Override
  public String prefix() {
    return PATH;
  }

  @Override
  public void addTo(JavalinDefaultRoutingApi routes) {
    routes.get(PATH, Answer.withoutParameters(this::list), Role.READ);
    routes.post(
        PATH,
        Answer.withoutParameters(ctx -> bodies.use(ctx, MOST_BYTES, body -> add(ctx, body))),
        Role.ADMIN);
    routes.post(PATH + "/{name}/test", Answer.withoutParameters(this::test), Role.ADMIN);
    routes.delete(PATH + "/{name}", Answer.withoutParameters(this::remove), Role.ADMIN);
  }

  private void list(Context ctx) {
    Answer.send(ctx, new Answer.Data(connections.list(), new Answer.Links(PATH, null)));
  }

  private void add(Context ctx, byte[] body) {
    JsonBody.answering(
        ctx,
        () -> {
          JsonBody json = JsonBody.of(body, FIELDS);
          Connections.Shown added =
              connections.add(
                  json.neededText("name"),
                  json.neededText("url"),
                  json.text("user"),
                  json.text("password"),
                  json.textsByName("options"),
                  json.flag("replace"),
                  Caller.actor(ctx));
          ctx.status(201);
          Answer.send(
              ctx, new Answer.Data(added, new Answer.Links(PATH + "/" + added.name(), null)));
        });
  }

  private void test(Context ctx) {
    String name = ctx.pathParam("name");
    Answer.send(
        ctx,
        new Answer.Data(
            connections.test(name), new Answer.Links(PATH + "/" + name + "/test", null)));
  }

  private void remove(Context ctx) {
    connections.remove(ctx.pathParam("name"), Caller.actor(ctx));
    ctx.status(204);
  }
}
