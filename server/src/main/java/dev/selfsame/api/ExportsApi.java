package dev.selfsame.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.http.Area;
import dev.selfsame.http.Role;
import dev.selfsame.source.csv.CsvExport;
import dev.selfsame.store.Database;
import io.javalin.http.Context;
import io.javalin.router.JavalinDefaultRoutingApi;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Semaphore;

/** {@code /api/exports}: all users as a file, sent while they are read. */
public final class ExportsApi implements Area {

  private static final String PATH = "/api/exports";

  /** Each holds a connection, and what its moment of the database looked like. */
  private static final int AT_ONCE = 2;

  private static final int BUFFER = 1 << 16;
  private static final int BUSY_SECONDS = 10;

  private final Database database;
  private final String space;
  private final InstantSource clock;
  private final Semaphore places = new Semaphore(AT_ONCE);

  public ExportsApi(Database database, String space, InstantSource clock) {
    this.database = database;
    this.space = space;
    this.clock = clock;
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
    if (!places.tryAcquire()) {
      throw new Failure(
          Problem.TOO_BUSY,
          "%d exports are being sent, and no more at once; try again.".formatted(AT_ONCE),
          BUSY_SECONDS,
          null);
    }
    try {
      ctx.contentType("text/csv; charset=utf-8")
          .header("Cache-Control", "no-store")
          .header("Content-Disposition", "attachment; filename=\"users.csv\"");
      Writer to =
          new BufferedWriter(new OutputStreamWriter(ctx.res().getOutputStream(), UTF_8), BUFFER);
      CsvExport.write(database, space, clock.instant(), to, count -> {});
      to.flush();
    } catch (Failure failure) {
      if (!ctx.res().isCommitted()) {
        // An error is no file.
        ctx.res().setHeader("Content-Disposition", null);
      }
      throw failure;
    } finally {
      places.release();
    }
  }
}
