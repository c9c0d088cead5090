package dev.selfsame.api;

import dev.selfsame.http.Area;
import dev.selfsame.http.Role;
import io.javalin.router.JavalinDefaultRoutingApi;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/**
 * {@code /api/openapi.json}: what programs can call, as OpenAPI 3.1. The document is made from the
 * routes; the build fails where it does not fit them.
 */
public final class OpenApi implements Area {

  private static final String PATH = "/api/openapi.json";

  private final byte[] document = document();

  /** The document, UTF-8. */
  public static byte[] document() {
    try (InputStream in = OpenApi.class.getResourceAsStream("openapi.json")) {
      if (in == null) {
        throw new IllegalStateException("The program lacks its own openapi.json");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public String prefix() {
    return PATH;
  }

  @Override
  public void addTo(JavalinDefaultRoutingApi routes) {
    routes.get(
        PATH,
        Answer.withoutParameters(ctx -> ctx.contentType("application/json").result(document)),
        Role.OPEN);
  }
}
