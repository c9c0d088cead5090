package dev.selfsame.http;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A certificate with its chain and private key, read from PEM and fit for each other. */
final class TlsPair {

  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \\1-----", Pattern.DOTALL);
  private static final String CERTIFICATE = "CERTIFICATE";
  private static final String PKCS8 = "PRIVATE KEY";
  private static final String PKCS1 = "RSA PRIVATE KEY";
  private static final String SEC1 = "EC PRIVATE KEY";
  private static final List<String> ALGORITHMS = List.of("RSA", "EC", "EdDSA");

  /** The DER of the integer 0: PKCS #8's version. */
  private static final byte[] VERSION = {2, 1, 0};

  private static final int SEQUENCE = 0x30;
  private static final int OCTET_STRING = 0x04;

  private final List<X509Certificate> chain;
  private final PrivateKey key;

  private TlsPair(List<X509Certificate> chain, PrivateKey key) {
    this.chain = chain;
    this.key = key;
  }

  /**
   * Reads the pair.
   *
   * @param chainPem the server's certificate, then each one's issuer
   * @param keyPem its key: PKCS #8, or RSA's and EC's own forms; not encrypted
   * @throws Failure {@code TLS_UNUSABLE} that says which file is at fault, and what to do
   */
  static TlsPair parse(Path chainFile, String chainPem, Path keyFile, String keyPem) {
    List<X509Certificate> chain = chain(chainFile, chainPem);
    PublicKey published = chain.getFirst().getPublicKey();
    PrivateKey key = key(keyFile, keyPem, published);
    if (!belong(key, published)) {
      boolean other = chain.stream().anyMatch(one -> belong(key, one.getPublicKey()));
      throw unusable(
          other
              ? "The certificate that the key in %s belongs to is not the first in %s: put it first, then each one's issuer."
                  .formatted(keyFile, chainFile)
              : "The key in %s does not match the certificate in %s: they are not of one pair."
                  .formatted(keyFile, chainFile),
          null);
    }
    for (int i = 1; i < chain.size(); i++) {
      if (!chain
          .get(i - 1)
          .getIssuerX500Principal()
          .equals(chain.get(i).getSubjectX500Principal())) {
        throw unusable(
            "The certificates in %s are no chain: number %d did not issue number %d. Order them: the server's, then each one's issuer."
                .formatted(chainFile, i + 1, i),
            null);
      }
    }
    return new TlsPair(chain, key);
  }

  /** As Jetty takes it. */
  KeyStore keyStore(String password) {
    try {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      store.setKeyEntry("server", key, password.toCharArray(), chain.toArray(Certificate[]::new));
      return store;
    } catch (GeneralSecurityException | IOException e) {
      throw unusable("The certificate cannot be used: " + e.getMessage(), e);
    }
  }

  Instant validUntil() {
    return chain.getFirst().getNotAfter().toInstant();
  }

  /** Why clients will refuse it today; null: its time is right. */
  @Nullable String outOfTime(Instant now) {
    X509Certificate own = chain.getFirst();
    if (now.isAfter(own.getNotAfter().toInstant())) {
      return "has expired at " + own.getNotAfter().toInstant();
    }
    if (now.isBefore(own.getNotBefore().toInstant())) {
      return "is valid from %s only".formatted(own.getNotBefore().toInstant());
    }
    return null;
  }

  private static List<X509Certificate> chain(Path file, String pem) {
    List<X509Certificate> chain = new ArrayList<>();
    try {
      CertificateFactory factory = CertificateFactory.getInstance("X.509");
      Matcher block = BLOCK.matcher(pem);
      while (block.find()) {
        if (block.group(1).equals(CERTIFICATE)) {
          byte[] der = Base64.getMimeDecoder().decode(block.group(2));
          chain.add((X509Certificate) factory.generateCertificate(new ByteArrayInputStream(der)));
        }
      }
    } catch (CertificateException | IllegalArgumentException e) {
      throw unusable(
          "Certificate %d in %s cannot be read: %s"
              .formatted(chain.size() + 1, file, e.getMessage()),
          e);
    }
    if (chain.isEmpty()) {
      throw unusable(
          "There is no certificate in %s; expected PEM: -----BEGIN CERTIFICATE-----"
              .formatted(file),
          null);
    }
    return chain;
  }

  private static PrivateKey key(Path file, String pem, PublicKey published) {
    Matcher block = BLOCK.matcher(pem);
    while (block.find()) {
      String label = block.group(1);
      if (label.startsWith("ENCRYPTED") || block.group(2).contains("ENCRYPTED")) {
        throw unusable(
            "The key in %s is encrypted, and nobody is there to type its passphrase: write it without one, readable by the server alone, with: openssl pkey -in %s -out new.pem"
                .formatted(file, file.getFileName()),
            null);
      }
      if (label.equals(PKCS8) || label.equals(PKCS1) || label.equals(SEC1)) {
        return decoded(file, label, block.group(2), published);
      }
    }
    throw unusable(
        "There is no key in %s; expected PEM: -----BEGIN PRIVATE KEY-----".formatted(file), null);
  }

  private static PrivateKey decoded(Path file, String label, String base64, PublicKey published) {
    byte[] der;
    try {
      der = Base64.getMimeDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      throw unusable("The key in %s cannot be read: %s".formatted(file, e.getMessage()), e);
    }
    // RSA's and EC's own forms do not say the algorithm as PKCS #8 does; the certificate does.
    var spec = new PKCS8EncodedKeySpec(label.equals(PKCS8) ? der : wrapped(der, published));
    for (String algorithm : ALGORITHMS) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(spec);
      } catch (GeneralSecurityException e) {
        // Of another algorithm, or broken: the next one tells.
      }
    }
    if (!label.equals(PKCS8) && !label.startsWith(published.getAlgorithm())) {
      throw unusable(
          "The key in %s (%s) does not match the certificate's %s key: they are not of one pair."
              .formatted(file, label, published.getAlgorithm()),
          null);
    }
    throw unusable(
        "The key in %s cannot be read; expected an unencrypted RSA, EC or Ed25519 key in PEM."
            .formatted(file),
        null);
  }

  /** Whether what the key signs, the public key verifies. */
  private static boolean belong(PrivateKey key, PublicKey published) {
    String signing =
        switch (published.getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          default -> published.getAlgorithm();
        };
    byte[] something = {1, 2, 3};
    try {
      Signature signature = Signature.getInstance(signing);
      signature.initSign(key);
      signature.update(something);
      byte[] signed = signature.sign();
      signature.initVerify(published);
      signature.update(something);
      return signature.verify(signed);
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  /** PKCS #8 around a key in its algorithm's own form. */
  private static byte[] wrapped(byte[] key, PublicKey published) {
    // A public key's DER is a sequence of the algorithm and the key's bits.
    byte[] info = published.getEncoded();
    int from = contentAt(info, 0);
    byte[] algorithm = Arrays.copyOfRange(info, from, endAt(info, from));
    return der(SEQUENCE, VERSION, algorithm, der(OCTET_STRING, key));
  }

  private static int contentAt(byte[] der, int at) {
    int length = der[at + 1] & 0xff;
    return at + 2 + (length < 0x80 ? 0 : length & 0x7f);
  }

  private static int endAt(byte[] der, int at) {
    int content = contentAt(der, at);
    int length = der[at + 1] & 0xff;
    if (length >= 0x80) {
      length = 0;
      for (int i = at + 2; i < content; i++) {
        length = length << 8 | (der[i] & 0xff);
      }
    }
    return content + length;
  }

  private static byte[] der(int tag, byte[]... parts) {
    var content = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      content.writeBytes(part);
    }
    int length = content.size();
    var out = new ByteArrayOutputStream();
    out.write(tag);
    if (length < 0x80) {
      out.write(length);
    } else {
      int bytes = (Integer.SIZE - Integer.numberOfLeadingZeros(length) + 7) / 8;
      out.write(0x80 | bytes);
      for (int i = bytes - 1; i >= 0; i--) {
        out.write(length >>> (8 * i));
      }
    }
    out.writeBytes(content.toByteArray());
    return out.toByteArray();
  }

  static Failure unusable(String message, @Nullable Throwable cause) {
    return new Failure(Problem.TLS_UNUSABLE, message, 0, cause);
  }

  /** Reads a file that may hold secrets; PEM is ASCII. */
  static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  /** Without the key. */
  @Override
  public String toString() {
    return "TlsPair[" + chain.getFirst().getSubjectX500Principal() + "]";
  }
}
