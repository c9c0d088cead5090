package dev.selfsame.http;

import dev.selfsame.access.Access;
import io.javalin.router.JavalinDefaultRoutingApi;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A test's own area: errors as REST answers them, closed to scripts of other websites. */
record TestArea(String prefix, Consumer<JavalinDefaultRoutingApi> routes) implements Area {

  /** Has a key or token for nobody. */
  private static final class NoAccess implements Access {
    @Override
    public @Nullable WriteKey writeKey(String key) {
      return null;
    }

    @Override
    public @Nullable Token token(String token) {
      return null;
    }
  }

  /** Starts a server that has this area alone. */
  HttpServer serve(HttpSettings settings) {
    return HttpServer.start(
        settings,
        List.of(this),
        new NoAccess(),
        List::of,
        new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
  }

  @Override
  public ErrorForm errorForm() {
    return ErrorForm.REST;
  }

  @Override
  public boolean openToBrowsers() {
    return false;
  }

  @Override
  public void addTo(JavalinDefaultRoutingApi api) {
    routes.accept(api);
  }
}
