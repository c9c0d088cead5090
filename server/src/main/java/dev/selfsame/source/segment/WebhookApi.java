package dev.selfsame.source.segment;

import dev.selfsame.access.Hook;
import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.http.Area;
import dev.selfsame.http.Bodies;
import dev.selfsame.http.ErrorForm;
import dev.selfsame.http.Json;
import dev.selfsame.http.Role;
import dev.selfsame.identity.Channel;
import dev.selfsame.resolution.Reason;
import io.javalin.http.Context;
import io.javalin.router.JavalinDefaultRoutingApi;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * The other end of Segment's Webhook destination: {@code POST /hooks/segment/{source}} with one
 * event or an array of them.
 *
 * <p>Segment tries again after a timeout or a 5xx and gives up at a 4xx. So a single event that can
 * never be taken is a 400 (K15), and an array is a 200 that lists those of its events that were
 * not.
 */
public final class WebhookApi implements Area {

  private static final String SIGNATURE = "X-Signature";

  private final Function<String, List<Hook>> hooks;
  private final Handover handover;
  private final Bodies bodies;
  private final WebhookSettings settings;
  private final MeterRegistry metrics;

  /**
   * @param hooks what a webhook may prove itself by, by its source's name
   */
  public WebhookApi(
      Function<String, List<Hook>> hooks,
      Handover handover,
      Bodies bodies,
      WebhookSettings settings,
      MeterRegistry metrics) {
    this.hooks = hooks;
    this.handover = handover;
    this.bodies = bodies;
    this.settings = settings;
    this.metrics = metrics;
  }

  @Override
  public String prefix() {
    return "/hooks/segment";
  }

  @Override
  public ErrorForm errorForm() {
    return Answers.ERROR;
  }

  @Override
  public boolean openToBrowsers() {
    return false;
  }

  @Override
  public void addTo(JavalinDefaultRoutingApi routes) {
    routes.post("/hooks/segment/{source}", this::receive, Role.OPEN);
  }

  private void receive(Context ctx) throws Exception {
    List<Hook> known =
        hooks.apply(ctx.pathParam("source")).stream()
            .filter(hook -> hook.target().source().channel() == Channel.SEGMENT)
            .toList();
    if (known.isEmpty()) {
      throw new Failure(
          Problem.NOT_FOUND,
          "There is no webhook of that name; make one with: selfsame keys create --hook NAME");
    }
    String header = ctx.header("Authorization");
    List<Hook> authorized = known.stream().filter(hook -> hook.authorizedBy(header)).toList();
    if (authorized.isEmpty()) {
      throw refused(
          Problem.INVALID_AUTHORIZATION,
          "The Authorization header is missing, or not the webhook's; nothing of this request was"
              + " taken.");
    }
    bodies.use(ctx, settings.maxBodyBytes(), body -> take(ctx, authorized, body));
  }

  private void take(Context ctx, List<Hook> authorized, byte[] body) {
    Hook hook = proven(authorized, ctx.header(SIGNATURE), body);
    TrackingRequest request =
        TrackingRequest.webhook(body, settings.maxEvents() + Handover.NAMED_BEYOND);
    if (request.messages().isEmpty()) {
      throw new Failure(Problem.NO_EVENTS, "The body is an empty array; it holds no event.");
    }
    List<Rejection> rejections = handover.of(hook.target(), request, settings.maxEvents());
    if (request.batch() || rejections.isEmpty()) {
      Answers.taken(ctx, rejections, request.beyond());
    } else {
      Rejection rejection = rejections.getFirst();
      boolean ours = rejection.code().equals(Reason.INTERNAL_ERROR.code());
      Answers.refused(ctx, ours ? 500 : 400, rejection);
    }
  }

  /**
   * The first whose signature is that of the body. Of an array Segment signs the first event alone:
   * who has seen one signed event could put any others behind it. So that is not enough without an
   * Authorization header.
   */
  private Hook proven(List<Hook> authorized, @Nullable String signature, byte[] body) {
    for (Hook hook : authorized) {
      if (!hook.signs() || hook.signed(signature, body, 0, body.length)) {
        return hook;
      }
    }
    boolean partly = false;
    Message.Span first = TrackingRequest.first(body);
    if (first != null && signature != null) {
      byte[] compact = compact(body, first);
      for (Hook hook : authorized) {
        if (hook.signed(signature, body, first.from, first.to)
            || hook.signed(signature, compact, 0, compact.length)) {
          if (hook.authorizes()) {
            return hook;
          }
          partly = true;
        }
      }
    }
    throw partly
        ? refused(
            Problem.PARTLY_SIGNED,
            "Segment signs the first event of an array alone, and this webhook asks for no"
                + " Authorization header that would vouch for the others: turn batching off, or"
                + " make a webhook with both.")
        : refused(
            Problem.INVALID_SIGNATURE,
            "X-Signature is missing, or not the hex HMAC-SHA1 of the body with the webhook's"
                + " secret; nothing of this request was taken.");
  }

  /** An event as Segment wrote it before something on the way laid it out anew. */
  private static byte[] compact(byte[] body, Message.Span event) {
    try {
      byte[] sent = Arrays.copyOfRange(body, event.from, event.to);
      return Json.bytes(Json.mapper().readTree(sent));
    } catch (JacksonException e) {
      return new byte[0];
    }
  }

  private Failure refused(Problem problem, String message) {
    metrics.counter("selfsame.hooks.refused", "code", problem.code()).increment();
    return new Failure(problem, message);
  }
}
