package dev.selfsame.dashboard;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.http.FileBody;
import dev.selfsame.http.Role;
import dev.selfsame.resolution.Outcome;
import dev.selfsame.source.csv.ImportState;
import dev.selfsame.source.csv.ImportStatus;
import dev.selfsame.source.csv.Imports;
import dev.selfsame.source.csv.ResultRows;
import io.javalin.http.Context;
import io.javalin.router.JavalinDefaultRoutingApi;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** CSV files of users: uploaded, previewed row by row, applied, and what became of each row. */
final class ImportPage implements Page {

  static final String PATH = "/users/import";

  private static final int LISTED = 50;
  private static final int ROWS = 100;

  /** What asks for the rows that raised something, beside the outcomes. */
  private static final String FLAGGED = "flagged";

  private static final List<Outcome> OUTCOMES =
      List.of(
          Outcome.CREATED,
          Outcome.UPDATED,
          Outcome.MERGED,
          Outcome.UNCHANGED,
          Outcome.SKIPPED,
          Outcome.REJECTED);

  private final Html html;
  private final DashboardServices services;

  ImportPage(Html html, DashboardServices services) {
    this.html = html;
    this.services = services;
  }

  /**
   * What the page shows on which a file is chosen.
   *
   * @param imports those before, the newest first
   * @param fault what is wrong with the file that was just sent; null: nothing
   */
  record ListView(
      Frame frame, List<ImportStatus> imports, String largest, @Nullable String fault) {}

  /**
   * How many rows came to the same.
   *
   * @param code of the outcome, or flagged
   */
  record Bar(String code, String words, long count) {}

  /**
   * What the page of one import shows.
   *
   * @param only the outcome that the rows are narrowed to, or flagged; empty: all
   * @param rows null while there are none
   */
  record View(
      Frame frame,
      ImportStatus status,
      @Nullable Long secondsLeft,
      long previewRows,
      List<Bar> bars,
      String only,
      @Nullable ResultRows rows) {

    String path() {
      return PATH + "/" + status.id();
    }

    boolean done() {
      return status.state() == ImportState.DONE;
    }

    String title() {
      return titled(status);
    }

    String stateWords() {
      return state(status.state());
    }

    /** How long the bar is, of 1,000; what there is shows. */
    long width(Bar bar) {
      return Math.max(5, bar.count() * 1_000 / Math.max(1, status.rowsDecided()));
    }

    /** How much there is to do in the step that runs; 0: nobody knows yet. */
    long total() {
      Long all = status.rows();
      if (all == null) {
        return status.bytes();
      }
      return status.preview() ? Math.min(all, previewRows) : all;
    }

    /** How much of it is done. */
    long soFar() {
      return status.rows() == null ? status.bytesRead() : status.rowsDecided();
    }

    /** How far it is, in words. */
    String progress() {
      return switch (status.state()) {
        case WAITING -> "Another import runs; this one is next in turn.";
        case CHECKING ->
            "Reading the file: %s of %s"
                .formatted(Shown.bytes(status.bytesRead()), Shown.bytes(status.bytes()));
        case PREVIEWING, IMPORTING, STOPPING ->
            "%s of %s rows".formatted(Shown.count(soFar()), Shown.count(total()));
        case PREVIEWED, DONE, FAILED, INTERRUPTED -> "";
      };
    }

    /** Whether the preview ended before the file did. */
    boolean previewCut() {
      Long all = status.rows();
      return status.preview() && all != null && all > previewRows;
    }

    /** Whether a row's user stands in the store. */
    boolean hasUser(ResultRows.Row row) {
      return !row.user().isEmpty() && (done() || !row.outcome().equals(Outcome.CREATED.code()));
    }
  }

  static String titled(ImportStatus status) {
    String name = status.name();
    return name == null ? "File of users" : name;
  }

  static String state(ImportState state) {
    return switch (state) {
      case WAITING -> "Waiting";
      case CHECKING -> "Reading";
      case PREVIEWING -> "Previewing";
      case IMPORTING -> "Importing";
      case STOPPING -> "Stopping";
      case PREVIEWED -> "Previewed";
      case DONE -> "Done";
      case FAILED -> "Failed";
      case INTERRUPTED -> "Interrupted";
    };
  }

  /** What rows of that outcome do, in a word or two. */
  static String words(String outcome) {
    return switch (outcome) {
      case "created" -> "New user";
      case "updated" -> "Update";
      case "merged" -> "Merge";
      case "unchanged" -> "No change";
      case "rejected" -> "Row error";
      default -> Shown.words(outcome);
    };
  }

  @Override
  public void addTo(JavalinDefaultRoutingApi routes) {
    routes.get(PATH, this::list, Role.WRITE);
    routes.post(PATH, this::upload, Role.WRITE);
    routes.get(PATH + "/{id}", this::show, Role.READ);
    routes.get(PATH + "/{id}/result.csv", this::result, Role.READ);
    routes.post(PATH + "/{id}/apply", this::apply, Role.WRITE);
    routes.post(PATH + "/{id}/remove", this::remove, Role.WRITE);
  }

  private void list(Context ctx) {
    list(ctx, null);
  }

  private void list(Context ctx, @Nullable String fault) {
    html.show(
        ctx,
        "imports",
        new ListView(
            html.frame(ctx, "Import users", "/users"),
            services.imports().list(null, LISTED),
            Shown.bytes(services.importing().maxBytes()),
            fault));
  }

  private void upload(Context ctx) throws IOException {
    try {
      FileBody file = FileBody.open(ctx, List.of(), services.importing().maxBytes());
      SessionGuard.checkToken(ctx, file);
      String name = file.name();
      ImportStatus status =
          services
              .imports()
              .upload(name != null && Imports.canBeCalled(name) ? name : null, true, file.stream());
      Html.go(ctx, PATH + "/" + status.id());
    } catch (Failure refused) {
      if (refused.problem().kind() != Problem.Kind.BAD_INPUT) {
        throw refused;
      }
      ctx.status(400);
      list(ctx, refused.getMessage());
    }
  }

  private void show(Context ctx) throws IOException {
    ImportStatus status = services.imports().get(id(ctx));
    String only = only(ctx);
    boolean whole = status.state() == ImportState.PREVIEWED || status.state() == ImportState.DONE;
    ResultRows rows =
        whole
            ? services
                .imports()
                .rows(
                    status.id(),
                    only.isEmpty() || only.equals(FLAGGED) ? null : only,
                    only.equals(FLAGGED),
                    ROWS)
            : null;
    html.show(
        ctx,
        "import",
        new View(
            html.frame(ctx, titled(status), "/users"),
            status,
            status.secondsLeft(Instant.now(), services.importing().previewRows()),
            services.importing().previewRows(),
            bars(status),
            only,
            rows));
  }

  /** What the rows are narrowed to; empty for what is none of it. */
  private static String only(Context ctx) {
    String only = Form.parameter(ctx, "only");
    boolean known =
        FLAGGED.equals(only) || OUTCOMES.stream().anyMatch(outcome -> outcome.code().equals(only));
    return known && only != null ? only : "";
  }

  private static List<Bar> bars(ImportStatus status) {
    List<Bar> bars = new ArrayList<>();
    for (Outcome outcome : OUTCOMES) {
      long count = status.outcomes().getOrDefault(outcome.code(), 0L);
      if (count > 0) {
        bars.add(new Bar(outcome.code(), words(outcome.code()), count));
      }
    }
    if (status.flagged() > 0) {
      bars.add(new Bar(FLAGGED, "To review", status.flagged()));
    }
    return bars;
  }

  private void result(Context ctx) throws IOException {
    UUID id = id(ctx);
    ctx.result(services.imports().result(id))
        .contentType("text/csv; charset=utf-8")
        .header("Cache-Control", "no-store")
        .header("X-Content-Type-Options", "nosniff")
        .header(
            "Content-Disposition", "attachment; filename=\"import-%s-result.csv\"".formatted(id));
  }

  private void apply(Context ctx) {
    UUID id = id(ctx);
    try {
      services.imports().apply(id);
    } catch (Failure refused) {
      if (refused.problem() != Problem.IMPORT_NOT_PREVIEWED) {
        throw refused;
      }
      // Somebody pressed the button before: the page shows how far it is.
    }
    Html.go(ctx, PATH + "/" + id);
  }

  private void remove(Context ctx) {
    UUID id = id(ctx);
    ImportStatus left = services.imports().remove(id);
    Html.go(ctx, left == null ? PATH + "?done=forgotten" : PATH + "/" + id);
  }

  private static UUID id(Context ctx) {
    UUID id = Form.id(ctx.pathParam("id"));
    if (id == null) {
      throw new Failure(Problem.NOT_FOUND, "There is no import with this id.");
    }
    return id;
  }
}
