package dev.selfsame.http;

import dev.selfsame.access.Access;
import io.javalin.http.Context;
import io.javalin.http.ExceptionHandler;
import io.javalin.http.Handler;
import io.javalin.http.HandlerType;
import io.javalin.router.Endpoint;
import io.javalin.router.JavalinDefaultRoutingApi;
import io.javalin.security.Roles;
import io.javalin.security.RouteRole;
import io.javalin.websocket.WsConfig;
import io.javalin.websocket.WsExceptionHandler;
import io.javalin.websocket.WsHandlerType;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * An area that every space has for itself. Its routes are there once; a request goes to the handler
 * that the area of its caller's space has for the route, so that a handler cannot reach what is
 * another space's.
 */
public final class SpacedArea implements Area {

  /** The handlers of one space's area, by method and path. */
  private static final class Handlers implements JavalinDefaultRoutingApi {
    private final Map<String, Endpoint> endpoints = new LinkedHashMap<>();

    Handlers(Area area) {
      area.addTo(this);
    }

    static String key(HandlerType method, String path) {
      return method.name() + " " + path;
    }

    @Override
    public JavalinDefaultRoutingApi addEndpoint(Endpoint endpoint) {
      endpoints.put(key(endpoint.method, endpoint.path), endpoint);
      return this;
    }

    @Override
    public <E extends Exception> JavalinDefaultRoutingApi exception(
        Class<E> type, ExceptionHandler<? super E> handler) {
      throw notHere();
    }

    @Override
    public JavalinDefaultRoutingApi error(int status, String contentType, Handler handler) {
      throw notHere();
    }

    @Override
    public <E extends Exception> JavalinDefaultRoutingApi wsException(
        Class<E> type, WsExceptionHandler<? super E> handler) {
      throw notHere();
    }

    @Override
    public JavalinDefaultRoutingApi addWsHandler(
        WsHandlerType type, String path, Consumer<WsConfig> ws, RouteRole... roles) {
      throw notHere();
    }

    private static UnsupportedOperationException notHere() {
      return new UnsupportedOperationException("An area of a space has routes alone");
    }
  }

  private final Area first;
  private final Function<String, @Nullable Area> areas;
  private final Map<String, Handlers> handlers = new ConcurrentHashMap<>();

  /**
   * @param first the area of the space that is there from the start: what holds for all of them
   * @param areas that of any other space, the same each time; null: it has none
   */
  public SpacedArea(Area first, Function<String, @Nullable Area> areas) {
    this.first = first;
    this.areas = areas;
  }

  @Override
  public String prefix() {
    return first.prefix();
  }

  @Override
  public ErrorForm errorForm() {
    return first.errorForm();
  }

  @Override
  public boolean openToBrowsers() {
    return first.openToBrowsers();
  }

  @Override
  public @Nullable Guard guard() {
    return first.guard();
  }

  @Override
  public void refuse(Context ctx, String code, String message) {
    first.refuse(ctx, code, message);
  }

  @Override
  public void addTo(JavalinDefaultRoutingApi routes) {
    Handlers all = new Handlers(first);
    handlers.put(Access.DEFAULT_SPACE, all);
    for (Endpoint endpoint : all.endpoints.values()) {
      String key = Handlers.key(endpoint.method, endpoint.path);
      routes.addHttpHandler(
          endpoint.method, endpoint.path, ctx -> handle(key, ctx), roles(endpoint));
    }
  }

  private static RouteRole[] roles(Endpoint endpoint) {
    Roles roles = endpoint.metadata(Roles.class);
    Set<RouteRole> named = roles == null ? Set.of() : roles.getRoles();
    if (named.contains(Role.OPEN)) {
      throw new IllegalStateException(
          "%s is open to everybody: nobody says which space it is of".formatted(endpoint.path));
    }
    return named.toArray(RouteRole[]::new);
  }

  private void handle(String key, Context ctx) throws Exception {
    String space = Caller.space(ctx);
    Handlers own = handlers.get(space);
    if (own == null) {
      Area area = areas.apply(space);
      if (area == null) {
        Caller.needDefaultSpace(ctx, ctx.path());
      }
      own = handlers.computeIfAbsent(space, name -> new Handlers(Objects.requireNonNull(area)));
    }
    Endpoint endpoint = own.endpoints.get(key);
    if (endpoint == null) {
      throw new IllegalStateException("The space %s has no %s".formatted(space, key));
    }
    endpoint.handler.handle(ctx);
  }
}
