package dev.selfsame.access;

import java.security.SecureRandom;

/**
 * Makes new secrets: a prefix that says what it is, then 32 letters and digits, 190 random bits.
 */
final class Secrets {

  static final String WRITE_KEY_PREFIX = "wk_";
  static final String TOKEN_PREFIX = "sst_";
  static final String HOOK_SECRET_PREFIX = "whs_";
  static final String HOOK_AUTHORIZATION_PREFIX = "Bearer wha_";

  private static final String ALPHABET =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  private static final int LENGTH = 32;
  private static final SecureRandom RANDOM = new SecureRandom();

  private Secrets() {}

  static String newSecret(String prefix) {
    var secret = new StringBuilder(prefix);
    for (int i = 0; i < LENGTH; i++) {
      secret.append(ALPHABET.charAt(RANDOM.nextInt(ALPHABET.length())));
    }
    return secret.toString();
  }

  /** What may be shown of a secret for ever. */
  static String hint(String secret) {
    return secret.length() < 12 ? "" : secret.substring(secret.length() - 4);
  }
}
