package dev.selfsame.access;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * The SHA-256 of a write key or token, as it is stored and looked up.
 *
 * <p>A fast hash without salt is right here, and would be wrong for passwords: these secrets are
 * 190 random bits, which nobody can guess however fast a guess is, and no two are alike. Nor must
 * the look-up take the same time for every input: what is compared is the hash, and whoever tries
 * secrets cannot steer the hash, so the time until it differs tells nothing.
 */
public record SecretHash(long a, long b, long c, long d) {

  public static SecretHash of(String secret) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(secret.getBytes(StandardCharsets.UTF_8));
      return of(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java has SHA-256", e);
    }
  }

  /** From the 32 bytes of {@link #bytes}. */
  public static SecretHash of(byte[] digest) {
    if (digest.length != 32) {
      throw new IllegalArgumentException("A SHA-256 has 32 bytes; got " + digest.length);
    }
    ByteBuffer in = ByteBuffer.wrap(digest);
    return new SecretHash(in.getLong(), in.getLong(), in.getLong(), in.getLong());
  }

  public byte[] bytes() {
    return ByteBuffer.allocate(32).putLong(a).putLong(b).putLong(c).putLong(d).array();
  }
}
