package dev.selfsame.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.http.Area;
import dev.selfsame.http.FileBody;
import dev.selfsame.http.Role;
import dev.selfsame.lookup.BadSearch;
import dev.selfsame.lookup.Search;
import dev.selfsame.source.csv.ImportSettings;
import dev.selfsame.source.csv.ImportState;
import dev.selfsame.source.csv.ImportStatus;
import dev.selfsame.source.csv.Imports;
import io.javalin.http.Context;
import io.javalin.router.JavalinDefaultRoutingApi;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** {@code /api/imports}: CSV files of users, uploaded, previewed, applied. */
public final class ImportsApi implements Area {

  private static final String PATH = "/api/imports";
  private static final List<String> UPLOADING = List.of("preview", "name");
  private static final List<String> PAGING = List.of("limit", "cursor");

  private final Imports imports;
  private final ImportSettings settings;
  private final InstantSource clock;

  public ImportsApi(Imports imports, ImportSettings settings, InstantSource clock) {
    this.imports = imports;
    this.settings = settings;
    this.clock = clock;
  }

  @Override
  public String prefix() {
    return PATH;
  }

  @Override
  public void addTo(JavalinDefaultRoutingApi routes) {
    routes.post(PATH, Answer.checked(this::upload), Role.WRITE);
    routes.get(PATH, Answer.checked(this::list), Role.READ);
    routes.get(PATH + "/{id}", Answer.checked(this::one), Role.READ);
    routes.post(PATH + "/{id}/apply", Answer.checked(this::apply), Role.WRITE);
    routes.get(PATH + "/{id}/result", Answer.checked(this::result), Role.READ);
    routes.delete(PATH + "/{id}", Answer.checked(this::remove), Role.WRITE);
  }

  /** An import as callers see it. */
  private record View(
      UUID id,
      @Nullable String name,
      boolean preview,
      ImportState state,
      Instant createdAt,
      Instant changedAt,
      Done bytes,
      Done rows,
      long line,
      @Nullable Double perSecond,
      @Nullable Long secondsLeft,
      Map<String, Long> outcomes,
      Map<String, Long> codes,
      Map<String, Long> rejected,
      long flagged,
      @JsonInclude(JsonInclude.Include.ALWAYS) ImportStatus.@Nullable Broken failure) {}

  /**
   * How much of what.
   *
   * @param total null while it is not known
   */
  private record Done(long done, @Nullable Long total) {}

  private View view(ImportStatus of) {
    Instant now = clock.instant();
    return new View(
        of.id(),
        of.name(),
        of.preview(),
        of.state(),
        of.createdAt(),
        of.changedAt(),
        new Done(of.bytesRead(), of.bytes()),
        new Done(of.rowsDecided(), of.rows()),
        of.line(),
        of.perSecond(now),
        of.secondsLeft(now, settings.previewRows()),
        of.outcomes(),
        of.codes(),
        of.rejected(),
        of.flagged(),
        of.failure());
  }

  private void upload(Context ctx) throws IOException {
    Parameters parameters = Parameters.of(ctx, UPLOADING);
    boolean preview = parameters.flag("preview");
    String name = parameters.text("name");
    if (name != null && !Imports.canBeCalled(name)) {
      throw new BadSearch(
          "name",
          "The parameter name takes 1 to %d characters, none of them a control character"
              .formatted(Imports.LONGEST_NAME));
    }
    FileBody file = FileBody.open(ctx, List.of("text/csv"), settings.maxBytes());
    String own = file.name();
    String called = name == null && own != null && Imports.canBeCalled(own) ? own : name;
    accepted(ctx, imports.upload(called, preview, file.stream()));
  }

  private void list(Context ctx) {
    Parameters parameters = Parameters.of(ctx, PAGING);
    int limit = parameters.number("limit", Search.DEFAULT_LIMIT);
    if (limit < 1 || limit > Search.MOST) {
      throw new BadSearch(
          "limit", "The limit is %d; expected 1 to %d".formatted(limit, Search.MOST));
    }
    String cursor = parameters.text("cursor");
    List<ImportStatus> found = imports.list(cursor == null ? null : decoded(cursor), limit + 1);
    List<ImportStatus> page = found.subList(0, Math.min(limit, found.size()));
    String next = found.size() > limit ? encoded(page.getLast().createdAt()) : null;
    Answer.send(
        ctx,
        new Answer.Data(
            page.stream().map(this::view).toList(),
            new Answer.Links(
                parameters.link(PATH, cursor), next == null ? null : parameters.link(PATH, next))));
  }

  private static String encoded(Instant createdAt) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(
            ("i" + ChronoUnit.MICROS.between(Instant.EPOCH, createdAt))
                .getBytes(StandardCharsets.UTF_8));
  }

  private static Instant decoded(String cursor) {
    try {
      String text = new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.UTF_8);
      if (text.startsWith("i")) {
        return Instant.EPOCH.plus(Long.parseLong(text.substring(1)), ChronoUnit.MICROS);
      }
    } catch (IllegalArgumentException | ArithmeticException | DateTimeException e) {
      throw notOurs(e);
    }
    throw notOurs(null);
  }

  private static BadSearch notOurs(@Nullable Exception cause) {
    BadSearch bad =
        new BadSearch("cursor", "The cursor is not one that a page of this list ended with");
    if (cause != null) {
      bad.addSuppressed(cause);
    }
    return bad;
  }

  private void one(Context ctx) {
    Parameters.of(ctx, List.of());
    shown(ctx, imports.get(id(ctx)));
  }

  private void apply(Context ctx) {
    Parameters.of(ctx, List.of());
    accepted(ctx, imports.apply(id(ctx)));
  }

  private void result(Context ctx) throws IOException {
    Parameters.of(ctx, List.of());
    UUID id = id(ctx);
    ctx.contentType("text/csv; charset=utf-8")
        .header("Cache-Control", "no-store")
        .header(
            "Content-Disposition", "attachment; filename=\"import-%s-result.csv\"".formatted(id))
        .result(imports.result(id));
  }

  private void remove(Context ctx) {
    Parameters.of(ctx, List.of());
    ImportStatus left = imports.remove(id(ctx));
    if (left == null) {
      ctx.status(204);
    } else {
      accepted(ctx, left);
    }
  }

  private static UUID id(Context ctx) {
    UUID id = Uuid.of(ctx.pathParam("id"));
    if (id == null) {
      throw new Failure(Problem.NOT_FOUND, "There is no import with this id.");
    }
    return id;
  }

  private void accepted(Context ctx, ImportStatus status) {
    ctx.status(202).header("Location", PATH + "/" + status.id());
    shown(ctx, status);
  }

  private void shown(Context ctx, ImportStatus status) {
    Answer.send(
        ctx, new Answer.Data(view(status), new Answer.Links(PATH + "/" + status.id(), null)));
  }
}
