package dev.selfsame.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.testing.TestCertificates;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** TLS as a client of its own sees it, with certificates and keys that OpenSSL made. */
final class TlsTest {

  @TempDir static Path made;
  private static TestCertificates certificates;
  @TempDir Path directory;

  /**
   * {@code NAME.pem} and {@code NAME.key} for each kind, and what a certificate authority needs.
   */
  @BeforeAll
  static void certificates() throws Exception {
    certificates = new TestCertificates(made);
    certificates.selfSigned("rsa", 30, "rsa:2048");
    certificates.selfSigned("other", 30, "rsa:2048");
    certificates.selfSigned("ec", 30, "ec", "-pkeyopt", "ec_paramgen_curve:P-256");
    certificates.selfSigned("ed25519", 30, "ed25519");
    certificates.openssl("rsa", "-traditional", "-in", "rsa.key", "-out", "rsa-pkcs1.key");
    certificates.openssl("ec", "-in", "ec.key", "-out", "ec-sec1.key");
    certificates.openssl(
        "pkcs8", "-topk8", "-in", "rsa.key", "-out", "encrypted.key", "-passout", "pass:x");
    certificates.openssl(
        "rsa",
        "-traditional",
        "-aes128",
        "-in",
        "rsa.key",
        "-out",
        "encrypted-pkcs1.key",
        "-passout",
        "pass:x");
    certificates.selfSignedFrom("expired", "-10d", 5);
    // A server's certificate by an intermediate authority by a root.
    certificates.selfSigned("root", 30, "rsa:2048");
    certificates.issued("intermediate", "root", 30, "basicConstraints=critical,CA:TRUE");
    certificates.issued("server", "intermediate", 30, "subjectAltName=IP:127.0.0.1");
    Files.writeString(
        made.resolve("chain.pem"),
        "Comments may stand before a certificate.\n" + pem("server.pem") + pem("intermediate.pem"));
    Files.writeString(made.resolve("turned.pem"), pem("intermediate.pem") + pem("server.pem"));
    Files.writeString(made.resolve("gap.pem"), pem("server.pem") + pem("root.pem"));
  }

  @ParameterizedTest
  @CsvSource({
    "rsa.pem,   rsa.key",
    "rsa.pem,   rsa-pkcs1.key",
    "ec.pem,    ec.key",
    "ec.pem,    ec-sec1.key",
    "ed25519.pem, ed25519.key",
  })
  void every_usual_form_of_key_is_served(String cert, String key) throws Exception {
    try (HttpServer server = server(made.resolve(cert), made.resolve(key))) {
      assertThat(server.url()).startsWith("https://127.0.0.1:");
      assertThat(get(trusting(cert), server.url() + "/health/live").body())
          .isEqualTo("{\"status\":\"live\"}");
      assertThat(get(trusting(cert), server.url() + "/plain/scheme").body()).isEqualTo("https");
      assertThatThrownBy(() -> get(trusting("other.pem"), server.url() + "/health/live"))
          .isInstanceOf(SSLHandshakeException.class);
    }
  }

  @Test
  void a_client_that_knows_the_root_alone_is_shown_the_chain() throws Exception {
    try (HttpServer server = server(made.resolve("chain.pem"), made.resolve("server.key"))) {
      assertThat(get(trusting("root.pem"), server.url() + "/health/ready").statusCode())
          .isEqualTo(200);
    }
  }

  @Test
  void plain_http_on_the_tls_port_gets_no_answer_and_harms_nobody() throws Exception {
    try (HttpServer server = server(made.resolve("rsa.pem"), made.resolve("rsa.key"))) {
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
        socket.setSoTimeout(10_000);
        socket.getOutputStream().write("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(UTF_8));
        assertThat(new String(socket.getInputStream().readAllBytes(), UTF_8))
            .doesNotContain("HTTP/1.1 200");
      } catch (IOException e) {
        assertThat(e).hasMessageContaining("reset");
      }
      assertThat(get(trusting("rsa.pem"), server.url() + "/health/live").statusCode())
          .isEqualTo(200);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1", "TLSv1.1"})
  void old_protocols_are_refused(String protocol) throws Exception {
    try (HttpServer server = server(made.resolve("rsa.pem"), made.resolve("rsa.key"));
        SSLSocket socket =
            (SSLSocket)
                context("rsa.pem")
                    .getSocketFactory()
                    .createSocket(InetAddress.getLoopbackAddress(), server.port())) {
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setProtocols(new String[] {protocol});
      socket.setSSLParameters(parameters);
      assertThatThrownBy(socket::startHandshake).isInstanceOf(SSLHandshakeException.class);
    }
  }

  @Test
  @Tag("slow")
  void a_changed_pair_is_served_on_the_same_port_and_a_broken_one_is_not() throws Exception {
    Path cert = copy("rsa.pem", "cert.pem");
    Path key = copy("rsa.key", "key.pem");
    Logger logger = (Logger) LoggerFactory.getLogger(TlsFiles.class);
    var logged = new ListAppender<ILoggingEvent>();
    logged.list = new CopyOnWriteArrayList<>();
    logged.start();
    try (HttpServer server = server(cert, key);
        SSLSocket open =
            (SSLSocket)
                context("rsa.pem")
                    .getSocketFactory()
                    .createSocket(InetAddress.getLoopbackAddress(), server.port())) {
      open.startHandshake();
      assertThat(shown(server)).isEqualTo(certificate("rsa.pem"));
      logger.addAppender(logged);

      // The key is missing yet, then it is another's: the old pair stays.
      replace("ec.pem", cert);
      isRefused(server, "rsa.pem", logged.list, "does not match the certificate");
      replace("other.key", key);
      isRefused(server, "rsa.pem", logged.list, "does not match the certificate");
      Files.writeString(cert, "nothing");
      isRefused(server, "rsa.pem", logged.list, "There is no certificate in");
      Files.delete(key);
      isRefused(server, "rsa.pem", logged.list, "There is no file");

      replace("ec.pem", cert);
      replace("ec.key", key);
      becomes(server, "ec.pem");

      // A link that is turned, as ACME clients do it; of an older file, too.
      Files.delete(cert);
      Files.createSymbolicLink(cert, made.resolve("rsa.pem"));
      Files.delete(key);
      Files.createSymbolicLink(key, made.resolve("rsa.key"));
      becomes(server, "rsa.pem");

      open.getOutputStream()
          .write(
              "GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".getBytes(UTF_8));
      assertThat(new String(open.getInputStream().readAllBytes(), UTF_8))
          .as("a connection that was open all the while")
          .startsWith("HTTP/1.1 200");
    } finally {
      logger.detachAppender(logged);
    }
  }

  @Test
  void an_expired_certificate_is_served_with_a_warning() throws Exception {
    Logger logger = (Logger) LoggerFactory.getLogger(TlsFiles.class);
    var logged = new ListAppender<ILoggingEvent>();
    logged.start();
    logger.addAppender(logged);
    try (HttpServer server = server(made.resolve("expired.pem"), made.resolve("expired.key"))) {
      // Java asks no date of a certificate that it trusts by itself.
      assertThat(get(trusting("expired.pem"), server.url() + "/health/live").statusCode())
          .isEqualTo(200);
    } finally {
      logger.detachAppender(logged);
    }
    assertThat(logged.list)
        .singleElement()
        .satisfies(event -> assertThat(event.getLevel()).isEqualTo(Level.WARN))
        .asString()
        .contains("expired.pem has expired at ");
  }

  @Test
  void a_certificate_is_in_time_between_its_two_dates() throws Exception {
    TlsPair pair =
        TlsPair.parse(
            made.resolve("rsa.pem"), pem("rsa.pem"), made.resolve("rsa.key"), pem("rsa.key"));
    X509Certificate certificate = certificate("rsa.pem");
    Instant end = certificate.getNotAfter().toInstant();
    assertThat(pair.validUntil()).isEqualTo(end);
    assertThat(pair.outOfTime(end.minusSeconds(1))).isNull();
    assertThat(pair.outOfTime(end.plusSeconds(1))).isEqualTo("has expired at " + end);
    assertThat(pair.outOfTime(certificate.getNotBefore().toInstant().minusSeconds(1)))
        .contains("is valid from ");
    assertThat(pair.toString()).isEqualTo("TlsPair[CN=rsa]");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "none.pem   | rsa.key             | There is no file %s/none.pem for TLS.",
        "rsa.pem    | none.key            | There is no file %s/none.key for TLS.",
        "rsa.pem    | other.key           | The key in %s/other.key does not match the certificate",
        "rsa.pem    | ec.key              | The key in %s/ec.key does not match the certificate",
        "ec.pem     | rsa-pkcs1.key       | does not match the certificate",
        "rsa.pem    | ec-sec1.key         | does not match the certificate",
        "rsa.pem    | encrypted.key       | The key in %s/encrypted.key is encrypted",
        "rsa.pem    | encrypted-pkcs1.key | openssl pkey -in encrypted-pkcs1.key -out new.pem",
        "rsa.key    | rsa.key             | There is no certificate in %s/rsa.key",
        "rsa.pem    | rsa.pem             | There is no key in %s/rsa.pem",
        "turned.pem | server.key          | is not the first in %s/turned.pem",
        "gap.pem    | server.key          | number 2 did not issue number 1",
        "broken.pem | rsa.key             | Certificate 1 in %s/broken.pem cannot be read",
        "rsa.pem    | broken.key          | The key in %s/broken.key cannot be read",
        "rsa.pem    | .                   | The file %s/. for TLS cannot be read",
        "huge.pem   | rsa.key             | larger than 1 MiB",
      })
  void files_that_cannot_be_used_stop_the_start_and_say_why(String cert, String key, String why)
      throws Exception {
    Files.writeString(
        made.resolve("broken.pem"),
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    Files.writeString(
        made.resolve("broken.key"),
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
    Files.write(made.resolve("huge.pem"), new byte[1024 * 1024 + 1]);
    assertThatThrownBy(() -> server(made.resolve(cert), made.resolve(key)).close())
        .isInstanceOfSatisfying(
            Failure.class, failure -> assertThat(failure.problem()).isEqualTo(Problem.TLS_UNUSABLE))
        .hasMessageContaining(why.replace("%s", made.toString()));
  }

  /** A server that says how the caller came. */
  private static HttpServer server(Path cert, Path key) {
    return new TestArea(
            "/plain",
            routes -> routes.get("/plain/scheme", ctx -> ctx.result(ctx.scheme()), Role.OPEN))
        .serve(
            HttpSettings.DEFAULT.withListen("127.0.0.1:0").withAccessLog(false).withTls(cert, key));
  }

  /** What has changed is noticed and refused, and before and after it the old one is shown. */
  private static void isRefused(
      HttpServer server, String old, List<ILoggingEvent> logged, String why) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (logged.isEmpty()) {
      assertThat(System.nanoTime()).as("the change is noticed").isLessThan(deadline);
      assertThat(shown(server)).isEqualTo(certificate(old));
      Thread.sleep(100);
    }
    assertThat(shown(server)).isEqualTo(certificate(old));
    assertThat(logged)
        .singleElement()
        .satisfies(event -> assertThat(event.getLevel()).isEqualTo(Level.WARN))
        .asString()
        .contains("the old one stays", why);
    logged.clear();
  }

  private static void becomes(HttpServer server, String name) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!shown(server).equals(certificate(name))) {
      assertThat(System.nanoTime()).as("the new certificate is served").isLessThan(deadline);
      Thread.sleep(100);
    }
  }

  /** What a new connection is shown. Trusts all of the test's, and never resumes a session. */
  private static X509Certificate shown(HttpServer server) throws Exception {
    try (SSLSocket socket =
        (SSLSocket)
            context("rsa.pem", "ec.pem", "other.pem")
                .getSocketFactory()
                .createSocket(InetAddress.getLoopbackAddress(), server.port())) {
      socket.startHandshake();
      return (X509Certificate) socket.getSession().getPeerCertificates()[0];
    } catch (ConnectException e) {
      throw new AssertionError("the port was dropped", e);
    }
  }

  private Path copy(String name, String to) throws IOException {
    return Files.copy(made.resolve(name), directory.resolve(to));
  }

  /** As careful programs do: beside it, then in its place. */
  private void replace(String name, Path file) throws IOException {
    Path next = directory.resolve("next");
    Files.copy(made.resolve(name), next, StandardCopyOption.REPLACE_EXISTING);
    Files.move(next, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
  }

  private static HttpClient trusting(String pem) throws Exception {
    return HttpClient.newBuilder()
        .sslContext(context(pem))
        .connectTimeout(Duration.ofSeconds(10))
        .build();
  }

  private static HttpResponse<String> get(HttpClient client, String url) throws Exception {
    try (client) {
      return client.send(
          HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString());
    }
  }

  private static SSLContext context(String... pems) throws Exception {
    return certificates.trusting(Arrays.stream(pems).map(TlsTest::name).toArray(String[]::new));
  }

  private static X509Certificate certificate(String pem) throws Exception {
    return certificates.read(name(pem));
  }

  private static String name(String pem) {
    return pem.substring(0, pem.length() - ".pem".length());
  }

  private static String pem(String file) throws IOException {
    return certificates.text(file);
  }
}
