package dev.selfsame.access;

import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * What a webhook must prove to speak for its source: a signature, an Authorization header, or both.
 */
public final class Hook {

  /** How bodies are signed. */
  public enum Hmac {
    SHA1("HmacSHA1"),
    SHA256("HmacSHA256");

    private final String algorithm;

    Hmac(String algorithm) {
      this.algorithm = algorithm;
    }
  }

  private static final int SHA1_BYTES = 20;

  private final Access.WriteKey target;
  private final byte @Nullable [] secret;
  private final @Nullable SecretHash authorization;

  /**
   * @param secret what bodies are signed with; null: they are not
   * @param authorization of the whole header that each request carries; null: none is asked for
   */
  public Hook(
      Access.WriteKey target, byte @Nullable [] secret, @Nullable SecretHash authorization) {
    if (secret == null && authorization == null) {
      throw new IllegalArgumentException("A webhook without secrets would take anyone's word");
    }
    this.target = target;
    this.secret = secret == null ? null : secret.clone();
    this.authorization = authorization;
  }

  /** The space and source that its events are of. */
  public Access.WriteKey target() {
    return target;
  }

  /** Whether bodies must be signed. */
  public boolean signs() {
    return secret != null;
  }

  /** Whether requests must carry an Authorization header of their own. */
  public boolean authorizes() {
    return authorization != null;
  }

  /** Whether the Authorization header is the one asked for, or none is. */
  public boolean authorizedBy(@Nullable String header) {
    return authorization == null
        || (header != null && authorization.equals(SecretHash.of(header.strip())));
  }

  /**
   * Whether a signature, hex of the HMAC-SHA1, is that of the bytes. Says no where bodies are not
   * signed.
   */
  public boolean signed(@Nullable String signature, byte[] bytes, int from, int to) {
    if (secret == null || signature == null || signature.strip().length() != 2 * SHA1_BYTES) {
      return false;
    }
    byte[] given;
    try {
      given = HexFormat.of().parseHex(signature.strip());
    } catch (IllegalArgumentException e) {
      return false;
    }
    return MessageDigest.isEqual(
        mac(Hmac.SHA1, secret, List.of(Arrays.copyOfRange(bytes, from, to))), given);
  }

  /**
   * Whether a signature is that of the parts, one behind the other. Says no where bodies are not
   * signed.
   */
  public boolean signed(Hmac hmac, byte[] signature, List<byte[]> parts) {
    return secret != null && MessageDigest.isEqual(mac(hmac, secret, parts), signature);
  }

  private static byte[] mac(Hmac hmac, byte[] secret, List<byte[]> parts) {
    try {
      Mac mac = Mac.getInstance(hmac.algorithm);
      mac.init(new SecretKeySpec(secret, hmac.algorithm));
      parts.forEach(mac::update);
      return mac.doFinal();
    } catch (NoSuchAlgorithmException | InvalidKeyException e) {
      throw new IllegalStateException(
          "Every Java has HMAC-SHA1 and HMAC-SHA256 with keys of any length", e);
    }
  }

  /** Without its secrets. */
  @Override
  public String toString() {
    return "Hook[" + target.source().name() + "]";
  }
}
