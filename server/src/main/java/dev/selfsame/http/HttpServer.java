package dev.selfsame.http;

import dev.selfsame.access.Access;
import io.javalin.Javalin;
import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import io.javalin.http.HttpResponseException;
import io.javalin.json.JavalinJackson3;
import io.javalin.router.Endpoint;
import io.javalin.router.ParsedEndpoint;
import io.javalin.security.Roles;
import io.javalin.util.JavalinBindException;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.jspecify.annotations.Nullable;

/**
 * The program's HTTP server: Jetty under Javalin, a virtual thread per request, so that a handler
 * may simply wait for a commit.
 *
 * <p>Nothing is ever redirected: a 301 or 302 makes an SDK's POST a GET and its events are gone. So
 * double and trailing slashes are read as if they were not there.
 */
public final class HttpServer implements AutoCloseable {

  private static final Set<HandlerType> CALLS =
      Set.of(
          HandlerType.GET,
          HandlerType.POST,
          HandlerType.PUT,
          HandlerType.PATCH,
          HandlerType.DELETE);

  private final HttpSettings settings;
  private final Javalin javalin;
  private final @Nullable TlsFiles tls;
  private final JvmGcMetrics gcMetrics;
  private final Problems problems;

  /** A call that programs make: not one of the pages, which are below no prefix. */
  public record Route(String method, String path, Role role) {}

  private HttpServer(
      HttpSettings settings,
      Javalin javalin,
      Problems problems,
      @Nullable TlsFiles tls,
      JvmGcMetrics gcMetrics) {
    this.settings = settings;
    this.javalin = javalin;
    this.problems = problems;
    this.tls = tls;
    this.gcMetrics = gcMetrics;
  }

  /**
   * Starts to listen.
   *
   * @param areas what is asked for most first: each request is held against one route after the
   *     other
   * @param metrics what {@code /metrics} shows; requests and the JVM are added to it here
   * @throws IllegalStateException when the port is taken or not allowed
   * @throws dev.selfsame.error.Failure {@code TLS_UNUSABLE} when certificate or key cannot be used
   */
  public static HttpServer start(
      HttpSettings settings,
      List<Area> areas,
      Access access,
      Readiness readiness,
      PrometheusMeterRegistry metrics) {
    List<Area> all = new ArrayList<>(areas);
    all.add(new Probes(readiness));
    all.add(new Metrics(metrics));
    var problems = new Problems(all);
    var accessLog = new AccessLog(metrics, settings.accessLog());
    TlsFiles tls =
        settings.tlsCert() == null || settings.tlsKey() == null
            ? null
            : TlsFiles.open(settings.tlsCert(), settings.tlsKey());
    Javalin javalin =
        Javalin.create(config -> {
          configure(config, settings, tls, problems);
          config.routes.before(ctx -> greet(ctx, problems));
          config.routes.beforeMatched(new Doors(new TokenGuard(access), problems));
          config.routes.exception(Exception.class, (e, ctx) -> problems.answer(ctx, e));
          // Javalin has a handler of its own for these, which the one above does not replace.
          config.routes.exception(HttpResponseException.class, (e, ctx) -> problems.answer(ctx, e));
          config.router.javaLangErrorHandler(problems::answer);
          config.requestLogger.http((ctx, milliseconds) -> accessLog.finished(ctx, milliseconds));
          for (Area area : all) {
            area.addTo(config.routes);
            if (area.openToBrowsers()) {
              config.routes.options(area.prefix(), Cors::preflight, Role.OPEN);
              config.routes.options(area.prefix() + "/*", Cors::preflight, Role.OPEN);
            }
          }
        });
    try {
      javalin.start(settings.host(), settings.port());
    } catch (JavalinBindException e) {
      throw new IllegalStateException(
          "Cannot listen on %s:%d: the address is in use, or not one of this machine's. Choose another with --listen."
              .formatted(settings.host(), settings.port()),
          e);
    }
    if (tls != null) {
      tls.watch();
    }
    return new HttpServer(settings, javalin, problems, tls, bindJvm(metrics));
  }

  private static void configure(
      JavalinConfig config, HttpSettings settings, @Nullable TlsFiles tls, Problems problems) {
    config.startup.showJavalinBanner = false;
    config.startup.showOldJavalinVersionWarning = false;
    config.concurrency.useVirtualThreads = true;
    config.jsonMapper(new JavalinJackson3(Json.mapper(), true));
    config.router.treatMultipleSlashesAsSingleSlash = true;
    config.router.ignoreTrailingSlashes = true;
    config.http.prefer405over404 = true;
    config.http.defaultContentType = "application/json";
    // A buffer of this size is made for each answer, most of which have less than a kilobyte.
    config.http.responseBufferSize = 4 * 1024;
    // Bodies are read by Bodies, which has its own limits; Javalin's applies to ctx.body() alone.
    config.http.maxRequestSize = 1024 * 1024;
    config.jetty.addConnector((server, http) -> connector(server, http, settings, tls));
    config.jetty.modifyServer(server -> {
      server.setStopTimeout(settings.stopTimeout().toMillis());
      server.setErrorHandler(new BrokenRequests(problems));
      server.insertHandler(new GracefulHandler());
    });
    config.jetty.modifyServletContextHandler(
        context -> context.getServletHandler().setDecodeAmbiguousURIs(true));
  }

  private static ServerConnector connector(
      Server server, HttpConfiguration http, HttpSettings settings, @Nullable TlsFiles tls) {
    http.setRequestHeaderSize(settings.maxHeaderBytes());
    http.setSendServerVersion(false);
    http.setSendXPoweredBy(false);
    // An empty path segment ("//v1/import/", which one SDK sends) is not an attack.
    http.setUriCompliance(
        UriCompliance.RFC3986.with(
            "slashes",
            UriCompliance.Violation.AMBIGUOUS_EMPTY_SEGMENT,
            UriCompliance.Violation.AMBIGUOUS_PATH_SEPARATOR,
            UriCompliance.Violation.AMBIGUOUS_PATH_ENCODING));
    var plain = new HttpConnectionFactory(http);
    ServerConnector connector;
    if (tls == null) {
      connector = new ServerConnector(server, plain);
    } else {
      // There is one certificate; whether it fits the name that was called is for clients to say.
      http.addCustomizer(new SecureRequestCustomizer(false));
      connector =
          new ServerConnector(
              server, new SslConnectionFactory(tls.factory(), plain.getProtocol()), plain);
    }
    connector.setHost(settings.host());
    connector.setPort(settings.port());
    connector.setIdleTimeout(settings.idleTimeout().toMillis());
    // How long a stop leaves connections open that nothing is asked on.
    connector.setShutdownIdleTimeout(50);
    return connector;
  }

  private static void greet(Context ctx, Problems problems) {
    RequestId.give(ctx);
    Area area = problems.area(ctx.path());
    if (area != null && area.openToBrowsers()) {
      Cors.allow(ctx);
    }
  }

  private static JvmGcMetrics bindJvm(PrometheusMeterRegistry metrics) {
    new JvmMemoryMetrics().bindTo(metrics);
    new JvmThreadMetrics().bindTo(metrics);
    new ProcessorMetrics().bindTo(metrics);
    new UptimeMetrics().bindTo(metrics);
    var gc = new JvmGcMetrics();
    gc.bindTo(metrics);
    return gc;
  }

  /** The calls that programs make, by path. */
  public List<Route> routes() {
    List<Route> routes = new ArrayList<>();
    for (ParsedEndpoint parsed : javalin.unsafe.internalRouter.allHttpHandlers()) {
      Endpoint endpoint = parsed.endpoint;
      Area area = problems.area(endpoint.path);
      if (CALLS.contains(endpoint.method) && area != null && !area.prefix().isEmpty()) {
        Roles roles = endpoint.metadata(Roles.class);
        Role role =
            roles == null
                ? Role.ADMIN
                : (Role) roles.getRoles().stream().findFirst().orElse(Role.ADMIN);
        routes.add(new Route(endpoint.method.name(), endpoint.path, role));
      }
    }
    routes.sort(Comparator.comparing(Route::path).thenComparing(Route::method));
    return routes;
  }

  public int port() {
    return javalin.port();
  }

  /** Where it listens, such as {@code http://127.0.0.1:8400}; https with a certificate. */
  public String url() {
    String host = settings.host().contains(":") ? "[" + settings.host() + "]" : settings.host();
    return (tls == null ? "http" : "https") + "://" + host + ":" + port();
  }

  /**
   * Takes no further connection, finishes the requests in flight within the stop timeout, and ends.
   */
  @Override
  public void close() {
    javalin.stop();
    if (tls != null) {
      tls.close();
    }
    gcMetrics.close();
  }
}
