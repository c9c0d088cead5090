package dev.selfsame.dashboard;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.http.Role;
import dev.selfsame.lookup.BadSearch;
import dev.selfsame.lookup.Found;
import dev.selfsame.lookup.Identities;
import dev.selfsame.lookup.Identities.Wanted;
import dev.selfsame.store.IdentityQueries.Identity;
import io.javalin.http.Context;
import io.javalin.router.JavalinDefaultRoutingApi;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/** Everybody's ids in every tool: the published table, to look through and to take away. */
final class IdentitiesPage implements Page {

  private static final int LIMIT = 50;
  private static final int LIMIT_OF_FILE = 1_000;
  private static final int FILES_AT_ONCE = 2;
  private static final int BUSY_SECONDS = 10;

  private final Html html;
  private final Identities identities;
  private final Semaphore places = new Semaphore(FILES_AT_ONCE);

  IdentitiesPage(Html html, Identities identities) {
    this.html = html;
    this.identities = identities;
  }

  /**
   * What the page shows.
   *
   * @param tools those that have a column
   * @param q what was looked for, as it was typed
   * @param ids the filter as the form has it: {@code has:zendesk}, {@code lacks:zendesk} or empty
   * @param next the address of the page after this one; null: there is none
   * @param file the address of the same as a file
   * @param fault what is wrong with the search; null: nothing
   */
  record View(
      Frame frame,
      List<String> tools,
      String q,
      String ids,
      List<Identity> rows,
      @Nullable String next,
      String file,
      @Nullable String fault) {

    /** Segment's column is the first. */
    List<String> filters() {
      List<String> filters = new ArrayList<>();
      filters.add("segment");
      filters.addAll(tools);
      return filters;
    }

    static String tool(String tool) {
      return Shown.type(tool + "_id");
    }

    static String called(Identity row) {
      return Shown.firstOf(row.name(), row.email(), row.segmentId());
    }

    boolean searched() {
      return !q.isEmpty() || !ids.isEmpty();
    }
  }

  @Override
  public void addTo(JavalinDefaultRoutingApi routes) {
    routes.get("/identities", this::show, Role.READ);
    routes.get("/identities.csv", Html.checked(this::file), Role.READ);
  }

  private void show(Context ctx) {
    String q = Form.parameter(ctx, "q");
    String ids = Form.parameter(ctx, "ids");
    List<String> tools = identities.tools();
    List<Identity> rows = List.of();
    String next = null;
    String fault = null;
    try {
      Found<Identity> found =
          identities.find(wanted(q, ids), tools, LIMIT, Form.parameter(ctx, "cursor"));
      rows = found.page();
      next =
          found.next() == null
              ? null
              : "/identities?cursor=" + Form.encoded(found.next()) + filter(q, ids);
    } catch (BadSearch bad) {
      ctx.status(400);
      fault = bad.getMessage();
    }
    html.show(
        ctx,
        "identities",
        new View(
            html.frame(ctx, "Identities", "/identities"),
            tools,
            q == null ? "" : q,
            ids == null ? "" : ids,
            rows,
            next,
            "/identities.csv?" + filter(q, ids).replaceFirst("^&", ""),
            fault));
  }

  private static String filter(@Nullable String q, @Nullable String ids) {
    return (q == null ? "" : "&q=" + Form.encoded(q))
        + (ids == null ? "" : "&ids=" + Form.encoded(ids));
  }

  private static Wanted wanted(@Nullable String q, @Nullable String ids) {
    if (ids == null) {
      return new Wanted(null, true, q);
    }
    if (ids.startsWith("has:")) {
      return new Wanted(ids.substring("has:".length()), true, q);
    }
    if (ids.startsWith("lacks:")) {
      return new Wanted(ids.substring("lacks:".length()), false, q);
    }
    throw new BadSearch("ids", "The filter is has:TOOL or lacks:TOOL");
  }

  private void file(Context ctx) throws IOException {
    Wanted wanted = wanted(Form.parameter(ctx, "q"), Form.parameter(ctx, "ids"));
    List<String> tools = identities.tools();
    if (!places.tryAcquire()) {
      throw new Failure(
          Problem.TOO_BUSY,
          "%d files are being sent, and no more at once; try again.".formatted(FILES_AT_ONCE),
          BUSY_SECONDS,
          null);
    }
    try {
      Found<Identity> found = identities.find(wanted, tools, LIMIT_OF_FILE, null);
      List<String> header = new ArrayList<>(List.of("user_id", "segment_id", "email"));
      tools.forEach(tool -> header.add(tool + "_id"));
      CsvFile file = new CsvFile(ctx, "user_identities.csv", header);
      while (true) {
        found.page().forEach(row -> file.row(cells(row)));
        if (found.next() == null) {
          break;
        }
        found = identities.find(wanted, tools, LIMIT_OF_FILE, found.next());
      }
      file.end();
    } finally {
      places.release();
    }
  }

  private static @Nullable String[] cells(Identity row) {
    List<@Nullable String> cells = new ArrayList<>();
    cells.add(row.user().toString());
    cells.add(CsvFile.guarded(row.segmentId()));
    cells.add(CsvFile.guarded(row.email()));
    row.ids().forEach(id -> cells.add(CsvFile.guarded(id)));
    return cells.toArray(new @Nullable String[0]);
  }
}
