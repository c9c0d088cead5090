package dev.selfsame.api;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.http.Area;
import dev.selfsame.http.Bodies;
import dev.selfsame.http.Caller;
import dev.selfsame.http.FileBody;
import dev.selfsame.http.Role;
import dev.selfsame.lookup.BadSearch;
import dev.selfsame.lookup.Search;
import dev.selfsame.source.land.LandingRequest;
import dev.selfsame.source.land.LandingSettings;
import dev.selfsame.source.land.LandingStatus;
import dev.selfsame.source.land.Landings;
import dev.selfsame.source.land.RowSource;
import dev.selfsame.store.LandingLog;
import io.javalin.http.Context;
import io.javalin.router.JavalinDefaultRoutingApi;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** {@code /api/landings}: rows of tools' tables, as files or by a query, landed one by one. */
public final class LandingsApi implements Area {

  private static final String PATH = "/api/landings";
  private static final String JSON = "application/json";
  private static final String TABLE = "table";
  private static final String FORMAT = "format";
  private static final String PREVIEW = "preview";
  private static final String NAME = "name";
  private static final String ID = "id";
  private static final String EMAIL = "email";
  private static final String EXTERNAL_ID = "externalId";
  private static final String UPDATED_AT = "updatedAt";
  private static final List<String> SENDING =
      List.of(TABLE, FORMAT, PREVIEW, NAME, ID, EMAIL, EXTERNAL_ID, UPDATED_AT);
  private static final List<String> ASKING =
      List.of(TABLE, "query", PREVIEW, ID, EMAIL, EXTERNAL_ID, UPDATED_AT);
  private static final List<String> QUERY = List.of("database", "sql", "password");
  private static final List<String> PAGING = List.of("limit", "cursor");
  private static final List<String> FORMATS = List.of("csv", "jsonl", "parquet");

  /** Media types that say the format; JSON is also what a query comes in. */
  private static final Map<String, String> TYPES =
      Map.of(
          "text/csv",
          "csv",
          "application/x-ndjson",
          "jsonl",
          JSON,
          "jsonl",
          "application/vnd.apache.parquet",
          "parquet");

  private static final List<String> TYPE_NAMES = TYPES.keySet().stream().sorted().toList();
  private static final int LONGEST_NAME = 200;
  private static final int MOST_BYTES = 64 * 1024;

  private final Landings landings;
  private final LandingSettings settings;
  private final Bodies bodies;

  public LandingsApi(Landings landings, LandingSettings settings, Bodies bodies) {
    this.landings = landings;
    this.settings = settings;
    this.bodies = bodies;
  }

  @Override
  public String prefix() {
    return PATH;
  }

  @Override
  public void addTo(JavalinDefaultRoutingApi routes) {
    routes.post(PATH, Answer.checked(this::land), Role.WRITE);
    routes.get(PATH, Answer.checked(this::list), Role.READ);
    routes.get(PATH + "/{id}", Answer.checked(this::one), Role.READ);
    routes.delete(PATH + "/{id}", Answer.checked(this::remove), Role.WRITE);
  }

  /** A landing as callers see it. */
  private record View(
      UUID id,
      String table,
      boolean preview,
      @Nullable String name,
      @Nullable String format,
      LandingStatus.@Nullable Query query,
      Columns columns,
      String origin,
      String actor,
      LandingLog.State state,
      Instant createdAt,
      Instant changedAt,
      Counts counts,
      Map<String, String> newColumns,
      Map<String, String> renamed,
      Map<String, String> leftOut,
      LandingStatus.@Nullable Broken error) {}

  /** Which of the rows' columns were named for what. */
  private record Columns(
      @Nullable String id,
      @Nullable String email,
      @Nullable String externalId,
      @Nullable String updatedAt) {}

  private record Counts(
      Done bytes,
      @Nullable Long rows,
      @Nullable Long added,
      @Nullable Long changed,
      @Nullable Long unchanged,
      @Nullable Long repeated,
      Done claims,
      Map<String, Long> outcomes,
      Map<String, Long> codes,
      Map<String, Long> rejected,
      long flagged,
      long again) {}

  /**
   * How much of what.
   *
   * @param total null while it is not known
   */
  private record Done(long done, @Nullable Long total) {}

  private static View view(LandingStatus of) {
    LandingStatus.Asked asked = of.asked();
    LandingStatus.Counts counts = of.counts();
    return new View(
        of.id(),
        of.table(),
        asked.preview(),
        asked.file(),
        asked.format(),
        asked.query(),
        new Columns(asked.id(), asked.email(), asked.externalId(), asked.updatedAt()),
        of.origin(),
        of.actor(),
        of.state(),
        of.createdAt(),
        of.changedAt(),
        new Counts(
            new Done(counts.read(), counts.size()),
            counts.rows(),
            counts.added(),
            counts.changed(),
            counts.unchanged(),
            counts.repeated(),
            new Done(counts.decided(), counts.claims()),
            counts.outcomes(),
            counts.codes(),
            counts.rejected(),
            counts.flagged(),
            counts.again()),
        counts.newColumns(),
        counts.renamed(),
        counts.leftOut(),
        of.error());
  }

  private void land(Context ctx) throws Exception {
    if (FileBody.media(ctx).equals(JSON) && ctx.queryParam(FORMAT) == null) {
      if (!ctx.queryParamMap().isEmpty()) {
        throw new BadSearch(
            FORMAT,
            "A body of application/json asks for a query, and has everything in it; to land the"
                + " body itself, say format=jsonl");
      }
      Caller.needAdmin(ctx, "Landing a query, which makes the server connect elsewhere,");
      bodies.use(ctx, MOST_BYTES, body -> query(ctx, body));
      return;
    }
    file(ctx);
  }

  private void file(Context ctx) throws IOException {
    Parameters parameters = Parameters.of(ctx, SENDING);
    String table = parameters.text(TABLE);
    if (table == null) {
      throw new BadSearch(TABLE, "Say which table the rows are of: table=zendesk.users");
    }
    for (String each : List.of(NAME, ID, EMAIL, EXTERNAL_ID, UPDATED_AT)) {
      String value = parameters.text(each);
      if (value != null && !shown(value)) {
        throw new BadSearch(each, "The parameter %s takes %s".formatted(each, expected()));
      }
    }
    String format = parameters.text(FORMAT);
    if (format != null && !FORMATS.contains(format)) {
      throw new BadSearch(
          FORMAT,
          "The format %s is not known; give one of %s"
              .formatted(format, String.join(", ", FORMATS)));
    }
    boolean preview = parameters.flag(PREVIEW);
    LandingRequest request =
        LandingRequest.of(
            table,
            parameters.text(ID),
            parameters.text(EMAIL),
            parameters.text(EXTERNAL_ID),
            parameters.text(UPDATED_AT));
    FileBody file = FileBody.open(ctx, TYPE_NAMES, settings.maxBytes());
    String own = file.name();
    String given = parameters.text(NAME);
    String name = given == null && own != null && shown(own) ? own : given;
    if (format == null) {
      format = TYPES.get(FileBody.media(ctx));
    }
    if (format == null && name != null) {
      format = RowSource.formatOf(name);
    }
    if (format == null) {
      throw new BadSearch(
          FORMAT,
          "Neither the Content-Type nor the file's name says what the file is; give format=csv,"
              + " jsonl or parquet");
    }
    accepted(
        ctx,
        landings.file(
            request,
            name == null ? "the file" : name,
            format,
            preview,
            Caller.of(ctx),
            file.stream()));
  }

  private void query(Context ctx, byte[] body) {
    try {
      JsonBody json = JsonBody.of(body, ASKING);
      for (String each : List.of(ID, EMAIL, EXTERNAL_ID, UPDATED_AT)) {
        String value = json.text(each);
        if (value != null && !shown(value)) {
          throw new JsonBody.BadField(
              "/" + each, "The field %s takes %s".formatted(each, expected()));
        }
      }
      JsonBody query = json.object("query", QUERY);
      LandingRequest request =
          LandingRequest.of(
              json.neededText(TABLE),
              json.text(ID),
              json.text(EMAIL),
              json.text(EXTERNAL_ID),
              json.text(UPDATED_AT));
      accepted(
          ctx,
          landings.query(
              request,
              query.neededText("database"),
              query.text("password"),
              query.neededText("sql"),
              json.flag(PREVIEW),
              Caller.of(ctx)));
    } catch (JsonBody.BadField bad) {
      ctx.status(400);
      Answer.send(ctx, Answer.badField(bad.pointer(), String.valueOf(bad.getMessage())));
    }
  }

  private static boolean shown(String text) {
    return !text.isBlank()
        && text.length() <= LONGEST_NAME
        && text.chars().noneMatch(Character::isISOControl)
        && StandardCharsets.UTF_8.newEncoder().canEncode(text);
  }

  private static String expected() {
    return "1 to %d characters, none of them a control character".formatted(LONGEST_NAME);
  }

  private void list(Context ctx) {
    Parameters parameters = Parameters.of(ctx, PAGING);
    int limit = parameters.number("limit", Search.DEFAULT_LIMIT);
    if (limit < 1 || limit > Search.MOST) {
      throw new BadSearch(
          "limit", "The limit is %d; expected 1 to %d".formatted(limit, Search.MOST));
    }
    String cursor = parameters.text("cursor");
    After after = cursor == null ? null : After.decoded(cursor);
    List<LandingStatus> found =
        landings.list(
            after == null ? null : after.createdAt, after == null ? null : after.id, limit + 1);
    List<LandingStatus> page = found.subList(0, Math.min(limit, found.size()));
    String next = found.size() > limit ? After.encoded(page.getLast()) : null;
    Answer.send(
        ctx,
        new Answer.Data(
            page.stream().map(LandingsApi::view).toList(),
            new Answer.Links(
                parameters.link(PATH, cursor), next == null ? null : parameters.link(PATH, next))));
  }

  /** Where a page ended. */
  private record After(Instant createdAt, UUID id) {

    static String encoded(LandingStatus last) {
      return Base64.getUrlEncoder()
          .withoutPadding()
          .encodeToString(
              "l%d:%s"
                  .formatted(ChronoUnit.MICROS.between(Instant.EPOCH, last.createdAt()), last.id())
                  .getBytes(StandardCharsets.UTF_8));
    }

    static After decoded(String cursor) {
      try {
        String text = new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.UTF_8);
        int colon = text.indexOf(':');
        UUID id = Uuid.of(text.substring(colon + 1));
        if (text.startsWith("l") && colon > 0 && id != null) {
          long micros = Long.parseLong(text.substring(1, colon));
          Instant at = Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
          if (Math.abs(micros) < 1L << 56) {
            return new After(at, id);
          }
        }
      } catch (IllegalArgumentException | ArithmeticException | DateTimeException e) {
        BadSearch bad = notOurs();
        bad.addSuppressed(e);
        throw bad;
      }
      throw notOurs();
    }

    private static BadSearch notOurs() {
      return new BadSearch("cursor", "The cursor is not one that a page of this list ended with");
    }
  }

  private void one(Context ctx) {
    Parameters.of(ctx, List.of());
    shown(ctx, landings.get(id(ctx)));
  }

  private void remove(Context ctx) {
    Parameters.of(ctx, List.of());
    LandingStatus left = landings.remove(id(ctx));
    if (left == null) {
      ctx.status(204);
    } else {
      accepted(ctx, left);
    }
  }

  private static UUID id(Context ctx) {
    UUID id = Uuid.of(ctx.pathParam("id"));
    if (id == null) {
      throw new Failure(Problem.NOT_FOUND, "There is no landing with this id.");
    }
    return id;
  }

  private static void accepted(Context ctx, LandingStatus status) {
    ctx.status(202).header("Location", PATH + "/" + status.id());
    shown(ctx, status);
  }

  private static void shown(Context ctx, LandingStatus status) {
    Answer.send(
        ctx, new Answer.Data(view(status), new Answer.Links(PATH + "/" + status.id(), null)));
  }
}
