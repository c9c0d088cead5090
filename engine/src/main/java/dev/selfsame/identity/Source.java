package dev.selfsame.identity;

import org.jspecify.annotations.Nullable;

/**
 * Where claims come from, with the settings of it that resolution obeys. Changing a setting is an
 * act with a policy version of its own.
 *
 * @param number short name inside the space, as stored on every value
 * @param trusted off for a key that browsers hold: emails, names and billing ids are then only
 *     someone's word
 * @param mayErase whether a delete event from it erases (D1)
 * @param idType of a billing or record source, the type of its own ids ({@code stripe_id}, {@code
 *     zendesk_id}); of a warehouse, that of its fallback column; else null
 * @param externalIdIsOurs of a record source, whether its external id is the user's (on for Zendesk
 *     and Intercom)
 * @param createsUsers of a record source or a warehouse, whether an unknown person becomes a user
 *     (R4; off, a warehouse updates only)
 */
public record Source(
    int number,
    String name,
    Channel channel,
    boolean trusted,
    boolean mayErase,
    @Nullable IdentifierType idType,
    boolean externalIdIsOurs,
    boolean createsUsers) {

  public Source {
    if (idType == null && (channel == Channel.BILLING || channel == Channel.RECORD)) {
      throw new IllegalArgumentException("Source " + name + " has ids of its own; of what type?");
    }
  }

  public static Source segment(int number, String name) {
    return new Source(number, name, Channel.SEGMENT, true, false, null, false, true);
  }

  public static Source billing(int number, String name, IdentifierType idType) {
    return new Source(number, name, Channel.BILLING, true, false, idType, false, true);
  }

  public static Source record(
      int number, String name, IdentifierType idType, boolean externalIdIsOurs) {
    return new Source(number, name, Channel.RECORD, true, false, idType, externalIdIsOurs, true);
  }

  /** Rows of a query on a database of the company's own. */
  public static Source warehouse(int number, String name) {
    IdentifierType fallback = IdentifierType.fallback(name);
    return new Source(number, name, Channel.WAREHOUSE, true, false, fallback, false, true);
  }

  public static Source csv(int number) {
    return new Source(number, "csv", Channel.CSV, true, false, null, false, true);
  }

  public static Source api(int number, String name) {
    return new Source(number, name, Channel.API, true, false, null, false, true);
  }

  /** Feedback from programs that are told what is wrong with it. */
  public static Source notes(int number, String name) {
    return new Source(number, name, Channel.NOTES, true, false, null, false, true);
  }

  /** Feedback from an integration that nobody watches. */
  public static Source insights(int number, String name) {
    return new Source(number, name, Channel.INSIGHTS, true, false, null, false, true);
  }

  public static Source acts(int number) {
    return new Source(number, "by hand", Channel.ACT, true, true, null, false, true);
  }

  public Source withTrusted(boolean now) {
    return new Source(number, name, channel, now, mayErase, idType, externalIdIsOurs, createsUsers);
  }

  public Source withMayErase(boolean now) {
    return new Source(number, name, channel, trusted, now, idType, externalIdIsOurs, createsUsers);
  }

  public Source withCreatesUsers(boolean now) {
    return new Source(number, name, channel, trusted, mayErase, idType, externalIdIsOurs, now);
  }
}
