package dev.selfsame.access;

import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * What a webhook must prove to speak for its source: a signature, an Authorization header, or both.
 */
public final class Hook {

  private static final String HMAC = "HmacSHA1";
  private static final int HMAC_BYTES = 20;

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
    if (secret == null || signature == null || signature.strip().length() != 2 * HMAC_BYTES) {
      return false;
    }
    byte[] given;
    try {
      given = HexFormat.of().parseHex(signature.strip());
    } catch (IllegalArgumentException e) {
      return false;
    }
    try {
      Mac mac = Mac.getInstance(HMAC);
      mac.init(new SecretKeySpec(secret, HMAC));
      mac.update(bytes, from, to - from);
      return MessageDigest.isEqual(mac.doFinal(), given);
    } catch (NoSuchAlgorithmException | InvalidKeyException e) {
      throw new IllegalStateException("Every Java has HMAC-SHA1 with keys of any length", e);
    }
  }

  /** Without its secrets. */
  @Override
  public String toString() {
    return "Hook[" + target.source().name() + "]";
  }
}
