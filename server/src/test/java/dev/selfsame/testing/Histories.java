package dev.selfsame.testing;

import dev.selfsame.identity.Claim;
import dev.selfsame.identity.IdentifierType;
import dev.selfsame.identity.Raw;
import dev.selfsame.identity.Source;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Random claims of few identifiers, so that they meet often. The same seed gives the same claims.
 */
public final class Histories {

  public static final Source SEGMENT = Source.segment(1, "segment");
  public static final Source STRIPE = Source.billing(11, "stripe", IdentifierType.STRIPE_ID);
  public static final Source ZENDESK =
      Source.record(12, "zendesk", new IdentifierType("zendesk_id"), true);
  public static final Source MAILCHIMP =
      Source.record(13, "mailchimp", new IdentifierType("mailchimp_id"), false);

  /**
   * A space without users, with the sources above. Few rows are deleted sooner than the files of
   * all partitions and indexes are made anew, as TRUNCATE does.
   */
  public static void empty(TestDatabase database) {
    database.sql(
        """
        DELETE FROM selfsame.flag; DELETE FROM selfsame.account_part; DELETE FROM selfsame.account;
        DELETE FROM selfsame.folded; DELETE FROM selfsame.merge; DELETE FROM selfsame.identifier;
        DELETE FROM selfsame.part; DELETE FROM selfsame.unique_email; DELETE FROM selfsame.ledger; DELETE FROM selfsame.message_key;
        DELETE FROM selfsame.event_count; DELETE FROM selfsame.decision_count; DELETE FROM selfsame.mention; DELETE FROM selfsame.erasure;
        DELETE FROM selfsame.flag_user; DELETE FROM selfsame.flag_count; DELETE FROM selfsame.same_email;
        DELETE FROM selfsame.bar; DELETE FROM selfsame.identifier_move; DELETE FROM selfsame.unlinking; DELETE FROM selfsame.erasure_touched;
        DELETE FROM selfsame.sync_row; DELETE FROM selfsame.sync_run; DELETE FROM selfsame.sync; DELETE FROM selfsame.publication; DELETE FROM selfsame.unpublished; DELETE FROM selfsame.connection;
        DELETE FROM selfsame.note; DELETE FROM selfsame.suppression; DELETE FROM selfsame.act; DELETE FROM selfsame.asked;
        UPDATE selfsame.space SET position = 0, users = 0, identified = 0, missing_billing = 0, suppressions = 0, mentions_after = 0;
        DELETE FROM selfsame.source WHERE number > 10;
        """
            + SOURCES);
  }

  private static final String SOURCES =
      """
      INSERT INTO selfsame.source (space, number, name, channel, settings) VALUES
        (1, 11, 'stripe', 'billing', '{"id_type": "stripe_id"}'),
        (1, 12, 'zendesk', 'record', '{"id_type": "zendesk_id", "external_id_is_ours": true}'),
        (1, 13, 'mailchimp', 'record', '{"id_type": "mailchimp_id"}');
      """;

  private final Random random;
  private final int people;
  private long now;

  /**
   * @param people how many identifiers of each type there are: the fewer, the more claims meet
   * @param start microseconds; each claim is received a little later than the one before
   */
  public Histories(long seed, int people, long start) {
    this.random = new Random(seed);
    this.people = people;
    this.now = start;
  }

  /** When the claim given last was received. */
  public long now() {
    return now;
  }

  public List<Claim> next(int count) {
    List<Claim> claims = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      claims.add(next());
    }
    return claims;
  }

  public Claim next() {
    now += random.nextInt(5) == 0 ? 86_400_000_000L / 3 : random.nextInt(1_000_000) + 1;
    long at = random.nextInt(4) == 0 ? now - random.nextInt(2_000_000) : now;
    return switch (random.nextInt(12)) {
      case 0, 1, 2, 3, 4, 5 ->
          new Claim.Identify(SEGMENT, at, id(), name(), email(), billing(), Raw.ABSENT);
      case 6 -> new Claim.Alias(SEGMENT, at, id(), id());
      case 7 ->
          new Claim.Group(
              SEGMENT, at, new Raw.Text("account-" + random.nextInt(4)), id(), name(), Raw.ABSENT);
      case 8, 9 ->
          new Claim.Customer(
              STRIPE,
              at,
              new Raw.Text("cus_" + random.nextInt(people)),
              email(),
              name(),
              random.nextInt(8) == 0);
      case 10 ->
          new Claim.ToolRecord(
              ZENDESK,
              at,
              new Raw.Text("90" + random.nextInt(people)),
              random.nextBoolean() ? id() : Raw.ABSENT,
              email(),
              name(),
              random.nextInt(10) == 0,
              merged("90"));
      default ->
          new Claim.ToolRecord(
              MAILCHIMP,
              at,
              new Raw.Text("m" + random.nextInt(people)),
              Raw.ABSENT,
              email(),
              name(),
              false,
              Raw.ABSENT);
    };
  }

  private Raw merged(String prefix) {
    return random.nextInt(10) == 0 ? new Raw.Text(prefix + random.nextInt(people)) : Raw.ABSENT;
  }

  private Raw id() {
    return random.nextInt(30) == 0
        ? new Raw.Text("null")
        : new Raw.Text("id-" + random.nextInt(people));
  }

  private Raw email() {
    int which = random.nextInt(people + 2);
    if (which >= people) {
      return Raw.ABSENT;
    }
    return new Raw.Text(
        random.nextInt(6) == 0
            ? " Mail" + which + "@Example.com "
            : "mail" + which + "@example.com");
  }

  private Raw name() {
    return random.nextInt(3) == 0 ? Raw.ABSENT : new Raw.Text("Name " + random.nextInt(5));
  }

  private Raw billing() {
    return random.nextInt(3) == 0 ? new Raw.Text("cus_" + random.nextInt(people)) : Raw.ABSENT;
  }
}
