package dev.selfsame.http;

import io.javalin.http.Context;
import io.javalin.router.JavalinDefaultRoutingApi;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;

/** The program's figures, as Prometheus reads them. */
final class Metrics implements Area {

  private static final String PATH = "/metrics";

  private final PrometheusMeterRegistry registry;

  Metrics(PrometheusMeterRegistry registry) {
    this.registry = registry;
  }

  @Override
  public String prefix() {
    return PATH;
  }

  @Override
  public void addTo(JavalinDefaultRoutingApi routes) {
    routes.get(PATH, this::scrape, Role.READ);
  }

  private void scrape(Context ctx) {
    Caller.needDefaultSpace(ctx, "What the whole program counts");
    ctx.contentType("text/plain; version=0.0.4; charset=utf-8").result(registry.scrape());
  }
}
