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
import io.javalin.http.Context;
import io.javalin.http.Handler;
import io.javalin.router.JavalinDefaultRoutingApi;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
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

  private static final String BASIC = "Basic ";

  private final Access access;
  private final Handover handover;
  private final Bodies bodies;
  private final SegmentSettings settings;
  private final @Nullable URI publicUrl;
  private final MeterRegistry metrics;

  /**
   * @param publicUrl where SDKs reach this server; null: as each request says
   */
  public TrackingApi(
      Access access,
      Handover handover,
      Bodies bodies,
      SegmentSettings settings,
      @Nullable URI publicUrl,
      MeterRegistry metrics) {
    this.access = access;
    this.handover = handover;
    this.bodies = bodies;
    this.settings = settings;
    this.publicUrl = publicUrl;
    this.metrics = metrics;
  }

  @Override
  public String prefix() {
    return "/v1";
  }

  @Override
  public ErrorForm errorForm() {
    return Answers.ERROR;
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
        "/v1/m",
        ctx -> bodies.use(ctx, settings.maxBodyBytes(), body -> Answers.succeed(ctx)),
        Role.OPEN);
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
    take(ctx, TrackingRequest.batch(body, settings.maxEvents() + Handover.NAMED_BEYOND));
  }

  private void take(Context ctx, TrackingRequest request) {
    Access.WriteKey key = writeKey(ctx, request.writeKey());
    if (key == null) {
      refuse(ctx);
      return;
    }
    Answers.taken(ctx, submit(key, request), request.beyond());
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
    Answers.succeed(ctx);
  }

  private List<Rejection> submit(Access.WriteKey key, TrackingRequest request) {
    return handover.of(key, request, settings.maxEvents());
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
