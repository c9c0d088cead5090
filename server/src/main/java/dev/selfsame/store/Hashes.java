package dev.selfsame.store;

import dev.selfsame.identity.Identifier;
import dev.selfsame.identity.IdentifierType;
import dev.selfsame.resolution.Flag;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Keyed hashes of identifiers, so that what was erased is not kept but can be recognised. */
public final class Hashes {

  private Hashes() {}

  /** HMAC-SHA256 of the identifier under the space's secret. */
  public static byte[] of(byte[] secret, Identifier identifier) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret, "HmacSHA256"));
      return mac.doFinal(identifier.toString().getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Every Java has HmacSHA256", e);
    }
  }

  /** Of an identifier, a billing id under whatever provider: to look for where it is named. */
  static long name(Identifier identifier) {
    boolean billing = identifier.type().kind() == IdentifierType.Kind.BILLING;
    return first(billing ? "billing:" + identifier.value() : identifier.toString());
  }

  /** The same of a part. */
  static long name(UUID part) {
    return first("user:" + part);
  }

  /** Of a flag, the same for the same kind, users and identifier. */
  public static long of(Flag flag) {
    return first(flag.kind().code() + flag.users() + flag.about());
  }

  private static long first(String text) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(text.getBytes(StandardCharsets.UTF_8));
      return ByteBuffer.wrap(digest.digest()).getLong();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Every Java has SHA-256", e);
    }
  }

  /** A hash as people see it. */
  public static String hex(byte[] hash) {
    return HexFormat.of().formatHex(hash);
  }

  /** A hash that people named. */
  public static byte[] hash(String hex) {
    return HexFormat.of().parseHex(hex);
  }
}
