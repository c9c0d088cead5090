package dev.selfsame.api;

import dev.selfsame.http.Area;
import dev.selfsame.http.Bodies;
import dev.selfsame.http.Role;
import dev.selfsame.identity.Raw;
import dev.selfsame.lookup.Asked;
import dev.selfsame.lookup.BadSearch;
import dev.selfsame.lookup.BadValue;
import dev.selfsame.lookup.Lookup;
import dev.selfsame.lookup.Match;
import io.javalin.http.Context;
import io.javalin.router.JavalinDefaultRoutingApi;
import java.util.List;

/** {@code /api/lookup}: whom each of many values finds, with every tool's id for them. */
public final class LookupApi implements Area {

  private static final String PATH = "/api/lookup";

  /** So many fit into a URL. */
  private static final int MOST_PARAMETERS = 100;

  private static final int MOST_BYTES = 1024 * 1024;
  private static final String EMAIL = "email";
  private static final List<String> PARAMETERS = List.of(EMAIL, "identifier");
  private static final String VALUES = "values";

  private final Lookup lookup;
  private final Bodies bodies;

  public LookupApi(Lookup lookup, Bodies bodies) {
    this.lookup = lookup;
    this.bodies = bodies;
  }

  @Override
  public String prefix() {
    return PATH;
  }

  @Override
  public void addTo(JavalinDefaultRoutingApi routes) {
    routes.get(PATH, Answer.checked(this::inUrl), Role.READ);
    routes.post(PATH, ctx -> bodies.use(ctx, MOST_BYTES, body -> inBody(ctx, body)), Role.READ);
  }

  /** The answer to a body, which no link can repeat. */
  private record Outer(List<Match> data) {}

  private void inUrl(Context ctx) {
    List<Parameters.Given> given = Parameters.repeated(ctx, PARAMETERS);
    if (given.isEmpty()) {
      throw new BadSearch(
          EMAIL, "Say whom to look up: email=ann@example.com, or identifier=zendesk_id:77");
    }
    if (given.size() > MOST_PARAMETERS) {
      throw new BadSearch(
          given.get(MOST_PARAMETERS).name(),
          "%d values are asked for; expected 1 to %d. POST takes up to %d"
              .formatted(given.size(), MOST_PARAMETERS, Lookup.MOST_ASKED));
    }
    List<Asked> asked =
        given.stream()
            .map(one ->
                one.name().equals(EMAIL)
                    ? new Asked(EMAIL, Raw.text(one.value()))
                    : Asked.text(one.value()))
            .toList();
    try {
      List<Match> matches = lookup.matches(asked);
      Answer.send(
          ctx, new Answer.Data(matches, new Answer.Links(PATH + "?" + ctx.queryString(), null)));
    } catch (BadValue bad) {
      throw new BadSearch(
          given.get(bad.index()).name(),
          "Value %d of %d: %s".formatted(bad.index() + 1, given.size(), bad.getMessage()));
    }
  }

  private void inBody(Context ctx, byte[] body) {
    try {
      List<Asked> asked = JsonBody.of(body, List.of(VALUES)).asked(VALUES, Lookup.MOST_ASKED);
      try {
        Answer.send(ctx, new Outer(lookup.matches(asked)));
      } catch (BadValue bad) {
        throw new JsonBody.BadField(pointer(asked, bad), String.valueOf(bad.getMessage()));
      }
    } catch (JsonBody.BadField bad) {
      ctx.status(400);
      Answer.send(ctx, Answer.badField(bad.pointer(), String.valueOf(bad.getMessage())));
    }
  }

  private static String pointer(List<Asked> asked, BadValue bad) {
    String at = "/%s/%d".formatted(VALUES, bad.index());
    if (asked.get(bad.index()).type() == null) {
      return at;
    }
    return switch (bad.fault()) {
      case TYPE -> at + "/type";
      case VALUE -> at + "/value";
    };
  }
}
