package dev.selfsame.testing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * A directory in which OpenSSL makes certificates for 127.0.0.1: {@code NAME.pem} and {@code
 * NAME.key}.
 */
public record TestCertificates(Path directory) {

  public Path pem(String name) {
    return directory.resolve(name + ".pem");
  }

  public Path key(String name) {
    return directory.resolve(name + ".key");
  }

  /**
   * Makes one that is its own issuer.
   *
   * @param kind of key, as OpenSSL's {@code -newkey} and what follows: {@code rsa:2048}
   */
  public void selfSigned(String name, int days, String... kind) throws Exception {
    List<String> words = new ArrayList<>(List.of("req", "-x509", "-newkey"));
    words.addAll(List.of(kind));
    words.addAll(
        List.of(
            "-nodes",
            "-keyout",
            name + ".key",
            "-out",
            name + ".pem",
            "-subj",
            "/CN=" + name,
            "-days",
            Integer.toString(days),
            "-addext",
            "subjectAltName=IP:127.0.0.1"));
    openssl(words.toArray(String[]::new));
  }

  /**
   * Makes one that is valid for some days from then on.
   *
   * @param start as keytool's {@code -startdate}: {@code -10d}
   */
  public void selfSignedFrom(String name, String start, int days) throws Exception {
    String store = name + ".p12";
    run(
        Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
        "-genkeypair",
        "-keystore",
        store,
        "-storepass",
        "changeit",
        "-keyalg",
        "EC",
        "-dname",
        "CN=" + name,
        "-startdate",
        start,
        "-validity",
        Integer.toString(days),
        "-ext",
        "san=ip:127.0.0.1");
    openssl(
        "pkcs12",
        "-in",
        store,
        "-passin",
        "pass:changeit",
        "-nodes",
        "-nokeys",
        "-out",
        name + ".pem");
    openssl(
        "pkcs12",
        "-in",
        store,
        "-passin",
        "pass:changeit",
        "-nodes",
        "-nocerts",
        "-out",
        name + ".key");
  }

  /** Makes one that another one of the directory issues. */
  public void issued(String name, String by, int days, String extension) throws Exception {
    Path extensions = Files.writeString(directory.resolve(name + ".ext"), extension);
    openssl(
        "req",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-keyout",
        name + ".key",
        "-out",
        name + ".csr",
        "-subj",
        "/CN=" + name);
    openssl(
        "x509",
        "-req",
        "-in",
        name + ".csr",
        "-CA",
        by + ".pem",
        "-CAkey",
        by + ".key",
        "-CAcreateserial",
        "-days",
        Integer.toString(days),
        "-extfile",
        extensions.toString(),
        "-out",
        name + ".pem");
  }

  /** Runs OpenSSL in the directory. */
  public void openssl(String... words) throws Exception {
    List<String> command = new ArrayList<>(List.of("openssl"));
    command.addAll(List.of(words));
    run(command.toArray(String[]::new));
  }

  private void run(String... command) throws Exception {
    Process process =
        new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
  }

  /** The first one of the file. */
  public X509Certificate read(String name) throws Exception {
    try (InputStream in = Files.newInputStream(pem(name))) {
      return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
    }
  }

  public String text(String file) throws IOException {
    return Files.readString(directory.resolve(file));
  }

  /** For a client that trusts these and no other. */
  public SSLContext trusting(String... names) throws Exception {
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    for (String name : names) {
      trusted.setCertificateEntry(name, read(name));
    }
    TrustManagerFactory managers =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    managers.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, managers.getTrustManagers(), null);
    return context;
  }
}
