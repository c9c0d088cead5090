package dev.selfsame.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class HttpSettingsTest {

  @Test
  void defaults() {
    assertThat(HttpSettings.DEFAULT)
        .isEqualTo(
            new HttpSettings(
                "127.0.0.1",
                8400,
                null,
                null,
                null,
                65_536,
                67_108_864,
                Duration.ofMinutes(1),
                Duration.ofSeconds(20),
                true));
  }

  @ParameterizedTest
  @CsvSource({
    "0.0.0.0:80, 0.0.0.0, 80",
    "localhost:0, localhost, 0",
    "[::1]:8400, ::1, 8400",
    "[::]:1, ::, 1"
  })
  void anAddressIsHostAndPort(String address, String host, int port) {
    HttpSettings settings = HttpSettings.DEFAULT.withListen(address);
    assertThat(settings.host()).isEqualTo(host);
    assertThat(settings.port()).isEqualTo(port);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "8400", ":8400", "host", "host:", "host:x", "host:70000", "host:-1"})
  void anythingElseIsRefused(String address) {
    assertThatIllegalArgumentException().isThrownBy(() -> HttpSettings.DEFAULT.withListen(address));
  }

  @Test
  void aPublicUrlIsAbsolute() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> HttpSettings.DEFAULT.withPublicUrl(URI.create("hub.example.com")))
        .withMessageContaining("such as https://hub.example.com");
  }

  @Test
  void tlsTakesACertificateAndAKey() {
    Path cert = Path.of("cert.pem");
    Path key = Path.of("key.pem");
    HttpSettings settings = HttpSettings.DEFAULT.withTls(cert, key).withListen("[::1]:1");
    assertThat(settings.tlsCert()).isEqualTo(cert);
    assertThat(settings.withTls(null, Path.of("other.pem")).tlsCert()).isEqualTo(cert);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> HttpSettings.DEFAULT.withTls(cert, null))
        .withMessageContaining("only the certificate is given");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> HttpSettings.DEFAULT.withTls(null, key))
        .withMessageContaining("only the key is given");
  }
}
