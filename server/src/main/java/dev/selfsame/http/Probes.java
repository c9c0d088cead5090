package dev.selfsame.http;

import io.javalin.http.Context;
import io.javalin.router.JavalinDefaultRoutingApi;
import java.util.List;
import java.util.Map;

/** What watches the program from outside asks: whether it lives, and whether it is ready. */
final class Probes implements Area {

  private final Readiness readiness;

  Probes(Readiness readiness) {
    this.readiness = readiness;
  }

  @Override
  public String prefix() {
    return "/health";
  }

  @Override
  public void addTo(JavalinDefaultRoutingApi routes) {
    routes.get("/health/live", Probes::live, Role.OPEN);
    routes.head("/health/live", Probes::live, Role.OPEN);
    routes.get("/health/ready", this::ready, Role.OPEN);
    routes.head("/health/ready", this::ready, Role.OPEN);
  }

  private static void live(Context ctx) {
    answer(ctx, 200, Map.of("status", "live"));
  }

  private void ready(Context ctx) {
    List<String> obstacles = readiness.obstacles();
    if (obstacles.isEmpty()) {
      answer(ctx, 200, Map.of("status", "ready"));
    } else {
      answer(ctx, 503, Map.of("status", "not_ready", "reasons", obstacles));
    }
  }

  private static void answer(Context ctx, int status, Map<String, Object> body) {
    ctx.status(status)
        .header("Cache-Control", "no-store")
        .contentType("application/json")
        .result(Json.bytes(body));
  }
}
