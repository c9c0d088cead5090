package dev.selfsame.dashboard;

import io.javalin.router.JavalinDefaultRoutingApi;

/** Some paths of the dashboard that belong together. */
interface Page {

  /** Adds the routes; each names its {@link dev.selfsame.http.Role}. */
  void addTo(JavalinDefaultRoutingApi routes);
}
