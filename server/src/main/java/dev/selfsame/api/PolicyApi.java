package dev.selfsame.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.http.Area;
import dev.selfsame.http.Bodies;
import dev.selfsame.http.Caller;
import dev.selfsame.http.Role;
import dev.selfsame.lookup.BadSearch;
import dev.selfsame.policy.Policies;
import dev.selfsame.store.StoredPolicies.Change;
import dev.selfsame.store.StoredPolicies.Difference;
import dev.selfsame.store.StoredPolicies.SharedEmail;
import dev.selfsame.store.StoredPolicies.Version;
import io.javalin.http.Context;
import io.javalin.router.JavalinDefaultRoutingApi;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** {@code /api/policy}: what claims are decided under. */
public final class PolicyApi implements Area {

  private static final String PATH = "/api/policy";
  private static final int MOST_BYTES = 2 * Policies.MOST_CHARACTERS;
  private static final int CHECKED = 10_000;

  private final Policies policies;
  private final Bodies bodies;

  public PolicyApi(Policies policies, Bodies bodies) {
    this.policies = policies;
    this.bodies = bodies;
  }

  @Override
  public String prefix() {
    return PATH;
  }

  @Override
  public void addTo(JavalinDefaultRoutingApi routes) {
    routes.get(PATH, Answer.checked(this::show), Role.READ);
    routes.get(PATH + "/versions", Answer.checked(this::versions), Role.READ);
    routes.put(
        PATH,
        Answer.checked(ctx -> bodies.use(ctx, MOST_BYTES, body -> set(ctx, body))),
        Role.ADMIN);
    routes.post(
        PATH + "/check",
        Answer.checked(ctx -> bodies.use(ctx, MOST_BYTES, body -> check(ctx, body))),
        Role.READ);
  }

  private record Outer(Object data) {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  private record Standing(
      int version,
      @Nullable String by,
      Instant at,
      @Nullable Long position,
      @Nullable JsonNode policy) {
    Standing(Version version, @Nullable JsonNode policy) {
      this(version.number(), version.by(), version.at(), version.position(), policy);
    }
  }

  private record Changed(
      int version,
      boolean changed,
      List<Difference> differences,
      @JsonInclude(JsonInclude.Include.NON_EMPTY) List<SharedEmail> sharedEmails) {}

  private void show(Context ctx) {
    Parameters parameters = Parameters.of(ctx, List.of("format"));
    String format = parameters.text("format");
    if (format != null && !format.equals("yaml") && !format.equals("json")) {
      throw new BadSearch("format", "The parameter format must be yaml or json");
    }
    Policies.Shown shown = policies.show();
    ctx.header("ETag", "\"" + shown.version().number() + "\"");
    if ("yaml".equals(format)) {
      ctx.contentType("application/yaml")
          .header("Cache-Control", "no-store")
          .result(shown.yaml().getBytes(UTF_8));
    } else {
      Answer.send(ctx, new Outer(new Standing(shown.version(), shown.policy())));
    }
  }

  private void versions(Context ctx) {
    Parameters.of(ctx, List.of());
    Answer.send(
        ctx,
        new Outer(
            policies.versions().stream().map(version -> new Standing(version, null)).toList()));
  }

  private void set(Context ctx, byte[] body) {
    Parameters parameters = Parameters.of(ctx, List.of("dryRun"));
    Change change =
        policies.set(text(body), from(ctx), Caller.actor(ctx), parameters.flag("dryRun"));
    Answer.send(
        ctx,
        new Outer(
            new Changed(change.version(), change.made(), change.differences(), change.shared())));
  }

  /** The version that the caller changes, as {@code GET} named it; null: whatever stands. */
  private static @Nullable Integer from(Context ctx) {
    String match = ctx.header("If-Match");
    if (match == null || match.strip().equals("*")) {
      return null;
    }
    String version = match.strip().replaceAll("^\"|\"$", "");
    if (!version.matches("\\d{1,9}")) {
      throw new BadSearch("If-Match", "If-Match must be an ETag of GET %s".formatted(PATH));
    }
    return Integer.valueOf(version);
  }

  private void check(Context ctx, byte[] body) {
    Parameters parameters = Parameters.of(ctx, List.of("last"));
    int last = parameters.number("last", CHECKED);
    if (last < 1 || last > Policies.MOST_CHECKED) {
      throw new BadSearch(
          "last", "The parameter last must be from 1 to %d".formatted(Policies.MOST_CHECKED));
    }
    Answer.send(ctx, new Outer(policies.check(text(body), last, decided -> {})));
  }

  private static String text(byte[] body) {
    try {
      return UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
    } catch (CharacterCodingException e) {
      throw new Failure(Problem.POLICY_INVALID, "The policy is not UTF-8", 0, e);
    }
  }
}
