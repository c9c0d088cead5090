package dev.selfsame.bench;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/** A browser without scripts whose member is signed in as an admin. One page at a time. */
final class Visitor implements AutoCloseable {

  private static final Pattern ASSET =
      Pattern.compile("(?:href|src)=\"(/assets/[^\"]+|/users/[^\"]+/graph.svg)\"");
  private static final int LINK_TENTHS = 100;

  /**
   * A page that was shown.
   *
   * @param millis from the request to the last byte
   * @param bytes of it, as gzip
   */
  record Shown(String text, double millis, long bytes) {

    /** What it needs besides. */
    Set<String> assets() {
      Set<String> assets = new LinkedHashSet<>();
      Matcher asset = ASSET.matcher(text);
      while (asset.find()) {
        assets.add(asset.group(1));
      }
      return assets;
    }
  }

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final String origin;
  private final String cookie;

  /** Sets up the hub and signs in. */
  Visitor(Hub hub) {
    this.origin = "http://127.0.0.1:" + hub.port();
    this.cookie = entered(link(hub));
  }

  private static String link(Hub hub) {
    for (int i = 0; i < LINK_TENTHS; i++) {
      String link = hub.signInLink();
      if (link != null) {
        return link.substring(link.indexOf('=') + 1);
      }
      try {
        Thread.sleep(100);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new Failed("Interrupted", e);
      }
    }
    throw new Failed("The hub printed no link to sign in. It said:\n" + hub.lastLines());
  }

  private String entered(String link) {
    String form =
        "link="
            + URLEncoder.encode(link, StandardCharsets.UTF_8)
            + "&email=bench%40example.com&name=Bench&password=long+enough+to+be+one";
    HttpResponse<byte[]> answer =
        send(
            HttpRequest.newBuilder(URI.create(origin + "/sign-in/enter"))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .header("Accept", "text/html")
                .POST(HttpRequest.BodyPublishers.ofString(form))
                .build());
    String set = answer.headers().firstValue("Set-Cookie").orElse("");
    if (answer.statusCode() != 303 || set.isEmpty()) {
      throw new Failed("Nobody could sign in: " + answer.statusCode());
    }
    return set.substring(0, set.indexOf(';'));
  }

  Shown get(String path) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(origin + path))
            .header("Cookie", cookie)
            .header("Accept", "text/html")
            .header("Accept-Encoding", "gzip")
            .build();
    long start = System.nanoTime();
    HttpResponse<byte[]> answer = send(request);
    double millis = (System.nanoTime() - start) / 1e6;
    if (answer.statusCode() != 200) {
      throw new Failed(path + " was answered with " + answer.statusCode());
    }
    boolean packed = answer.headers().firstValue("Content-Encoding").orElse("").equals("gzip");
    byte[] body = answer.body();
    return packed
        ? new Shown(text(unpacked(body)), millis, body.length)
        : new Shown(text(body), millis, packed(body));
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static byte[] unpacked(byte[] bytes) {
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new Failed("An answer is no gzip", e);
    }
  }

  private static long packed(byte[] bytes) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    } catch (IOException e) {
      throw new Failed("An answer could not be packed", e);
    }
    return out.size();
  }

  private HttpResponse<byte[]> send(HttpRequest request) {
    try {
      return client.send(request, HttpResponse.BodyHandlers.ofByteArray());
    } catch (IOException e) {
      throw new Failed(request.uri() + " was not answered: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Failed("Interrupted", e);
    }
  }

  @Override
  public void close() {
    client.close();
  }
}
