package dev.selfsame.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.selfsame.access.Actor;
import dev.selfsame.error.Nearest;
import dev.selfsame.http.Area;
import dev.selfsame.http.Bodies;
import dev.selfsame.http.Caller;
import dev.selfsame.http.Role;
import dev.selfsame.lookup.BadSearch;
import dev.selfsame.lookup.Lookup;
import dev.selfsame.lookup.Search;
import dev.selfsame.resolution.Rule;
import dev.selfsame.review.RaisedFlag;
import dev.selfsame.review.ShownUser;
import dev.selfsame.review.Undone;
import dev.selfsame.review.Undos;
import dev.selfsame.store.FoundIdentifier;
import dev.selfsame.store.LinkQueries.StoredLink;
import dev.selfsame.store.MergeQueries.Named;
import dev.selfsame.store.MergeQueries.StoredMerge;
import io.javalin.http.Context;
import io.javalin.router.JavalinDefaultRoutingApi;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * {@code /api/merges}: which users became one, or got an identifier by a rule, and taking that
 * back.
 */
public final class MergesApi implements Area {

  private static final String PATH = "/api/merges";
  private static final int MOST_BYTES = 1024;
  private static final List<String> FILTERS =
      List.of("user", "rule", "state", "kind", "limit", "cursor");
  private static final List<String> CODES = Arrays.stream(Rule.values()).map(Rule::code).toList();

  private final Undos undos;
  private final Lookup lookup;
  private final Bodies bodies;

  public MergesApi(Undos undos, Lookup lookup, Bodies bodies) {
    this.undos = undos;
    this.lookup = lookup;
    this.bodies = bodies;
  }

  @Override
  public String prefix() {
    return PATH;
  }

  @Override
  public void addTo(JavalinDefaultRoutingApi routes) {
    routes.get(PATH, Answer.checked(this::list), Role.READ);
    routes.get(PATH + "/{id}", Answer.checked(this::one), Role.READ);
    routes.post(
        PATH + "/{id}/undo",
        Answer.withoutParameters(ctx -> bodies.use(ctx, MOST_BYTES, body -> undo(ctx, body))),
        Role.WRITE);
  }

  /** A merge as callers see it. */
  private record MergeView(
      String id,
      UUID survivor,
      UUID absorbed,
      String code,
      String sentence,
      Instant mergedAt,
      String source,
      @Nullable String by,
      String state,
      @Nullable Instant undoneAt,
      @Nullable String undoneBy) {

    static MergeView of(StoredMerge merge) {
      return new MergeView(
          merge.place().id(),
          merge.survivor(),
          merge.absorbed(),
          merge.code(),
          Rule.of(merge.code()).sentence(),
          merge.mergedAt(),
          merge.source(),
          merge.by(),
          (merge.undoneAt() == null ? Undos.State.LIVE : Undos.State.UNDONE).title(),
          merge.undoneAt(),
          merge.undoneBy());
    }
  }

  /** An adoption or link as callers see it. */
  private record LinkView(
      String id,
      UUID user,
      List<Named> identifiers,
      String code,
      String sentence,
      Instant linkedAt,
      String source,
      String state,
      @Nullable Instant undoneAt,
      @Nullable String undoneBy,
      @Nullable UUID newUser) {

    static LinkView of(StoredLink link) {
      return new LinkView(
          Long.toString(link.position()),
          link.user(),
          link.identifiers(),
          link.code(),
          Rule.of(link.code()).sentence(),
          link.linkedAt(),
          link.source(),
          (link.undoneAt() == null ? Undos.State.LIVE : Undos.State.UNDONE).title(),
          link.undoneAt(),
          link.undoneBy(),
          link.newUser());
    }
  }

  private void list(Context ctx) {
    Parameters parameters = Parameters.of(ctx, FILTERS);
    int limit = parameters.number("limit", Search.DEFAULT_LIMIT);
    if (limit < 1 || limit > Undos.MOST) {
      throw new BadSearch(
          "limit", "The limit is %d; expected 1 to %d".formatted(limit, Undos.MOST));
    }
    if (links(parameters)) {
      links(ctx, parameters, limit);
      return;
    }
    Undos.Page page =
        undos.list(
            user(parameters), rule(parameters), state(parameters), cursor(parameters), limit);
    String next = page.next();
    Answer.send(
        ctx,
        new Answer.Data(
            page.merges().stream().map(MergeView::of).toList(),
            new Answer.Links(
                parameters.link(PATH, parameters.text("cursor")),
                next == null ? null : parameters.link(PATH, next))));
  }

  private static boolean links(Parameters parameters) {
    String kind = parameters.text("kind");
    if (kind == null || kind.equals("merge")) {
      return false;
    }
    if (!kind.equals("link")) {
      throw new BadSearch("kind", "The kind must be merge or link; got " + kind);
    }
    if (parameters.text("rule") != null) {
      throw new BadSearch("rule", "Links are listed for one user, whatever their rule");
    }
    return true;
  }

  private void links(Context ctx, Parameters parameters, int limit) {
    UUID user = user(parameters);
    if (user == null) {
      throw new BadSearch("user", "Links are listed for one user: name it");
    }
    Undos.LinkPage page = undos.links(user, state(parameters), cursor(parameters), limit);
    String next = page.next();
    Answer.send(
        ctx,
        new Answer.Data(
            page.links().stream().map(LinkView::of).toList(),
            new Answer.Links(
                parameters.link(PATH, parameters.text("cursor")),
                next == null ? null : parameters.link(PATH, next))));
  }

  /** A merged user's merges are those of the user that it is part of. */
  private @Nullable UUID user(Parameters parameters) {
    String named = parameters.text("user");
    if (named == null) {
      return null;
    }
    UUID user = Uuid.of(named);
    if (user == null) {
      throw new BadSearch(
          "user", "A user is named by its id, such as 01a200b1-e621-7000-ab8f-7f602f6f541b");
    }
    UUID live = lookup.live(user);
    return live == null ? user : live;
  }

  private static @Nullable Rule rule(Parameters parameters) {
    String code = parameters.text("rule");
    if (code == null) {
      return null;
    }
    if (!CODES.contains(code)) {
      throw new BadSearch(
          "rule", "There is no rule %s; did you mean %s?".formatted(code, Nearest.of(code, CODES)));
    }
    return Rule.of(code);
  }

  private static Undos.@Nullable State state(Parameters parameters) {
    String title = parameters.text("state");
    if (title == null) {
      return null;
    }
    Undos.State state = Undos.State.titled(title);
    if (state == null) {
      throw new BadSearch("state", "The state must be live or undone; got " + title);
    }
    return state;
  }

  private static @Nullable String cursor(Parameters parameters) {
    String cursor = parameters.text("cursor");
    if (cursor != null && !Undos.isId(cursor)) {
      throw new BadSearch("cursor", "The cursor is not one that a page of this list ended with");
    }
    return cursor;
  }

  private void one(Context ctx) {
    Parameters parameters = Parameters.of(ctx, List.of());
    StoredLink link = undos.link(ctx.pathParam("id"));
    if (link != null) {
      Answer.send(
          ctx,
          new Answer.Data(
              LinkView.of(link),
              new Answer.Links(parameters.link(PATH + "/" + link.position(), null), null)));
      return;
    }
    StoredMerge merge = undos.merge(ctx.pathParam("id"));
    Answer.send(
        ctx,
        new Answer.Data(
            MergeView.of(merge),
            new Answer.Links(parameters.link(PATH + "/" + merge.place().id(), null), null)));
  }

  private record Outer(Inner data) {}

  /** An identifier that leads to another user than before. */
  private record MovedView(String type, String value, @Nullable UUID from, @Nullable UUID to) {}

  private record Inner(
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable MergeView merge,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable LinkView link,
      @JsonInclude(JsonInclude.Include.ALWAYS) List<WholeUser> users,
      List<MovedView> moved,
      List<RaisedFlag> flags) {}

  private void undo(Context ctx, byte[] body) {
    try {
      byte[] sent = body.length == 0 ? "{}".getBytes(StandardCharsets.UTF_8) : body;
      JsonBody json = JsonBody.of(sent, List.of("dryRun"));
      String id = ctx.pathParam("id");
      Actor actor = Caller.actor(ctx);
      Undone undone = json.flag("dryRun") ? undos.preview(id, actor) : undos.undo(id, actor);
      ShownUser restored = undone.restored();
      ShownUser survivor = undone.survivor();
      Answer.send(
          ctx,
          new Outer(
              new Inner(
                  undone.merge() == null ? null : MergeView.of(undone.merge()),
                  undone.link() == null ? null : LinkView.of(undone.link()),
                  WholeUser.of(survivor, restored),
                  undone.moved().stream()
                      .map(moved -> moved(moved, survivor, restored, undone))
                      .toList(),
                  undone.flags())));
    } catch (JsonBody.BadField bad) {
      ctx.status(400);
      Answer.send(ctx, Answer.badField(bad.pointer(), String.valueOf(bad.getMessage())));
    }
  }

  private static MovedView moved(
      FoundIdentifier moved,
      @Nullable ShownUser survivor,
      @Nullable ShownUser restored,
      Undone undone) {
    StoredMerge merge = undone.merge();
    StoredLink link = undone.link();
    UUID from = merge == null ? link == null ? null : link.user() : merge.survivor();
    UUID to = merge == null ? link == null ? null : link.newUser() : merge.absorbed();
    return new MovedView(
        moved.type(),
        moved.value(),
        survivor == null ? from : survivor.user().id(),
        restored == null ? to : restored.user().id());
  }
}
