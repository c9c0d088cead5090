package dev.selfsame.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.http.HttpServer;
import dev.selfsame.http.HttpSettings;
import dev.selfsame.source.segment.InMemoryAccess;
import dev.selfsame.testing.TestCertificates;
import dev.selfsame.testing.TestDatabase;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the doctor says of the certificate of a server that runs beside it. */
final class DoctorTlsTest {
  @RegisterExtension static final TestDatabase hub = TestDatabase.migrated();
  @TempDir static Path made;
  private static TestCertificates certificates;
  @TempDir Path directory;
  private final StringWriter out = new StringWriter();

  @BeforeAll
  static void certificates() throws Exception {
    hub.open();
    certificates = new TestCertificates(made);
    for (int days : List.of(22, 21, 1)) {
      certificates.selfSigned("days" + days, days, "ec", "-pkeyopt", "ec_paramgen_curve:P-256");
    }
    certificates.selfSignedFrom("expired", "-10d", 5);
    certificates.selfSignedFrom("early", "+2d", 30);
    certificates.selfSigned("root", 30, "rsa:2048");
    certificates.issued("intermediate", "root", 9, "basicConstraints=critical,CA:TRUE");
    certificates.issued("chained", "intermediate", 30, "subjectAltName=IP:127.0.0.1");
    Files.writeString(
        certificates.pem("chained"),
        certificates.text("chained.pem") + certificates.text("intermediate.pem"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "days22  | ok    tls         CN=days22 is valid until .*Z, 21 days left",
        "days21  | warn  tls         CN=days21 is valid until .*Z, 20 days left: renew it.*",
        "days1   | warn  tls         CN=days1 is valid until .*Z, 0 days left: renew it.*",
        "chained | warn  tls         CN=intermediate is valid until .*Z, 8 days left: renew it.*",
        "expired | fail  tls         CN=expired has expired at .*Z: clients refuse it; renew it.*",
        "early   | fail  tls         CN=early is valid from .*Z only: clients refuse it until"
            + " then.*",
      })
  void the_certificate_that_ends_first_is_named_with_the_time_it_has(String name, String line)
      throws Exception {
    try (HttpServer server = server("127.0.0.1:0", name)) {
      assertThat(tlsLines(server.url())).singleElement().asString().matches(line);
    }
  }

  @Test
  void a_server_on_every_address_is_asked_on_loopback() throws Exception {
    try (HttpServer server = server("0.0.0.0:0", "days22")) {
      assertThat(server.url()).startsWith("https://0.0.0.0:");
      assertThat(tlsLines(server.url()))
          .singleElement()
          .asString()
          .startsWith("ok    tls         CN=days22");
    }
  }

  @Test
  void a_server_without_tls_has_no_such_line() throws Exception {
    try (HttpServer server = server("127.0.0.1:0", null)) {
      assertThat(server.url()).startsWith("http://");
      assertThat(tlsLines(server.url())).isEmpty();
    }
  }

  @Test
  void a_server_that_shows_none_is_a_failure_that_names_it() throws Exception {
    int free;
    try (ServerSocket socket = new ServerSocket(0)) {
      free = socket.getLocalPort();
    }
    String away = "https://127.0.0.1:" + free;
    assertThat(tlsLines(away))
        .singleElement()
        .asString()
        .startsWith("fail  tls         " + away + " shows no certificate (");
    try (HttpServer plain = server("127.0.0.1:0", null)) {
      assertThat(tlsLines("https://127.0.0.1:" + plain.port()))
          .as("it speaks, but no TLS")
          .singleElement()
          .asString()
          .startsWith("fail  tls ")
          .contains(" shows no certificate (");
    }
  }

  @Test
  @Tag("slow")
  void a_server_that_says_nothing_is_not_waited_for() throws Exception {
    try (ServerSocket mute = new ServerSocket(0)) {
      long start = System.nanoTime();
      assertThat(tlsLines("https://127.0.0.1:" + mute.getLocalPort()))
          .singleElement()
          .asString()
          .startsWith("fail  tls ");
      assertThat(System.nanoTime() - start).isLessThan(TimeUnit.SECONDS.toNanos(30));
    }
  }

  private static HttpServer server(String listen, @Nullable String certificate) {
    HttpSettings plain = HttpSettings.DEFAULT.withListen(listen).withAccessLog(false);
    return HttpServer.start(
        certificate == null
            ? plain
            : plain.withTls(certificates.pem(certificate), certificates.key(certificate)),
        List.of(),
        new InMemoryAccess(),
        List::of,
        new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
  }

  /** Of the doctor beside a server that runs here, at this address. */
  private List<String> tlsLines(String url) throws IOException {
    new ServerFile(url, ProcessHandle.current().pid(), hub.address().full()).write(directory);
    out.getBuffer().setLength(0);
    int status =
        SelfsameCommand.commandLine(
                (start, progress) -> {
                  throw new AssertionError("not started");
                })
            .setOut(new PrintWriter(out, true))
            .execute("doctor", "--data", directory.toString());
    // Of the tests' database, which does not wait for the disk.
    assertThat(out.toString()).contains("ok    database").contains("fail  fsync");
    assertThat(status).isEqualTo(1);
    return out.toString().lines().filter(line -> line.contains("  tls ")).toList();
  }
}
