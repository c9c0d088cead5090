package dev.selfsame.api.productboard;

import dev.selfsame.api.Answer;
import dev.selfsame.api.Parameters;
import dev.selfsame.api.Uuid;
import dev.selfsame.api.WriteFaults;
import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.http.Area;
import dev.selfsame.http.Bodies;
import dev.selfsame.http.Caller;
import dev.selfsame.http.Role;
import dev.selfsame.lookup.BadSearch;
import dev.selfsame.lookup.Found;
import dev.selfsame.lookup.Lookup;
import dev.selfsame.lookup.Search;
import dev.selfsame.review.EraseRequest;
import dev.selfsame.review.Erasures;
import dev.selfsame.source.api.Once;
import dev.selfsame.source.api.UserWrites;
import dev.selfsame.source.api.Written;
import dev.selfsame.store.FoundUser;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import io.javalin.router.JavalinDefaultRoutingApi;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** {@code /compat/productboard/users}: users as Productboard's API has them. */
public final class ProductboardUsersApi implements Area {

  private static final String PATH = Compatible.PATH + "/users";
  private static final String ONE = PATH + "/{id}";
  private static final int MOST_BYTES = 64 * 1024;

  private static final String LIMIT = "pageLimit";
  private static final String CURSOR = "pageCursor";
  private static final String OFFSET = "pageOffset";

  /** So many users are passed over at most; who wants to go on follows the links. */
  private static final int FARTHEST = 10_000;

  private final UserWrites writes;
  private final Erasures erasures;
  private final Lookup lookup;
  private final Bodies bodies;
  private final Compatible compatible;

  /**
   * @param publicUrl where callers reach this server; null: as each request says
   */
  public ProductboardUsersApi(
      UserWrites writes, Erasures erasures, Lookup lookup, Bodies bodies, @Nullable URI publicUrl) {
    this.writes = writes;
    this.erasures = erasures;
    this.lookup = lookup;
    this.bodies = bodies;
    this.compatible = new Compatible(publicUrl);
  }

  @Override
  public String prefix() {
    return PATH;
  }

  @Override
  public void addTo(JavalinDefaultRoutingApi routes) {
    routes.get(PATH, Compatible.versioned(Answer.checked(this::list)), Role.READ);
    routes.post(PATH, writing(this::create), Role.WRITE);
    routes.get(ONE, Compatible.versioned(Answer.withoutParameters(this::show)), Role.READ);
    routes.patch(ONE, writing(this::change), Role.WRITE);
    routes.delete(ONE, Compatible.versioned(Answer.withoutParameters(this::delete)), Role.ADMIN);
  }

  private interface Writing {
    void with(Context ctx, byte[] body);
  }

  private Handler writing(Writing writing) {
    return Compatible.versioned(
        Answer.withoutParameters(
            ctx -> bodies.use(ctx, MOST_BYTES, body -> writing.with(ctx, body))));
  }

  private record UserView(
      UUID id, @Nullable String email, @Nullable String externalId, @Nullable String name) {
    static UserView of(FoundUser user) {
      return new UserView(user.id(), user.email(), user.externalId(), user.name());
    }
  }

  private record OneView(UserView data) {}

  private record PageView(List<UserView> data, NextView links) {}

  private record NextView(@Nullable String next) {}

  private record CreatedView(IdView data, SelfView links) {}

  private record IdView(UUID id) {}

  private record SelfView(String self) {}

  // Reading

  private void list(Context ctx) {
    Parameters parameters = Parameters.of(ctx, List.of(LIMIT, CURSOR, OFFSET));
    int limit = parameters.number(LIMIT, Search.DEFAULT_LIMIT);
    if (limit < 1 || limit > Search.MOST) {
      throw new BadSearch(
          LIMIT, "The page limit is %d; expected 1 to %d".formatted(limit, Search.MOST));
    }
    String cursor = parameters.text(CURSOR);
    int offset = parameters.number(OFFSET, 0);
    if (offset < 0 || offset > FARTHEST || (offset > 0 && cursor != null)) {
      throw new BadSearch(
          OFFSET,
          "The page offset is 0 to %d, and not beside a pageCursor; follow links.next to go on"
              .formatted(FARTHEST));
    }
    Found<FoundUser> found = page(limit, cursor);
    if (offset > 0) {
      Found<FoundUser> passed = page(Math.min(offset, Search.MOST), null);
      for (int left = offset - passed.page().size(); left > 0 && passed.next() != null; ) {
        passed = page(Math.min(left, Search.MOST), passed.next());
        left -= passed.page().size();
      }
      found = passed.next() == null ? new Found<>(List.of(), null) : page(limit, passed.next());
    }
    Answer.send(
        ctx,
        new PageView(
            found.page().stream().map(UserView::of).toList(),
            new NextView(found.next() == null ? null : next(ctx, limit, found.next()))));
  }

  private Found<FoundUser> page(int limit, @Nullable String cursor) {
    try {
      return lookup.find(new Search(null, null, null, null, false, null, limit, cursor));
    } catch (BadSearch bad) {
      throw new BadSearch(CURSOR, String.valueOf(bad.getMessage()));
    }
  }

  private String next(Context ctx, int limit, String cursor) {
    return compatible.address(
        ctx,
        "%s?%s=%d&%s=%s"
            .formatted(
                PATH, LIMIT, limit, CURSOR, URLEncoder.encode(cursor, StandardCharsets.UTF_8)));
  }

  private void show(Context ctx) {
    UUID id = Uuid.of(ctx.pathParam("id"));
    UUID live = id == null ? null : lookup.live(id);
    FoundUser user = live == null || !live.equals(id) ? null : lookup.user(live);
    if (user == null) {
      unknown(ctx, live == null || live.equals(id) ? null : live);
    } else {
      Answer.send(ctx, new OneView(UserView.of(user)));
    }
  }

  /**
   * There is no user of this id.
   *
   * @param survivor the one that it was merged into, or null
   */
  private static void unknown(Context ctx, @Nullable UUID survivor) {
    ctx.status(404);
    Answer.send(
        ctx,
        new Answer.Errors(
            List.of(
                new Answer.Fault(
                    "user.notFound",
                    "User not found",
                    survivor == null
                        ? "There is no user with this id."
                        : "This user was merged into %s; go on with that id.".formatted(survivor),
                    new Answer.Source(null, null)))));
  }

  // Writing

  private void create(Context ctx, byte[] body) {
    Written written = written(ctx, null, body);
    if (written == null || written.user() == null) {
      return;
    }
    String self = compatible.address(ctx, PATH + "/" + written.user().id());
    ctx.status(201).header("Location", self);
    Answer.send(ctx, new CreatedView(new IdView(written.user().id()), new SelfView(self)));
  }

  private void change(Context ctx, byte[] body) {
    UUID id = Uuid.of(ctx.pathParam("id"));
    if (id == null) {
      unknown(ctx, null);
      return;
    }
    Written written = written(ctx, id, body);
    if (written != null && written.user() != null) {
      Answer.send(ctx, new OneView(UserView.of(written.user())));
    }
  }

  /** What became of it; where nothing did, that is answered. */
  private @Nullable Written written(Context ctx, @Nullable UUID user, byte[] body) {
    UserBody.Wanted wanted = UserBody.read(body, user);
    if (!wanted.faults().isEmpty()) {
      ctx.status(400);
      Answer.send(ctx, new Answer.Errors(wanted.faults()));
      return null;
    }
    String key = ctx.header("Idempotency-Key");
    Once once =
        key == null ? null : Once.of(Caller.of(ctx), key, ctx.method() + " " + ctx.path(), body);
    Written written = writes.write(List.of(wanted.write()), Caller.actor(ctx), once).getFirst();
    if (written.receipt().repeated()) {
      ctx.header("Idempotent-Replayed", "true");
    }
    if (written.user() == null) {
      refuse(ctx, user, written);
    }
    return written;
  }

  private void refuse(Context ctx, @Nullable UUID user, Written written) {
    List<Answer.Fault> faults = new ArrayList<>();
    int status = WriteFaults.of(written, UserBody.DATA, UserBody.FIELDS, faults);
    if (status == 404 || status == 410) {
      unknown(ctx, user == null ? null : lookup.live(user));
      return;
    }
    ctx.status(status);
    Answer.send(ctx, new Answer.Errors(faults));
  }

  /** A6. */
  private void delete(Context ctx) {
    UUID id = Uuid.of(ctx.pathParam("id"));
    try {
      if (id != null) {
        erasures.erase(new EraseRequest(List.of(), List.of(id), false, Caller.actor(ctx)));
        ctx.status(204);
        return;
      }
    } catch (Failure failure) {
      if (failure.problem() != Problem.UNKNOWN_USER && failure.problem() != Problem.ABSORBED_USER) {
        throw failure;
      }
    }
    unknown(ctx, id == null ? null : lookup.live(id));
  }
}
