package dev.selfsame.dashboard;

import dev.selfsame.http.Role;
import io.javalin.http.Context;
import io.javalin.http.NotFoundResponse;
import io.javalin.router.JavalinDefaultRoutingApi;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;

/**
 * Style, scripts and pictures, each under a name that has its content's hash, so that browsers keep
 * them for ever and never an old one.
 */
final class Assets implements Page {

  private static final String PATH = "/assets/";
  private static final String HTMX = "/META-INF/resources/webjars/htmx.org/";

  /** As the build pins it. */
  private static final String HTMX_VERSION = "2.0.10";

  private static final int HASH_LENGTH = 12;

  private static final class Asset {
    private final byte[] bytes;
    private final String type;

    Asset(byte[] bytes, String type) {
      this.bytes = bytes;
      this.type = type;
    }
  }

  private final Map<String, Asset> byName = new HashMap<>();
  private final Map<String, String> links = new HashMap<>();

  private Assets() {}

  static Assets load() {
    Assets assets = new Assets();
    assets.add("selfsame.css", "/dashboard/selfsame.css", "text/css; charset=utf-8");
    assets.add("selfsame.js", "/dashboard/selfsame.js", "text/javascript; charset=utf-8");
    assets.add("icon.svg", "/dashboard/icon.svg", "image/svg+xml; charset=utf-8");
    assets.add(
        "htmx.js", HTMX + HTMX_VERSION + "/dist/htmx.min.js", "text/javascript; charset=utf-8");
    return assets;
  }

  private void add(String name, String resource, String type) {
    try (InputStream in = Assets.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException("The program lacks its own " + resource);
      }
      byte[] bytes = in.readAllBytes();
      int dot = name.lastIndexOf('.');
      String hashed = name.substring(0, dot) + "." + hash(bytes) + name.substring(dot);
      byName.put(hashed, new Asset(bytes, type));
      links.put(name, PATH + hashed);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String hash(byte[] bytes) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
      return HexFormat.of().formatHex(digest).substring(0, HASH_LENGTH);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java has SHA-256", e);
    }
  }

  /** Where pages find the asset of that plain name. */
  String link(String name) {
    return Objects.requireNonNull(links.get(name), name);
  }

  @Override
  public void addTo(JavalinDefaultRoutingApi routes) {
    routes.get(PATH + "{name}", this::asset, Role.OPEN);
  }

  private void asset(Context ctx) {
    Asset asset = byName.get(ctx.pathParam("name"));
    if (asset == null) {
      throw new NotFoundResponse();
    }
    ctx.header("Cache-Control", "public, max-age=31536000, immutable")
        .header("X-Content-Type-Options", "nosniff")
        .contentType(asset.type)
        .result(asset.bytes);
  }
}
