package dev.selfsame.api;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.http.Area;
import dev.selfsame.http.Bodies;
import dev.selfsame.http.Caller;
import dev.selfsame.http.Role;
import dev.selfsame.identity.Identifier;
import dev.selfsame.identity.Raw;
import dev.selfsame.lookup.Asked;
import dev.selfsame.lookup.BadSearch;
import dev.selfsame.lookup.BadValue;
import dev.selfsame.lookup.Lookup;
import dev.selfsame.review.AmbiguousIdentifier;
import dev.selfsame.review.EraseRequest;
import dev.selfsame.review.Erasures;
import dev.selfsame.store.ErasureQueries;
import dev.selfsame.store.ErasureQueries.Erasure;
import io.javalin.http.Context;
import io.javalin.router.JavalinDefaultRoutingApi;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** {@code /api/erasures}: users are forgotten, and a receipt says what went. */
public final class ErasuresApi implements Area {

  private static final String PATH = "/api/erasures";
  private static final int MOST_BYTES = 64 * 1024;
  private static final int MOST_LISTED = 1_000;
  private static final int LISTED = 100;

  private final Erasures erasures;
  private final ErasureQueries queries;
  private final Lookup lookup;
  private final Bodies bodies;

  public ErasuresApi(Erasures erasures, ErasureQueries queries, Lookup lookup, Bodies bodies) {
    this.erasures = erasures;
    this.queries = queries;
    this.lookup = lookup;
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
        Answer.withoutParameters(ctx -> bodies.use(ctx, MOST_BYTES, body -> erase(ctx, body))),
        Role.ADMIN);
    routes.get(PATH, Answer.checked(this::list), Role.READ);
    routes.get(PATH + "/{id}", Answer.checked(this::find), Role.READ);
    routes.delete("/api/users/{id}", Answer.checked(this::delete), Role.ADMIN);
  }

  private record Outer(Object data) {}

  private record Previewed(Map<String, Long> counts) {}

  private record Refused(List<RefusedFault> errors) {}

  private record RefusedFault(String code, String title, String detail, List<UUID> users) {}

  private void erase(Context ctx, byte[] body) {
    try {
      JsonBody json = JsonBody.of(body, List.of("identifiers", "suppress", "dryRun"));
      List<Asked> asked = json.asked("identifiers", Erasures.MOST);
      boolean suppress = json.neededFlag("suppress");
      List<UUID> users = new ArrayList<>();
      List<Asked> others = new ArrayList<>();
      List<Integer> places = new ArrayList<>();
      for (int i = 0; i < asked.size(); i++) {
        Asked one = asked.get(i);
        if ("id".equals(one.type())) {
          UUID id = one.value() instanceof Raw.Text text ? Uuid.of(text.value()) : null;
          if (id == null) {
            throw new JsonBody.BadField(
                "/identifiers/%d/value".formatted(i), "A user's id is a UUID");
          }
          users.add(id);
        } else {
          others.add(one);
          places.add(i);
        }
      }
      EraseRequest request =
          new EraseRequest(named(others, places), users, suppress, Caller.actor(ctx));
      if (json.flag("dryRun")) {
        Answer.send(ctx, new Outer(new Previewed(erasures.preview(request))));
      } else {
        created(ctx, erasures.erase(request));
      }
    } catch (JsonBody.BadField bad) {
      ctx.status(400);
      Answer.send(ctx, Answer.badField(bad.pointer(), String.valueOf(bad.getMessage())));
    } catch (AmbiguousIdentifier ambiguous) {
      ctx.status(409);
      Answer.send(
          ctx,
          new Refused(
              List.of(
                  new RefusedFault(
                      Problem.AMBIGUOUS_IDENTIFIER.code(),
                      "Ambiguous identifier",
                      String.valueOf(ambiguous.getMessage()),
                      ambiguous.users()))));
    }
  }

  private List<Identifier> named(List<Asked> asked, List<Integer> places) {
    try {
      return lookup.named(asked);
    } catch (BadValue bad) {
      throw new JsonBody.BadField(
          "/identifiers/%d/%s"
              .formatted(
                  places.get(bad.index()), bad.fault() == BadValue.Fault.TYPE ? "type" : "value"),
          String.valueOf(bad.getMessage()));
    }
  }

  private static void created(Context ctx, Erasure erasure) {
    ctx.status(201).header("Location", PATH + "/" + erasure.id());
    Answer.send(ctx, new Outer(erasure));
  }

  /** A6. */
  private void delete(Context ctx) {
    boolean dryRun = Parameters.of(ctx, List.of("dryRun")).flag("dryRun");
    UUID id = Uuid.of(ctx.pathParam("id"));
    if (id == null) {
      throw new Failure(Problem.NOT_FOUND, "There is no user with this id.");
    }
    EraseRequest request = new EraseRequest(List.of(), List.of(id), false, Caller.actor(ctx));
    if (dryRun) {
      Answer.send(ctx, new Outer(new Previewed(erasures.preview(request))));
    } else {
      created(ctx, erasures.erase(request));
    }
  }

  private void list(Context ctx) {
    Parameters parameters = Parameters.of(ctx, List.of("limit", "cursor"));
    int limit = limit(parameters);
    Long before = number(parameters.text("cursor"));
    List<Erasure> found = queries.list(before, limit + 1);
    List<Erasure> page = found.stream().limit(limit).toList();
    String self = parameters.link(PATH, parameters.text("cursor"));
    Answer.send(
        ctx,
        new Answer.Data(
            page,
            new Answer.Links(
                self,
                found.size() > limit
                    ? parameters.link(PATH, Long.toString(page.getLast().id()))
                    : null)));
  }

  static int limit(Parameters parameters) {
    int limit = parameters.number("limit", LISTED);
    if (limit < 1 || limit > MOST_LISTED) {
      throw new BadSearch(
          "limit", "The limit is %d; expected 1 to %d".formatted(limit, MOST_LISTED));
    }
    return limit;
  }

  private static @Nullable Long number(@Nullable String cursor) {
    try {
      return cursor == null ? null : Long.valueOf(cursor);
    } catch (NumberFormatException e) {
      throw new BadSearch("cursor", "The cursor is not one that a page of this list ended with");
    }
  }

  private void find(Context ctx) {
    Parameters.of(ctx, List.of());
    Erasure erasure = null;
    try {
      erasure = queries.find(Long.parseLong(ctx.pathParam("id")));
    } catch (NumberFormatException e) {
      // Answered as one that there is not.
    }
    if (erasure == null) {
      throw new Failure(Problem.NOT_FOUND, "There is no erasure with this id.");
    }
    Answer.send(ctx, new Answer.Data(erasure, new Answer.Links(PATH + "/" + erasure.id(), null)));
  }
}
