package dev.selfsame.api;

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
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;

/** {@code GET /api/audit}: who did what, when, and from where. */
public final class AuditApi implements Area {

  private static final String PATH = "/api/audit";
  private static final Pattern CURSOR = Pattern.compile("([^/]{1,40})/([la][0-9a-f-]{1,40})");

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
    ActLog.Wanted wanted =
        new ActLog.Wanted(
            parameters.text("actor"),
            parameters.text("act"),
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
                found.size() > limit
                    ? parameters.link(PATH, page.getLast().at() + "/" + page.getLast().id())
                    : null)));
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
    if (cursor == null) {
      return null;
    }
    Matcher parts = CURSOR.matcher(cursor);
    if (!parts.matches()) {
      throw new BadSearch("cursor", "The cursor is not one that a page of this list ended with");
    }
    return new Act(
        parts.group(2),
        Objects.requireNonNull(time("cursor", parts.group(1))),
        "",
        "",
        null,
        null,
        null,
        null,
        null,
        JsonNodeFactory.instance.objectNode());
  }
}
