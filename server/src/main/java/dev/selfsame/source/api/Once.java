package dev.selfsame.source.api;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.intake.Submission;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * A request that its caller gave a name, so that sending it twice does it once. The name stands
 * with the messages of events, in the commit of what the request did, and is forgotten with them.
 *
 * @param name hash of the caller and the name
 * @param request hash of what is asked for
 */
public record Once(long name, long request) {

  /** Characters of a name. */
  public static final int MOST = 255;

  /**
   * A request of a caller under a name of its own.
   *
   * @param caller whose name it is: others may use the same
   * @param what is asked for beside the body: method and path
   * @throws Failure {@code INVALID_REQUEST} for a name that is blank, too long, or not of ASCII
   */
  public static Once of(String caller, String key, String what, byte[] body) {
    if (key.isBlank() || key.length() > MOST || key.chars().anyMatch(c -> c < ' ' || c > '~')) {
      throw new Failure(
          Problem.INVALID_REQUEST,
          "An Idempotency-Key has 1 to %d visible ASCII characters".formatted(MOST));
    }
    return new Once(
        hash(caller.getBytes(StandardCharsets.UTF_8), key.getBytes(StandardCharsets.UTF_8)),
        hash(what.getBytes(StandardCharsets.UTF_8), body));
  }

  /**
   * The key of one of its claims.
   *
   * @param row which, from 0
   */
  Submission.MessageKey key(int row) {
    long claims = (1L << Submission.MessageKey.CLAIM_BITS) - 1;
    return new Submission.MessageKey(name, name, (request & ~claims) | row);
  }

  private static long hash(byte[] first, byte[] second) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(first.length).array());
      digest.update(first);
      return ByteBuffer.wrap(digest.digest(second)).getLong();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java has SHA-256", e);
    }
  }
}
