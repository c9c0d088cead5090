package dev.selfsame.identity;

import org.jspecify.annotations.Nullable;

/** A normalised value by which a user can be found, such as {@code email:ann@example.com}. */
public record Identifier(IdentifierType type, String value) {

  public static Identifier externalId(String value) {
    return new Identifier(IdentifierType.EXTERNAL_ID, value);
  }

  public static Identifier email(String value) {
    return new Identifier(IdentifierType.EMAIL, value);
  }

  /** The value first: of a part's identifiers most differ in it, and their types rarely. */
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Identifier identifier
        && value.equals(identifier.value)
        && type.equals(identifier.type);
  }

  @Override
  public int hashCode() {
    return 31 * type.hashCode() + value.hashCode();
  }

  @Override
  public String toString() {
    return type + ":" + value;
  }
}
