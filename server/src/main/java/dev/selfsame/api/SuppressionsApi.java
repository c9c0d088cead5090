package dev.selfsame.api;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.http.Area;
import dev.selfsame.http.Caller;
import dev.selfsame.http.Role;
import dev.selfsame.lookup.Asked;
import dev.selfsame.lookup.BadSearch;
import dev.selfsame.lookup.BadValue;
import dev.selfsame.lookup.Lookup;
import dev.selfsame.review.Erasures;
import dev.selfsame.store.ErasureQueries;
import dev.selfsame.store.ErasureQueries.Suppression;
import io.javalin.http.Context;
import io.javalin.router.JavalinDefaultRoutingApi;
import java.time.Instant;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** {@code /api/suppressions}: what erasures bar from coming back, and lifting it. */
public final class SuppressionsApi implements Area {

  private static final String PATH = "/api/suppressions";
  private static final Pattern CURSOR = Pattern.compile("(\\d{1,18})\\.([0-9a-f]{64})");

  private final Erasures erasures;
  private final ErasureQueries queries;
  private final Lookup lookup;

  public SuppressionsApi(Erasures erasures, ErasureQueries queries, Lookup lookup) {
    this.erasures = erasures;
    this.queries = queries;
    this.lookup = lookup;
  }

  @Override
  public String prefix() {
    return PATH;
  }

  @Override
  public void addTo(JavalinDefaultRoutingApi routes) {
    routes.get(PATH, Answer.checked(this::list), Role.READ);
    routes.delete(PATH, Answer.checked(this::liftNamed), Role.ADMIN);
    routes.delete(PATH + "/{id}", Answer.checked(this::lift), Role.ADMIN);
  }

  private void list(Context ctx) {
    Parameters parameters = Parameters.of(ctx, List.of("identifier", "limit", "cursor"));
    String self = parameters.link(PATH, parameters.text("cursor"));
    String identifier = parameters.text("identifier");
    if (identifier != null) {
      Suppression barred = suppression(identifier);
      Answer.send(
          ctx,
          new Answer.Data(
              barred == null ? List.of() : List.of(barred), new Answer.Links(self, null)));
      return;
    }
    int limit = ErasuresApi.limit(parameters);
    List<Suppression> found = queries.suppressions(after(parameters.text("cursor")), limit + 1);
    List<Suppression> page = found.stream().limit(limit).toList();
    Answer.send(
        ctx,
        new Answer.Data(
            page,
            new Answer.Links(
                self,
                found.size() > limit
                    ? parameters.link(PATH, page.getLast().erasure() + "." + page.getLast().id())
                    : null)));
  }

  private static @Nullable Suppression after(@Nullable String cursor) {
    if (cursor == null) {
      return null;
    }
    Matcher parts = CURSOR.matcher(cursor);
    if (!parts.matches()) {
      throw new BadSearch("cursor", "The cursor is not one that a page of this list ended with");
    }
    return new Suppression(parts.group(2), Instant.EPOCH, Long.parseLong(parts.group(1)));
  }

  private @Nullable Suppression suppression(String identifier) {
    try {
      return queries.suppression(lookup.named(List.of(Asked.text(identifier))).getFirst());
    } catch (BadValue bad) {
      throw new BadSearch("identifier", String.valueOf(bad.getMessage()));
    }
  }

  private void liftNamed(Context ctx) {
    String identifier = Parameters.of(ctx, List.of("identifier")).text("identifier");
    if (identifier == null) {
      throw new BadSearch("identifier", "Say which: identifier=TYPE:VALUE");
    }
    Suppression barred = suppression(identifier);
    if (barred == null) {
      throw new Failure(Problem.NOT_FOUND, "This identifier is not barred.");
    }
    erasures.lift(barred.id(), Caller.actor(ctx));
    ctx.status(204);
  }

  private void lift(Context ctx) {
    Parameters.of(ctx, List.of());
    erasures.lift(ctx.pathParam("id"), Caller.actor(ctx));
    ctx.status(204);
  }
}
