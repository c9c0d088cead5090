package dev.selfsame.store;

import dev.selfsame.resolution.Flag;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The public name of a flag. A stored one is called by its place in the ledger, {@code 1234.0}; a
 * computed one by its kind and what it is about, the same whenever it is open: {@code
 * missing_billing_id:<user>}, {@code same_email:<half of the email's SHA-256>}.
 */
public sealed interface FlagId {

  String MISSING_BILLING_ID = Flag.Kind.MISSING_BILLING_ID.code() + ":";
  String SAME_EMAIL = Flag.Kind.SAME_EMAIL.code() + ":";

  /**
   * A stored flag.
   *
   * @param position of the claim that raised it
   * @param ordinal which of that claim's
   */
  record Stored(long position, int ordinal) implements FlagId {
    @Override
    public String toString() {
      return position + "." + ordinal;
    }
  }

  /** An email that several users have. */
  record SameEmail(UUID key) implements FlagId {

    static SameEmail of(String email) {
      try {
        byte[] hash =
            MessageDigest.getInstance("SHA-256").digest(email.getBytes(StandardCharsets.UTF_8));
        ByteBuffer bytes = ByteBuffer.wrap(hash);
        return new SameEmail(new UUID(bytes.getLong(), bytes.getLong()));
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException("Every Java has SHA-256", e);
      }
    }

    @Override
    public String toString() {
      return SAME_EMAIL + key.toString().replace("-", "");
    }
  }

  /** A user without a billing id. */
  record MissingBillingId(UUID user) implements FlagId {
    @Override
    public String toString() {
      return MISSING_BILLING_ID + user;
    }
  }

  /** The flag of that name, whether there is one or not; null: no flag is called so. */
  static @Nullable FlagId parse(String name) {
    try {
      if (name.startsWith(MISSING_BILLING_ID)) {
        UUID user = UUID.fromString(name.substring(MISSING_BILLING_ID.length()));
        return same(new MissingBillingId(user), name);
      }
      if (name.startsWith(SAME_EMAIL)) {
        String hex = name.substring(SAME_EMAIL.length());
        if (!hex.matches("[0-9a-f]{32}")) {
          return null;
        }
        return new SameEmail(
            new UUID(
                Long.parseUnsignedLong(hex.substring(0, 16), 16),
                Long.parseUnsignedLong(hex.substring(16), 16)));
      }
      int dot = name.indexOf('.');
      return dot < 1
          ? null
          : same(
              new Stored(
                  Long.parseLong(name.substring(0, dot)),
                  Short.parseShort(name.substring(dot + 1))),
              name);
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  /** Each flag has one name. */
  private static @Nullable FlagId same(FlagId id, String name) {
    return id.toString().equals(name) ? id : null;
  }
}
