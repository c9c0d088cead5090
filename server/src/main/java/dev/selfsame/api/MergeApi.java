package dev.selfsame.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.selfsame.http.Area;
import dev.selfsame.http.Bodies;
import dev.selfsame.http.Caller;
import dev.selfsame.http.Role;
import dev.selfsame.review.MergeChanges;
import dev.selfsame.review.MergeField;
import dev.selfsame.review.MergeRequest;
import dev.selfsame.review.Merged;
import dev.selfsame.review.Merges;
import io.javalin.http.Context;
import io.javalin.router.JavalinDefaultRoutingApi;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** {@code POST /api/users/merge}: several users are one, says a person. */
public final class MergeApi implements Area {

  private static final String PATH = "/api/users/merge";
  private static final int MOST_BYTES = 64 * 1024;
  private static final List<String> FIELDS = List.of("users", "survivor", "fields", "dryRun");

  private final Merges merges;
  private final Bodies bodies;

  public MergeApi(Merges merges, Bodies bodies) {
    this.merges = merges;
    this.bodies = bodies;
  }

  @Override
  public String prefix() {
    return PATH;
  }

  @Override
  public void addTo(JavalinDefaultRoutingApi routes) {
    routes.post(
        PATH,
        Answer.withoutParameters(ctx -> bodies.use(ctx, MOST_BYTES, body -> merge(ctx, body))),
        Role.WRITE);
  }

  private record Outer(View data) {}

  /** A merge as callers see it; a preview has changes in place of ids. */
  record View(
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String mergeId,
      @JsonInclude(JsonInclude.Include.NON_EMPTY) List<String> mergeIds,
      List<UUID> absorbed,
      WholeUser user,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable MergeChanges changes) {

    static View of(Merged merged) {
      return new View(
          merged.mergeIds().isEmpty() ? null : merged.mergeIds().getFirst(),
          merged.mergeIds(),
          merged.absorbed(),
          new WholeUser(merged.user(), merged.identifiers()),
          merged.changes());
    }
  }

  private void merge(Context ctx, byte[] body) {
    try {
      JsonBody json = JsonBody.of(body, FIELDS);
      Map<MergeField, UUID> picks = new EnumMap<>(MergeField.class);
      json.usersByName("fields", MergeField.titles())
          .forEach(
              (title, user) -> picks.put(Objects.requireNonNull(MergeField.titled(title)), user));
      MergeRequest request =
          new MergeRequest(json.users("users"), json.user("survivor"), picks, Caller.actor(ctx));
      Merged merged = json.flag("dryRun") ? merges.preview(request) : merges.merge(request);
      Answer.send(ctx, new Outer(View.of(merged)));
    } catch (JsonBody.BadField bad) {
      ctx.status(400);
      Answer.send(ctx, Answer.badField(bad.pointer(), String.valueOf(bad.getMessage())));
    }
  }
}
