package dev.selfsame.cli;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/** The certificates that a server shows to whoever connects, looked at for their dates alone. */
final class ShownCertificate {
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private ShownCertificate() {}

  /**
   * The one of the chain that ends first: clients refuse the server from then on.
   *
   * @param url where the server listens; if that is every address, it is asked on loopback
   * @throws IOException when it cannot be reached, or does not speak TLS
   */
  static X509Certificate endingFirst(URI url) throws IOException {
    try (Socket plain = new Socket()) {
      plain.connect(address(url), (int) PATIENCE.toMillis());
      plain.setSoTimeout((int) PATIENCE.toMillis());
      try (SSLSocket socket =
          (SSLSocket)
              context()
                  .getSocketFactory()
                  .createSocket(
                      plain, plain.getInetAddress().getHostAddress(), url.getPort(), true)) {
        socket.startHandshake();
        return Arrays.stream(socket.getSession().getPeerCertificates())
            .map(X509Certificate.class::cast)
            .min(Comparator.comparing(X509Certificate::getNotAfter))
            .orElseThrow();
      }
    }
  }

  private static InetSocketAddress address(URI url) throws IOException {
    InetAddress listens = InetAddress.getByName(url.getHost());
    return new InetSocketAddress(
        listens.isAnyLocalAddress() ? InetAddress.getLoopbackAddress() : listens, url.getPort());
  }

  private static SSLContext context() throws IOException {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {new Onlooker()}, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IOException(e);
    }
  }

  /** Refuses nobody, since an expired certificate must be seen, and nothing is sent or believed. */
  private static final class Onlooker extends X509ExtendedTrustManager {
    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {
      throw new UnsupportedOperationException("It only looks at what a server shows");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {
      throw new UnsupportedOperationException("It only looks at what a server shows");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {
      throw new UnsupportedOperationException("It only looks at what a server shows");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
