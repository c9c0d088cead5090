package dev.selfsame.api;

import dev.selfsame.error.Nearest;
import dev.selfsame.http.Area;
import dev.selfsame.http.Role;
import dev.selfsame.lookup.BadSearch;
import dev.selfsame.store.ActLog;
import dev.selfsame.store.ActLog.Act;
import io.javalin.http.Context;
import io.javalin.router.JavalinDefaultRoutingApi;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code GET /api/audit}: who did what, when, and from where. */
public final class AuditApi implements Area {

  private static final String PATH = "/api/audit";

  private final ActLog acts;

  public AuditApi(ActLog acts) {
    this.acts = acts;
  }

  @Override
  public String prefix() {
    return PATH;
  }

  @Override
  public void addTo(JavalinDefaultRoutingApi routes) {
    routes.get(PATH, Answer.checked(this::list), Role.ADMIN);
  }

  private void list(Context ctx) {
    Parameters parameters =
        Parameters.of(ctx, List.of("actor", "act", "from", "to", "limit", "cursor"));
    int limit = ErasuresApi.limit(parameters);
    String act = parameters.text("act");
    if (act != null && !ActLog.NAMES.contains(act)) {
      throw new BadSearch(
          "act",
          "There is no act %s; did you mean %s? Known: %s"
              .formatted(act, Nearest.of(act, ActLog.NAMES), String.join(", ", ActLog.NAMES)));
    }
    ActLog.Wanted wanted =
        new ActLog.Wanted(
            parameters.text("actor"),
            act,
            time("from", parameters.text("from")),
            time("to", parameters.text("to")));
    List<Act> found = acts.list(wanted, after(parameters.text("cursor")), limit + 1);
    List<Act> page = found.stream().limit(limit).toList();
    Answer.send(
        ctx,
        new Answer.Data(
            page,
            new Answer.Links(
                parameters.link(PATH, parameters.text("cursor")),
                found.size() > limit ? parameters.link(PATH, page.getLast().cursor()) : null)));
  }

  private static @Nullable Instant time(String name, @Nullable String text) {
    try {
      return text == null ? null : Instant.parse(text);
    } catch (DateTimeParseException e) {
      throw new BadSearch(
          name, "The parameter %s must be a time, such as 2026-03-01T12:00:00Z".formatted(name));
    }
  }

  private static @Nullable Act after(@Nullable String cursor) {
    Act last = cursor == null ? null : Act.ending(cursor);
    if (cursor != null && last == null) {
      throw new BadSearch("cursor", "The cursor is not one that a page of this list ended with");
    }
    return last;
  }
}
