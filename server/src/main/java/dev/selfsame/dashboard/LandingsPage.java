package dev.selfsame.dashboard;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.http.Caller;
import dev.selfsame.http.FileBody;
import dev.selfsame.http.Role;
import dev.selfsame.lookup.BadSearch;
import dev.selfsame.source.land.LandingRequest;
import dev.selfsame.source.land.LandingStatus;
import dev.selfsame.source.land.RowSource;
import io.javalin.http.Context;
import io.javalin.router.JavalinDefaultRoutingApi;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Rows of tools' tables: files that are sent here, and what became of each. */
final class LandingsPage implements Page {

  private static final String PATH = "/landings";
  private static final int LIMIT = 50;
  private static final int LONGEST = 200;

  /** Which of the rows' columns say what, where their names do not. */
  private static final List<String> COLUMNS = List.of("id", "email", "externalId", "updatedAt");

  private static final Set<Problem> OF_THE_FORM =
      Set.of(
          Problem.LANDING_NAME,
          Problem.LANDING_COLUMN,
          Problem.LANDING_FILE,
          Problem.INVALID_REQUEST,
          Problem.BODY_TOO_LARGE,
          Problem.DISK_LOW);

  private final Html html;
  private final DashboardServices services;

  LandingsPage(Html html, DashboardServices services) {
    this.html = html;
    this.services = services;
  }

  /**
   * What the list shows.
   *
   * @param next the address of those before these; null: there are none
   */
  record View(Frame frame, List<LandingStatus> landings, @Nullable String next) {

    /** Whether one of them is not finished. */
    boolean busy() {
      return landings.stream().anyMatch(landing -> !landing.state().finished());
    }
  }

  /** One of them. */
  record LandingView(Frame frame, LandingStatus landing) {

    /** How much of it is done, of a hundred; null: nobody knows. */
    @Nullable Long percent() {
      LandingStatus.Counts counts = landing.counts();
      Long claims = counts.claims();
      if (claims != null && claims > 0) {
        return 100 * counts.decided() / claims;
      }
      Long size = counts.size();
      return size == null || size == 0 ? null : (Long) (100 * counts.read() / size);
    }

    static String orDash(@Nullable Long count) {
      return count == null ? "–" : Shown.count(count);
    }
  }

  /**
   * The form of a new one.
   *
   * @param entries what was said so far: {@code table}, {@code preview} and columns
   * @param send where the file goes; null: the table is not said yet
   * @param field which entry is wrong; null: none of these
   * @param fault what is wrong; null: nothing
   */
  record NewView(
      Frame frame,
      Map<String, String> entries,
      @Nullable String send,
      @Nullable String field,
      @Nullable String fault) {

    String entry(String name) {
      return entries.getOrDefault(name, "");
    }

    @Nullable String fault(String name) {
      return name.equals(field) ? fault : null;
    }

    static List<String> columns() {
      return COLUMNS;
    }

    static String title(String column) {
      return switch (column) {
        case "id" -> "Column of the record's ID";
        case "email" -> "Column of the email";
        case "externalId" -> "Column of our own ID";
        default -> "Column of the last change";
      };
    }
  }

  @Override
  public void addTo(JavalinDefaultRoutingApi routes) {
    routes.get(PATH, Html.checked(this::show), Role.READ);
    routes.get(PATH + "/new", this::form, Role.WRITE);
    routes.post(PATH, this::land, Role.WRITE);
    routes.get(PATH + "/{id}", this::one, Role.READ);
    routes.post(PATH + "/{id}/remove", this::remove, Role.WRITE);
  }

  private void show(Context ctx) {
    List<LandingStatus> found =
        services
            .landings()
            .list(before(Form.parameter(ctx, "before")), Form.id(ctx.queryParam("id")), LIMIT + 1);
    List<LandingStatus> page = found.stream().limit(LIMIT).toList();
    String next =
        found.size() <= LIMIT
            ? null
            : "%s?before=%s&id=%s".formatted(PATH, page.getLast().createdAt(), page.getLast().id());
    html.show(ctx, "landings", new View(html.frame(ctx, "Landings", PATH), page, next));
  }

  private static @Nullable Instant before(@Nullable String time) {
    try {
      return time == null ? null : Instant.parse(time);
    } catch (DateTimeException e) {
      throw new BadSearch("before", "The parameter before is a time such as 2026-01-31T12:00:00Z");
    }
  }

  private void one(Context ctx) {
    LandingStatus landing = services.landings().get(id(ctx));
    html.show(ctx, "landing", new LandingView(html.frame(ctx, landing.table(), PATH), landing));
  }

  private static UUID id(Context ctx) {
    UUID id = Form.id(ctx.pathParam("id"));
    if (id == null) {
      throw new Failure(Problem.NOT_FOUND, "There is no landing with this id");
    }
    return id;
  }

  private void remove(Context ctx) {
    LandingStatus left = services.landings().remove(id(ctx));
    Html.go(ctx, left == null ? PATH + "?done=saved" : PATH + "/" + left.id());
  }

  private void form(Context ctx) {
    form(ctx, null);
  }

  private void form(Context ctx, @Nullable Failure refused) {
    Map<String, String> entries = new LinkedHashMap<>();
    StringBuilder query = new StringBuilder();
    for (String name : List.of("table", "preview", "id", "email", "externalId", "updatedAt")) {
      String value = Form.parameter(ctx, name);
      if (value != null) {
        entries.put(name, value);
        query.append('&').append(name).append('=').append(Form.encoded(value));
      }
    }
    Frame frame = html.frame(ctx, "Land a file", PATH);
    Failure fault = refused;
    if (entries.containsKey("table") && fault == null) {
      try {
        request(ctx);
      } catch (Failure bad) {
        if (!OF_THE_FORM.contains(bad.problem())) {
          throw bad;
        }
        ctx.status(400);
        fault = bad;
      }
    }
    boolean names = fault != null && fault.problem() == Problem.LANDING_NAME;
    String send =
        names || !entries.containsKey("table")
            ? null
            : PATH + "?" + SessionGuard.FORM_TOKEN + "=" + Form.encoded(frame.formToken()) + query;
    html.show(
        ctx,
        "landingNew",
        new NewView(
            frame,
            entries,
            send,
            names ? "table" : null,
            fault == null ? null : fault.getMessage()));
  }

  private static LandingRequest request(Context ctx) {
    for (String name : COLUMNS) {
      String value = Form.parameter(ctx, name);
      if (value != null && value.length() > LONGEST) {
        throw new Failure(
            Problem.LANDING_COLUMN,
            "The name of a column has at most %d characters".formatted(LONGEST));
      }
    }
    String table = Form.parameter(ctx, "table");
    return LandingRequest.of(
        table == null ? "" : table,
        Form.parameter(ctx, "id"),
        Form.parameter(ctx, "email"),
        Form.parameter(ctx, "externalId"),
        Form.parameter(ctx, "updatedAt"));
  }

  /** Takes the file; what it is of stands in the address, since the file is read as it comes. */
  private void land(Context ctx) throws IOException {
    try {
      LandingRequest request = request(ctx);
      FileBody file = FileBody.open(ctx, List.of(), services.mostLanded());
      String name = file.name();
      String format =
          name == null || name.length() > LONGEST || name.chars().anyMatch(Character::isISOControl)
              ? null
              : RowSource.formatOf(name);
      if (name == null || format == null) {
        throw new Failure(
            Problem.LANDING_FILE,
            "What the file is shows by the end of its name: .csv, .jsonl or .parquet, each also"
                + " with .gz");
      }
      LandingStatus status =
          services
              .landings()
              .file(
                  request,
                  name,
                  format,
                  "yes".equals(ctx.queryParam("preview")),
                  Caller.of(ctx),
                  file.stream());
      Html.go(ctx, PATH + "/" + status.id());
    } catch (Failure refused) {
      if (!OF_THE_FORM.contains(refused.problem())) {
        throw refused;
      }
      ctx.status(400);
      form(ctx, refused);
    }
  }
}
