package dev.selfsame.api;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.http.Area;
import dev.selfsame.http.Bodies;
import dev.selfsame.http.Caller;
import dev.selfsame.http.Role;
import dev.selfsame.lookup.BadSearch;
import dev.selfsame.publish.FileFormat;
import dev.selfsame.publish.Publications;
import dev.selfsame.publish.Target;
import io.javalin.http.Context;
import io.javalin.router.JavalinDefaultRoutingApi;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** {@code /api/publications}: where who is who is written to, and the runs that do. */
public final class PublicationsApi implements Area {

  private static final String PATH = "/api/publications";
  private static final int MOST_BYTES = 64 * 1024;
  private static final int MOST_RUNS = 100;
  private static final List<String> FIELDS =
      List.of(
          "name",
          "connection",
          "schema",
          "prefix",
          "directory",
          "format",
          "everySeconds",
          "afterSyncs",
          "replace");

  private final Publications publications;
  private final Bodies bodies;

  public PublicationsApi(Publications publications, Bodies bodies) {
    this.publications = publications;
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
    routes.get(PATH + "/{name}", Answer.withoutParameters(this::one), Role.READ);
    routes.delete(PATH + "/{name}", Answer.withoutParameters(this::remove), Role.ADMIN);
    routes.post(PATH + "/{name}/runs", Answer.checked(this::start), Role.WRITE);
    routes.get(PATH + "/{name}/runs", Answer.checked(this::runs), Role.READ);
    routes.get(PATH + "/{name}/runs/{id}", Answer.withoutParameters(this::run), Role.READ);
  }

  private void list(Context ctx) {
    Answer.send(ctx, new Answer.Data(publications.list(), new Answer.Links(PATH, null)));
  }

  private void one(Context ctx) {
    shown(ctx, publications.get(ctx.pathParam("name")));
  }

  private static void shown(Context ctx, Publications.Shown publication) {
    Answer.send(
        ctx, new Answer.Data(publication, new Answer.Links(PATH + "/" + publication.name(), null)));
  }

  private void add(Context ctx, byte[] body) {
    JsonBody.answering(
        ctx,
        () -> {
          JsonBody json = JsonBody.of(body, FIELDS);
          Publications.Shown added =
              publications.add(
                  json.neededText("name"),
                  target(json),
                  json.number("everySeconds"),
                  json.flag("afterSyncs"),
                  json.flag("replace"),
                  Caller.actor(ctx));
          ctx.status(201);
          shown(ctx, added);
        });
  }

  private static Target target(JsonBody json) {
    String connection = json.text("connection");
    String directory = json.text("directory");
    String schema = json.text("schema");
    String prefix = json.text("prefix");
    if (connection != null && directory == null && json.text("format") == null) {
      return new Target.Tables(connection, schema, prefix == null ? "" : prefix);
    }
    if (directory != null && connection == null && schema == null && prefix == null) {
      return new Target.Files(path(directory), FileFormat.of(json.neededText("format")));
    }
    throw new Failure(
        Problem.PUBLICATION_INVALID,
        "A publication has a connection, with schema and prefix where they are wanted, or a"
            + " directory and a format.");
  }

  private static Path path(String directory) {
    try {
      return Path.of(directory);
    } catch (InvalidPathException e) {
      throw new Failure(
          Problem.PUBLICATION_INVALID, "The directory is no path: " + e.getMessage(), 0, e);
    }
  }

  private void remove(Context ctx) {
    publications.remove(ctx.pathParam("name"), Caller.actor(ctx));
    ctx.status(204);
  }

  private void start(Context ctx) {
    boolean full = Parameters.of(ctx, List.of("full")).flag("full");
    Publications.Run run = publications.start(ctx.pathParam("name"), full, Caller.actor(ctx));
    ctx.status(202).header("Location", path(run));
    shown(ctx, run);
  }

  private void runs(Context ctx) {
    int limit = Parameters.of(ctx, List.of("limit")).number("limit", 20);
    if (limit < 1 || limit > MOST_RUNS) {
      throw new BadSearch("limit", "The limit is %d; expected 1 to %d".formatted(limit, MOST_RUNS));
    }
    String name = ctx.pathParam("name");
    Answer.send(
        ctx,
        new Answer.Data(
            publications.runs(name, limit), new Answer.Links(PATH + "/" + name + "/runs", null)));
  }

  /** One, or the latest by that word. */
  private void run(Context ctx) {
    Publications.Run run = found(ctx.pathParam("name"), ctx.pathParam("id"));
    if (run == null || !run.publication().equals(ctx.pathParam("name"))) {
      throw new Failure(Problem.NOT_FOUND, "There is no run with this id.");
    }
    shown(ctx, run);
  }

  private Publications.@Nullable Run found(String name, String id) {
    if (id.equals("latest")) {
      return publications.runs(name, 1).stream().findFirst().orElse(null);
    }
    UUID uuid = Uuid.of(id);
    return uuid == null ? null : publications.get(uuid);
  }

  private static void shown(Context ctx, Publications.Run run) {
    Answer.send(ctx, new Answer.Data(run, new Answer.Links(path(run), null)));
  }

  private static String path(Publications.Run run) {
    return PATH + "/" + run.publication() + "/runs/" + run.id();
  }
}
