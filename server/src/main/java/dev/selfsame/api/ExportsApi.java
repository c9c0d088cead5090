package dev.selfsame.api;

import dev.selfsame.error.Failure;
import dev.selfsame.http.Area;
import dev.selfsame.http.Role;
import dev.selfsame.source.csv.Exports;
import dev.selfsame.store.UserFilter;
import io.javalin.http.Context;
import io.javalin.router.JavalinDefaultRoutingApi;
import java.io.IOException;
import java.util.List;

/** {@code /api/exports}: all users as a file, sent while they are read. */
public final class ExportsApi implements Area {

  private static final String PATH = "/api/exports";

  private final Exports exports;

  public ExportsApi(Exports exports) {
    this.exports = exports;
  }

  @Override
  public String prefix() {
    return PATH;
  }

  @Override
  public void addTo(JavalinDefaultRoutingApi routes) {
    routes.get(PATH + "/users.csv", Answer.checked(this::users), Role.READ);
  }

  private void users(Context ctx) throws IOException {
    Parameters.of(ctx, List.of());
    try {
      exports.send(
          UserFilter.NONE,
          () -> {
            ctx.contentType("text/csv; charset=utf-8")
                .header("Cache-Control", "no-store")
                .header("Content-Disposition", "attachment; filename=\"users.csv\"");
            return ctx.res().getOutputStream();
          });
    } catch (Failure failure) {
      if (!ctx.res().isCommitted()) {
        // An error is no file.
        ctx.res().setHeader("Content-Disposition", null);
      }
      throw failure;
    }
  }
}
