package dev.selfsame.identity;

import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The kind of thing an identifier is: {@code external_id}, {@code email}, a billing id by provider,
 * a tool's own record id, or a warehouse source's fallback id. The name is what is stored and
 * shown.
 */
public record IdentifierType(String name) {

  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]*(:.{1,100})?");

  public static final IdentifierType EXTERNAL_ID = new IdentifierType("external_id");
  public static final IdentifierType EMAIL = new IdentifierType("email");

  /** A billing id whose provider is unknown until that provider's customer arrives. */
  public static final IdentifierType BILLING_ID = new IdentifierType("billing_id");

  /** No identifier of users: the keyed hash of one that an erasure bars, in hexadecimal digits. */
  public static final IdentifierType SUPPRESSION = new IdentifierType("suppression");

  public static final IdentifierType STRIPE_ID = new IdentifierType("stripe_id");
  public static final IdentifierType CHARGEBEE_ID = new IdentifierType("chargebee_id");

  /** The billing providers whose customers can be connected. */
  public static final List<IdentifierType> BILLING_PROVIDERS = List.of(STRIPE_ID, CHARGEBEE_ID);

  /** Every type that a billing id can have. */
  public static final List<IdentifierType> BILLING_TYPES =
      List.of(STRIPE_ID, CHARGEBEE_ID, BILLING_ID);

  private static final String FALLBACK = "fallback:";

  /** What an identifier of some type can do, strongest first. */
  public enum Kind {
    EXTERNAL,
    RECORD,
    BILLING,
    EMAIL,
    FALLBACK
  }

  public IdentifierType {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "An identifier type is snake_case, such as zendesk_id; not " + name);
    }
  }

  /** The type of this name; the product's own types are not made anew. */
  public static IdentifierType of(String name) {
    return switch (name) {
      case "external_id" -> EXTERNAL_ID;
      case "email" -> EMAIL;
      case "billing_id" -> BILLING_ID;
      case "stripe_id" -> STRIPE_ID;
      case "chargebee_id" -> CHARGEBEE_ID;
      default -> new IdentifierType(name);
    };
  }

  /** The type of the ids in the fallback column of one warehouse source. */
  public static IdentifierType fallback(String source) {
    return new IdentifierType(FALLBACK + source);
  }

  public Kind kind() {
    return switch (name) {
      case "external_id" -> Kind.EXTERNAL;
      case "email" -> Kind.EMAIL;
      case "billing_id", "stripe_id", "chargebee_id" -> Kind.BILLING;
      default -> name.startsWith(FALLBACK) ? Kind.FALLBACK : Kind.RECORD;
    };
  }

  /** The product's own types are the same object mostly. */
  @Override
  public boolean equals(@Nullable Object other) {
    return this == other || (other instanceof IdentifierType type && name.equals(type.name));
  }

  @Override
  public int hashCode() {
    return name.hashCode();
  }

  @Override
  public String toString() {
    return name;
  }
}
