package dev.selfsame.api;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.http.Area;
import dev.selfsame.http.Bodies;
import dev.selfsame.http.Caller;
import dev.selfsame.http.Role;
import dev.selfsame.lookup.BadSearch;
import dev.selfsame.source.warehouse.LeftRows;
import dev.selfsame.source.warehouse.Mapping;
import dev.selfsame.source.warehouse.QueryPreview;
import dev.selfsame.source.warehouse.Syncs;
import io.javalin.http.Context;
import io.javalin.router.JavalinDefaultRoutingApi;
import java.util.List;
import java.util.UUID;

/** {@code /api/syncs}: sources that ask a warehouse, and their runs. */
public final class SyncsApi implements Area {

  private static final String PATH = "/api/syncs";
  private static final int MOST_BYTES = 512 * 1024;
  private static final int MOST_RUNS = 100;
  private static final List<String> ADDING = List.of("name", "connection", "query", "replace");
  private static final List<String> PREVIEWING = List.of("connection", "query");
  private static final List<String> MAPPING =
      List.of(
          "externalId",
          "fallback",
          "fallbackIsEmail",
          "name",
          "email",
          "accounts",
          "accountName",
          "updatedAt",
          "traits",
          "replaceAccounts",
          "updateOnly");
  private static final List<String> OPERATING = List.of("schedule", "paused", "leftRows", "shadow");

  private final Syncs syncs;
  private final Bodies bodies;

  public SyncsApi(Syncs syncs, Bodies bodies) {
    this.syncs = syncs;
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
    routes.post(
        PATH + "/preview",
        Answer.checked(ctx -> bodies.use(ctx, MOST_BYTES, body -> preview(ctx, body))),
        Role.ADMIN);
    routes.get(PATH + "/{name}", Answer.withoutParameters(this::one), Role.READ);
    routes.post(PATH + "/{name}/preview", Answer.checked(this::preview), Role.ADMIN);
    routes.put(
        PATH + "/{name}/mapping",
        Answer.withoutParameters(ctx -> bodies.use(ctx, MOST_BYTES, body -> configure(ctx, body))),
        Role.ADMIN);
    routes.put(
        PATH + "/{name}/schedule",
        Answer.withoutParameters(ctx -> bodies.use(ctx, MOST_BYTES, body -> operate(ctx, body))),
        Role.ADMIN);
    routes.post(PATH + "/{name}/cancel", Answer.withoutParameters(this::cancel), Role.WRITE);
    routes.post(PATH + "/{name}/runs", Answer.checked(this::start), Role.WRITE);
    routes.get(PATH + "/{name}/runs", Answer.checked(this::runs), Role.READ);
    routes.get(PATH + "/{name}/runs/{id}", Answer.withoutParameters(this::run), Role.READ);
  }

  private void list(Context ctx) {
    Answer.send(ctx, new Answer.Data(syncs.list(), new Answer.Links(PATH, null)));
  }

  private void one(Context ctx) {
    shown(ctx, syncs.get(ctx.pathParam("name")));
  }

  private static void shown(Context ctx, Syncs.Shown sync) {
    Answer.send(ctx, new Answer.Data(sync, new Answer.Links(PATH + "/" + sync.name(), null)));
  }

  private void add(Context ctx, byte[] body) {
    JsonBody.answering(
        ctx,
        () -> {
          JsonBody json = JsonBody.of(body, ADDING);
          Syncs.Shown added =
              syncs.add(
                  json.neededText("name"),
                  json.neededText("connection"),
                  json.neededText("query"),
                  json.flag("replace"));
          ctx.status(201);
          shown(ctx, added);
        });
  }

  private void preview(Context ctx, byte[] body) {
    int rows = rows(ctx);
    JsonBody.answering(
        ctx,
        () -> {
          JsonBody json = JsonBody.of(body, PREVIEWING);
          previewed(
              ctx, syncs.preview(json.neededText("connection"), json.neededText("query"), rows));
        });
  }

  private void preview(Context ctx) {
    previewed(ctx, syncs.preview(ctx.pathParam("name"), rows(ctx)));
  }

  private static int rows(Context ctx) {
    int rows = Parameters.of(ctx, List.of("rows")).number("rows", 1);
    if (rows < 1 || rows > Syncs.MOST_PREVIEWED) {
      throw new BadSearch(
          "rows", "The rows are %d; expected 1 to %d".formatted(rows, Syncs.MOST_PREVIEWED));
    }
    return rows;
  }

  private static void previewed(Context ctx, QueryPreview preview) {
    Answer.send(ctx, new Answer.Data(preview, new Answer.Links(ctx.path(), null)));
  }

  private void configure(Context ctx, byte[] body) {
    JsonBody.answering(
        ctx,
        () -> {
          JsonBody json = JsonBody.of(body, MAPPING);
          Mapping mapping =
              new Mapping(
                  json.neededText("externalId"),
                  json.text("fallback"),
                  json.flag("fallbackIsEmail"),
                  json.text("name"),
                  json.text("email"),
                  json.text("accounts"),
                  json.text("accountName"),
                  json.text("updatedAt"),
                  json.texts("traits"),
                  json.flag("replaceAccounts"));
          shown(
              ctx,
              syncs.configure(
                  ctx.pathParam("name"), mapping, json.flag("updateOnly"), Caller.actor(ctx)));
        });
  }

  private void operate(Context ctx, byte[] body) {
    JsonBody.answering(
        ctx,
        () -> {
          JsonBody json = JsonBody.of(body, OPERATING);
          String leftRows = json.text("leftRows");
          shown(
              ctx,
              syncs.operate(
                  ctx.pathParam("name"),
                  json.text("schedule"),
                  json.flag("paused"),
                  leftRows == null ? LeftRows.KEEP : LeftRows.of(leftRows),
                  json.flag("shadow"),
                  Caller.actor(ctx)));
        });
  }

  private void cancel(Context ctx) {
    Syncs.Run run = syncs.cancel(ctx.pathParam("name"), Caller.actor(ctx));
    ctx.status(202).header("Location", path(run));
    shown(ctx, run);
  }

  private void start(Context ctx) {
    boolean full = Parameters.of(ctx, List.of("full")).flag("full");
    Syncs.Run run = syncs.start(ctx.pathParam("name"), full, Caller.actor(ctx));
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
            syncs.runs(name, limit), new Answer.Links(PATH + "/" + name + "/runs", null)));
  }

  private void run(Context ctx) {
    UUID id = Uuid.of(ctx.pathParam("id"));
    if (id == null) {
      throw new Failure(Problem.NOT_FOUND, "There is no run with this id.");
    }
    Syncs.Run run = syncs.get(id);
    if (!run.source().equals(ctx.pathParam("name"))) {
      throw new Failure(Problem.NOT_FOUND, "There is no run with this id.");
    }
    shown(ctx, run);
  }

  private static void shown(Context ctx, Syncs.Run run) {
    Answer.send(ctx, new Answer.Data(run, new Answer.Links(path(run), null)));
  }

  private static String path(Syncs.Run run) {
    return PATH + "/" + run.source() + "/runs/" + run.id();
  }
}
