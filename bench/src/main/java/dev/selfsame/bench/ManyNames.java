package dev.selfsame.bench;

/**
 * Somebody who is known by many identifiers, and the events that say so: an email, then in turn
 * another email, another user id by an alias, another email, a billing id. The claims between bring
 * another name, or repeat what is known.
 */
final class ManyNames {

  private static final int EVENTS = 400;

  private final String name;
  private final int identifiers;
  private final int claims;
  private String externalId;
  private String email;
  private String billingId = "";
  private int shownName;

  /**
   * @param identifiers how many, at least 2
   * @param claims how many events, at least one less than identifiers
   */
  ManyNames(String name, int identifiers, int claims) {
    this.name = name;
    this.identifiers = identifiers;
    this.claims = Math.max(claims, identifiers - 1);
    this.externalId = "id-0-" + name;
    this.email = "mail-0-" + name + "@example.com";
  }

  String externalId() {
    return externalId;
  }

  String email() {
    return email;
  }

  /** The first email, by which the first event finds who was imported with it. */
  String firstEmail() {
    return "mail-0-" + name + "@example.com";
  }

  /** A former email that events alone brought, which can be moved away. */
  String formerEmail() {
    return "mail-2-" + name + "@example.com";
  }

  int claims() {
    return claims;
  }

  /** Sends the events in their order. */
  void send(Rest rest) {
    int known = 2;
    StringBuilder body = new StringBuilder("{\"batch\":[");
    for (int claim = 0; claim < claims; claim++) {
      // Spread evenly; the last brings the last.
      boolean another = (long) (identifiers - 2) * claim / Math.max(1, claims - 1) > known - 2;
      String event = another ? gain(known++) : claim % 2 == 0 ? identify() : renamed();
      body.append(body.charAt(body.length() - 1) == '[' ? "" : ",").append('{').append(event);
      body.append(",\"messageId\":\"review-").append(name).append('-').append(claim).append("\"}");
      if ((claim + 1) % EVENTS == 0 || claim == claims - 1) {
        rest.track(body.append("]}").toString());
        body = new StringBuilder("{\"batch\":[");
      }
    }
  }

  private String gain(int number) {
    if (number % 4 == 3) {
      String before = externalId;
      externalId = "id-" + number + "-" + name;
      return "\"type\":\"alias\",\"previousId\":\""
          + before
          + "\",\"userId\":\""
          + externalId
          + "\"";
    }
    if (number % 4 == 1) {
      billingId = "cus_" + number + name;
    } else {
      email = "mail-" + number + "-" + name + "@example.com";
    }
    return identify();
  }

  private String renamed() {
    shownName++;
    return identify();
  }

  private String identify() {
    return "\"type\":\"identify\",\"userId\":\"%s\",\"traits\":{\"email\":\"%s\",\"name\":\"Many Names-%d\"%s}"
        .formatted(
            externalId,
            email,
            shownName,
            billingId.isEmpty() ? "" : ",\"billingUserId\":\"" + billingId + "\"");
  }
}
