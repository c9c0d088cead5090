package dev.selfsame.identity;

/** A normalised value by which a user can be found, such as {@code email:ann@example.com}. */
public record Identifier(IdentifierType type, String value) {

  public static Identifier externalId(String value) {
    return new Identifier(IdentifierType.EXTERNAL_ID, value);
  }

  public static Identifier email(String value) {
    return new Identifier(IdentifierType.EMAIL, value);
  }

  @Override
  public String toString() {
    return type + ":" + value;
  }
}
