package dev.selfsame.source.segment;

import dev.selfsame.access.Access;
import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.http.Area;
import dev.selfsame.http.Bodies;
import dev.selfsame.http.ErrorForm;
import dev.selfsame.http.Json;
import dev.selfsame.http.RequestId;
import dev.selfsame.http.Role;
import dev.selfsame.intake.Intake;
import dev.selfsame.intake.Receipt;
import dev.selfsame.intake.Submission;
import dev.selfsame.resolution.Outcome;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import io.javalin.router.JavalinDefaultRoutingApi;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Segment's HTTP Tracking API under {@code /v1}: every path and every way to give a write key that
 * its SDKs use.
 *
 * <p>The answers are as the SDKs need them (docs/tracking-api.md): success is exactly 200 with
 * {@code {"success":true}}, also where some events of a batch were rejected, since any 4xx makes
 * every SDK throw the whole batch away; those that were not taken are listed beside it. It is given
 * after the commit.
 */
public final class TrackingApi implements Area {

  private static final Logger log = LoggerFactory.getLogger(TrackingApi.class);

  private static final byte[] SUCCESS = "{\"success\":true}".getBytes(StandardCharsets.US_ASCII);
  private static final String BASIC = "Basic ";

  /** How many of the events over a batch's limit an answer names; the others it counts. */
  private static final int NAMED_BEYOND = 1_000;

  private final Access access;
  private final Function<String, Intake> intakes;
  private final Bodies bodies;
  private final InstantSource clock;
  private final SegmentSettings settings;
  private final @Nullable URI publicUrl;
  private final MeterRegistry metrics;

  /**
   * @param intakes the intake of a space, by the space's name
   * @param publicUrl where SDKs reach this server; null: as each request says
   */
  public TrackingApi(
      Access access,
      Function<String, Intake> intakes,
      Bodies bodies,
      InstantSource clock,
      SegmentSettings settings,
      @Nullable URI publicUrl,
      MeterRegistry metrics) {
    this.access = access;
    this.intakes = intakes;
    this.bodies = bodies;
    this.clock = clock;
    this.settings = settings;
    this.publicUrl = publicUrl;
    this.metrics = metrics;
  }

  @Override
  public String prefix() {
    return "/v1";
  }

  /** All three names of the message are read by some SDK. */
  private record TrackingError(boolean success, String code, String message, String error) {}

  @Override
  public ErrorForm errorForm() {
    return (code, message) -> new TrackingError(false, code, message, message);
  }

  @Override
  public boolean openToBrowsers() {
    return true;
  }

  @Override
  public void addTo(JavalinDefaultRoutingApi routes) {
    single(routes, Type.IDENTIFY, "identify", "i");
    single(routes, Type.TRACK, "track", "t");
    single(routes, Type.PAGE, "page", "p");
    single(routes, Type.SCREEN, "screen", "s");
    single(routes, Type.GROUP, "group", "g");
    single(routes, Type.ALIAS, "alias", "a");
    Handler batch = ctx -> bodies.use(ctx, settings.maxBodyBytes(), body -> batch(ctx, body));
    for (String path : List.of("/v1", "/v1/batch", "/v1/b", "/v1/import")) {
      routes.post(path, batch, Role.OPEN);
    }
    routes.post(
        "/v1/m", ctx -> bodies.use(ctx, settings.maxBodyBytes(), body -> succeed(ctx)), Role.OPEN);
    routes.get("/v1/projects/{key}/settings", this::browserSettings, Role.OPEN);
    routes.get("/v1/pixel/{type}", this::pixel, Role.OPEN);
  }

  private void single(JavalinDefaultRoutingApi routes, Type type, String... paths) {
    Handler handler =
        ctx ->
            bodies.use(
                ctx,
                settings.maxBodyBytes(),
                body -> take(ctx, TrackingRequest.single(body, type)));
    for (String path : paths) {
      routes.post("/v1/" + path, handler, Role.OPEN);
    }
  }

  private void batch(Context ctx, byte[] body) {
    take(ctx, TrackingRequest.batch(body, settings.maxEvents() + NAMED_BEYOND));
  }

  private void take(Context ctx, TrackingRequest request) {
    Access.WriteKey key = writeKey(ctx, request.writeKey());
    if (key == null) {
      refuse(ctx);
      return;
    }
    answer(ctx, submit(key, request), request.beyond());
  }

  /**
   * The header's key, or the body's, whichever is known: SDKs send either or both, and a header may
   * have been meant for a proxy on the way. A bearer token (the SDKs' OAuth) is not looked at; the
   * write key beside it counts.
   */
  private Access.@Nullable WriteKey writeKey(Context ctx, @Nullable String inBody) {
    String inHeader = basicUser(ctx.header("Authorization"));
    Access.WriteKey key = inHeader == null ? null : access.writeKey(inHeader);
    if (key != null || inBody == null || inBody.equals(inHeader)) {
      return key;
    }
    return access.writeKey(inBody);
  }

  /**
   * The user name of Basic authentication, with or without a colon behind it; null if there is
   * none.
   */
  static @Nullable String basicUser(@Nullable String header) {
    if (header == null || !header.regionMatches(true, 0, BASIC, 0, BASIC.length())) {
      return null;
    }
    try {
      String pair =
          new String(
              Base64.getDecoder().decode(header.substring(BASIC.length()).strip()),
              StandardCharsets.UTF_8);
      int colon = pair.indexOf(':');
      return colon < 0 ? pair : pair.substring(0, colon);
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  private void refuse(Context ctx) {
    metrics.counter("selfsame.tracking.unknown.key").increment();
    if (!settings.unknownKeyIsOk()) {
      throw new Failure(
          Problem.INVALID_WRITE_KEY,
          "The write key is missing, unknown or revoked; nothing of this request was taken.");
    }
    succeed(ctx);
  }

  /** Hands on what can be, and says what was not taken, in the order of the request. */
  private List<Rejection> submit(Access.WriteKey key, TrackingRequest request) {
    Instant now = clock.instant();
    long receivedAt = TimeUnit.SECONDS.toMicros(now.getEpochSecond()) + now.getNano() / 1_000;
    var events = new SegmentEvents(key.source(), receivedAt);
    List<Message> messages = request.messages();
    List<Submission> submissions = new ArrayList<>(messages.size());
    List<Integer> indexes = new ArrayList<>(messages.size());
    List<Rejection> rejections = new ArrayList<>();
    for (int i = 0; i < messages.size(); i++) {
      Message message = messages.get(i);
      Rejection rejection = unfit(i, message);
      if (rejection != null) {
        tooLargeAlone(request, rejection);
        rejections.add(rejection);
      } else {
        submissions.add(submission(events, message, request.envelope()));
        indexes.add(i);
      }
    }
    if (!submissions.isEmpty()) {
      List<Receipt> receipts = receipts(intakes.apply(key.space()), submissions);
      for (int i = 0; i < receipts.size(); i++) {
        if (receipts.get(i).outcome() == Outcome.REJECTED) {
          int index = indexes.get(i);
          rejections.add(Rejection.decided(index, messages.get(index), receipts.get(i).reason()));
        }
      }
      rejections.sort(Comparator.comparingInt(Rejection::index));
    }
    for (Rejection rejection : rejections) {
      metrics.counter("selfsame.tracking.rejected", "code", rejection.code()).increment();
    }
    return rejections;
  }

  private @Nullable Rejection unfit(int index, Message message) {
    if (index >= settings.maxEvents()) {
      return Rejection.oneTooMany(index, message, settings.maxEvents());
    }
    if (!message.object) {
      return Rejection.notAnObject(index);
    }
    if (message.whole.to - message.whole.from > settings.maxEventBytes()) {
      return Rejection.tooLarge(index, message, settings.maxEventBytes());
    }
    return message.depth > SegmentEvents.DEEPEST ? Rejection.tooDeep(index, message) : null;
  }

  /**
   * As Segment does, and as RULES' limits say: alone, an event that is too large is a request that
   * is.
   */
  private void tooLargeAlone(TrackingRequest request, Rejection rejection) {
    if (!request.batch() && rejection.code().equals(Problem.EVENT_TOO_LARGE.code())) {
      throw new Failure(Problem.EVENT_TOO_LARGE, rejection.message());
    }
  }

  private static Submission submission(SegmentEvents events, Message message, Envelope envelope) {
    try {
      return events.submission(message, envelope);
    } catch (JsonCursor.Malformed e) {
      throw new IllegalStateException("The message has been read before. Indicates a bug.", e);
    }
  }

  private List<Receipt> receipts(Intake intake, List<Submission> submissions) {
    CompletableFuture<List<Receipt>> committed = intake.submit(submissions);
    try {
      return committed.get(settings.answerWithin().toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new Failure(
          Problem.STORE_AWAY,
          "The events were not committed within %d seconds; send them again."
              .formatted(settings.answerWithin().toSeconds()),
          0,
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Failure(Problem.STORE_AWAY, "The server is stopping; send the events again.", 0, e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Failure failure) {
        throw failure;
      }
      throw new IllegalStateException("The intake failed in an unforeseen way", e.getCause());
    }
  }

  /** An answer with rejects. */
  private record Partly(boolean success, List<Rejection> rejected) {}

  /** The same, where not all rejects are listed. */
  private record PartlyListed(boolean success, List<Rejection> rejected, int rejectedBeside) {}

  private static void answer(Context ctx, List<Rejection> rejections, int beyond) {
    if (rejections.isEmpty()) {
      succeed(ctx);
    } else if (beyond == 0) {
      ctx.contentType("application/json").result(Json.bytes(new Partly(true, rejections)));
    } else {
      ctx.contentType("application/json")
          .result(Json.bytes(new PartlyListed(true, rejections, beyond)));
    }
  }

  private static void succeed(Context ctx) {
    ctx.contentType("application/json").result(SUCCESS);
  }

  private void browserSettings(Context ctx) {
    String key = ctx.pathParam("key");
    if (access.writeKey(key) == null && !settings.unknownKeyIsOk()) {
      throw new Failure(Problem.INVALID_WRITE_KEY, "The write key is unknown or revoked.");
    }
    String host = publicUrl == null ? ctx.host() : authorityAndPath(publicUrl);
    if (host == null) {
      throw new Failure(Problem.INVALID_REQUEST, "The request has no Host header.");
    }
    String scheme = publicUrl == null ? scheme(ctx) : publicUrl.getScheme();
    ctx.header("Cache-Control", "private, max-age=60");
    ctx.contentType("application/json")
        .result(Json.bytes(BrowserSettings.pointingAt(scheme, host, key)));
  }

  private static String authorityAndPath(URI url) {
    String path = url.getPath();
    return url.getAuthority() + (path.endsWith("/") ? path.substring(0, path.length() - 1) : path);
  }

  /** How the caller reached us: a proxy that ends TLS says so. */
  private static String scheme(Context ctx) {
    String forwarded = ctx.header("X-Forwarded-Proto");
    if (forwarded != null && (forwarded.equals("https") || forwarded.equals("http"))) {
      return forwarded;
    }
    return ctx.scheme();
  }

  /**
   * Whatever becomes of the event, the answer is an image: a mail program has no use for an error.
   */
  private void pixel(Context ctx) {
    try {
      Type type = pixelType(ctx.pathParam("type"));
      if (type != null) {
        byte[] event = Pixel.json(ctx.queryParamMap());
        TrackingRequest request = TrackingRequest.single(event, type);
        Access.WriteKey key = writeKey(ctx, request.writeKey());
        if (key == null) {
          metrics.counter("selfsame.tracking.unknown.key").increment();
        } else {
          submit(key, request);
        }
      }
    } catch (Failure failure) {
      log.info(
          "The event of pixel {} was not taken: {}", RequestId.of(ctx), failure.problem().code());
    } catch (RuntimeException e) {
      log.error("The event of pixel {} failed in an unforeseen way", RequestId.of(ctx), e);
    }
    ctx.header("Cache-Control", "no-store, max-age=0");
    // Without this the image would be given the character set of the JSON that it is not.
    ctx.res().setContentType(null);
    ctx.contentType("image/gif").result(Pixel.gif());
  }

  private static @Nullable Type pixelType(String name) {
    return Map.of(
            "identify", Type.IDENTIFY,
            "group", Type.GROUP,
            "alias", Type.ALIAS,
            "page", Type.PAGE,
            "screen", Type.SCREEN,
            "track", Type.TRACK)
        .get(name);
  }
}
