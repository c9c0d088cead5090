package dev.selfsame.http;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How the server listens, and its bounds.
 *
 * @param host the address to listen on
 * @param port 0: any free one
 * @param publicUrl where callers reach the server, when a proxy stands before it; null: as each
 *     request says
 * @param tlsCert a PEM file with the server's certificate and its chain; null: plain HTTP
 * @param tlsKey a PEM file with its key
 * @param maxHeaderBytes of request line and headers together; a pixel carries its whole event there
 * @param bodyMemory how many bytes of request bodies may be in memory at once; beyond that callers
 *     are asked to come back
 * @param idleTimeout how long a connection may be silent
 * @param stopTimeout how long a stop waits for the requests in flight
 * @param accessLog whether each request is logged
 */
public record HttpSettings(
    String host,
    int port,
    @Nullable URI publicUrl,
    @Nullable Path tlsCert,
    @Nullable Path tlsKey,
    int maxHeaderBytes,
    long bodyMemory,
    Duration idleTimeout,
    Duration stopTimeout,
    boolean accessLog) {

  public static final HttpSettings DEFAULT =
      new HttpSettings(
          "127.0.0.1",
          8400,
          null,
          null,
          null,
          64 * 1024,
          64L * 1024 * 1024,
          Duration.ofSeconds(60),
          Duration.ofSeconds(20),
          true);

  public HttpSettings {
    if (host.isBlank()) {
      throw new IllegalArgumentException("The host to listen on is blank; such as 127.0.0.1");
    }
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("The port must be 0 to 65535; got " + port);
    }
    if (publicUrl != null && (publicUrl.getHost() == null || publicUrl.getScheme() == null)) {
      throw new IllegalArgumentException(
          "The public URL must be absolute, such as https://hub.example.com; got " + publicUrl);
    }
    if ((tlsCert == null) != (tlsKey == null)) {
      throw new IllegalArgumentException(
          "TLS takes a certificate and its key, tlsCert and tlsKey (--tls-cert and --tls-key);"
              + " only the %s is given".formatted(tlsCert == null ? "key" : "certificate"));
    }
    if (maxHeaderBytes < 4 * 1024 || maxHeaderBytes > 1024 * 1024) {
      throw new IllegalArgumentException(
          "Request headers must be allowed 4 KiB to 1 MiB; got " + maxHeaderBytes + " bytes");
    }
    if (bodyMemory < 1024 * 1024) {
      throw new IllegalArgumentException(
          "Request bodies must be allowed at least 1 MiB of memory; got " + bodyMemory + " bytes");
    }
    if (!idleTimeout.isPositive() || !stopTimeout.isPositive()) {
      throw new IllegalArgumentException(
          "Timeouts must be positive; got idle " + idleTimeout + ", stop " + stopTimeout);
    }
  }

  /**
   * These settings, listening elsewhere.
   *
   * @param address {@code host:port}; an IPv6 host in brackets
   */
  public HttpSettings withListen(String address) {
    int colon = address.lastIndexOf(':');
    String newHost = colon < 0 ? "" : address.substring(0, colon);
    if (newHost.startsWith("[") && newHost.endsWith("]")) {
      newHost = newHost.substring(1, newHost.length() - 1);
    }
    int newPort;
    try {
      newPort = Integer.parseInt(address.substring(colon + 1));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "The address to listen on must be host:port, such as 127.0.0.1:8400; got " + address, e);
    }
    if (newHost.isEmpty()) {
      throw new IllegalArgumentException(
          "The address to listen on must be host:port, such as 127.0.0.1:8400; got " + address);
    }
    return new HttpSettings(
        newHost,
        newPort,
        publicUrl,
        tlsCert,
        tlsKey,
        maxHeaderBytes,
        bodyMemory,
        idleTimeout,
        stopTimeout,
        accessLog);
  }

  public HttpSettings withPublicUrl(URI url) {
    return new HttpSettings(
        host,
        port,
        url,
        tlsCert,
        tlsKey,
        maxHeaderBytes,
        bodyMemory,
        idleTimeout,
        stopTimeout,
        accessLog);
  }

  /** These settings with other files for TLS; null: as before. */
  public HttpSettings withTls(@Nullable Path cert, @Nullable Path key) {
    return new HttpSettings(
        host,
        port,
        publicUrl,
        cert == null ? tlsCert : cert,
        key == null ? tlsKey : key,
        maxHeaderBytes,
        bodyMemory,
        idleTimeout,
        stopTimeout,
        accessLog);
  }

  public HttpSettings withAccessLog(boolean on) {
    return new HttpSettings(
        host,
        port,
        publicUrl,
        tlsCert,
        tlsKey,
        maxHeaderBytes,
        bodyMemory,
        idleTimeout,
        stopTimeout,
        on);
  }
}
