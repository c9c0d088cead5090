package dev.selfsame.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.selfsame.http.Area;
import dev.selfsame.http.Bodies;
import dev.selfsame.http.Caller;
import dev.selfsame.http.Role;
import dev.selfsame.lookup.BadSearch;
import dev.selfsame.lookup.Found;
import dev.selfsame.review.Flagged;
import dev.selfsame.review.MergeField;
import dev.selfsame.review.Merged;
import dev.selfsame.store.FoundFlag;
import dev.selfsame.store.FoundFlag.FlaggedUser;
import io.javalin.http.Context;
import io.javalin.router.JavalinDefaultRoutingApi;
import java.time.Instant;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** {@code /api/flags}: what there is for a person to look at, and settling it. */
public final class FlagsApi implements Area {

  private static final String PATH = "/api/flags";
  private static final int MOST_BYTES = 64 * 1024;
  private static final List<String> PARAMETERS =
      List.of("kind", "state", "user", "limit", "cursor");
  private static final List<String> FIELDS =
      List.of("action", "survivor", "fields", "reason", "dryRun");

  private final Flagged flagged;
  private final Bodies bodies;

  public FlagsApi(Flagged flagged, Bodies bodies) {
    this.flagged = flagged;
    this.bodies = bodies;
  }

  @Override
  public String prefix() {
    return PATH;
  }

  @Override
  public void addTo(JavalinDefaultRoutingApi routes) {
    routes.get(PATH, Answer.checked(this::flags), Role.READ);
    routes.get(PATH + "/{id}", Answer.checked(this::flag), Role.READ);
    routes.post(
        PATH + "/{id}/resolve",
        Answer.withoutParameters(ctx -> bodies.use(ctx, MOST_BYTES, body -> resolve(ctx, body))),
        Role.WRITE);
  }

  private record Page(List<View> data, Map<String, Long> counts, Answer.Links links) {}

  /** A flag as callers see it. */
  record View(
      String id,
      String kind,
      String sentence,
      String state,
      List<FlaggedUser> users,
      boolean moreUsers,
      @Nullable About about,
      @Nullable String code,
      Instant openedAt,
      FoundFlag.@Nullable Closed closed) {

    static View of(FoundFlag flag) {
      return new View(
          flag.id().toString(),
          flag.kind().code(),
          flag.kind().sentence(),
          flag.closed() == null ? "open" : "closed",
          flag.users(),
          flag.moreUsers(),
          flag.about() == null ? null : new About(flag.about().type().name(), flag.about().value()),
          flag.rule(),
          flag.openedAt(),
          flag.closed());
    }
  }

  /** The identifier that a flag is about. */
  record About(String type, String value) {}

  private record Outer(Inner data) {}

  /** A flag that was settled, and by what, unless it was dismissed. */
  private record Inner(
      View flag,
      @JsonInclude(JsonInclude.Include.NON_NULL) MergeApi.@Nullable View merge,
      @JsonInclude(JsonInclude.Include.NON_NULL) Flagged.@Nullable KeptApart keptApart) {}

  private void flags(Context ctx) {
    Parameters parameters = Parameters.of(ctx, PARAMETERS);
    Found<FoundFlag> found =
        flagged.list(
            new Flagged.Search(
                parameters.text("kind"),
                parameters.text("state"),
                user(parameters),
                parameters.number("limit", Flagged.DEFAULT_LIMIT),
                parameters.text("cursor")));
    Map<String, Long> counts = new LinkedHashMap<>();
    flagged
        .counts(parameters.text("state"))
        .forEach((kind, count) -> counts.put(kind.code(), count));
    Answer.send(
        ctx,
        new Page(
            found.page().stream().map(View::of).toList(),
            counts,
            new Answer.Links(
                parameters.link(PATH, parameters.text("cursor")),
                found.next() == null ? null : parameters.link(PATH, found.next()))));
  }

  /** The user that the parameter names, if it is given. */
  static @Nullable UUID user(Parameters parameters) {
    String given = parameters.text("user");
    if (given == null) {
      return null;
    }
    UUID user = Uuid.of(given);
    if (user == null) {
      throw new BadSearch(
          "user", "A user is named by its id, such as 01a200b1-e621-7000-ab8f-7f602f6f541b");
    }
    return user;
  }

  private void flag(Context ctx) {
    Parameters parameters = Parameters.of(ctx, List.of());
    FoundFlag flag = flagged.flag(ctx.pathParam("id"));
    Answer.send(
        ctx,
        new Answer.Data(
            View.of(flag), new Answer.Links(parameters.link(PATH + "/" + flag.id(), null), null)));
  }

  private void resolve(Context ctx, byte[] body) {
    try {
      JsonBody json = JsonBody.of(body, FIELDS);
      Flagged.Action action = Flagged.Action.of(json.neededText("action"));
      if (action == null) {
        throw new JsonBody.BadField(
            "/action", "The action is one of " + String.join(", ", Flagged.Action.codes()));
      }
      Map<MergeField, UUID> picks = new EnumMap<>(MergeField.class);
      json.usersByName("fields", MergeField.titles())
          .forEach(
              (title, user) -> picks.put(Objects.requireNonNull(MergeField.titled(title)), user));
      Flagged.Resolve request =
          new Flagged.Resolve(
              ctx.pathParam("id"),
              action,
              json.user("survivor"),
              picks,
              Caller.actor(ctx),
              json.text("reason"));
      Flagged.Resolved resolved =
          json.flag("dryRun") ? flagged.preview(request) : flagged.resolve(request);
      Merged merged = resolved.merged();
      Answer.send(
          ctx,
          new Outer(
              new Inner(
                  View.of(resolved.flag()),
                  merged == null ? null : MergeApi.View.of(merged),
                  resolved.keptApart())));
    } catch (JsonBody.BadField bad) {
      ctx.status(400);
      Answer.send(ctx, Answer.badField(bad.pointer(), String.valueOf(bad.getMessage())));
    }
  }
}
