package dev.selfsame.bench.land;

import dev.selfsame.bench.People;
import dev.selfsame.bench.land.Person.Contact;
import dev.selfsame.bench.land.Person.Customer;
import dev.selfsame.bench.land.Person.Product;
import dev.selfsame.bench.land.Person.Subscription;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * The people of a company with so many users, in no order that helps anybody. Everything about a
 * person follows from the seed and their number alone, so that nothing has to be remembered.
 *
 * <p>Of those that Segment knows 1 % have two ids there with the same email. 40 % are in Zendesk
 * (half with our id, 3 % with their email in capitals), 30 % in Stripe (2 % of them twice), 25 % in
 * Salesforce (5 % of the leads are not in Segment), 35 % in Intercom (70 % with our id).
 */
public final class Company {

  static final long DAY = 86_400;
  static final long YEAR_BEGAN = Instant.parse("2026-01-01T00:00:00Z").getEpochSecond();

  private static final int PAGES_AT_MOST = 4;
  private static final int CHARGES_AT_MOST = 8;

  private static final double TWICE_IN_SEGMENT = 0.01;
  private static final double IN_ZENDESK = 0.40;
  private static final double WITH_EXTERNAL_ID = 0.50;
  private static final double IN_CAPITALS = 0.03;
  private static final double IN_STRIPE = 0.30;
  private static final double TWICE_IN_STRIPE = 0.02;
  private static final double IN_SALESFORCE = 0.25;
  private static final double NOT_IN_SEGMENT = 0.05;
  private static final double IN_INTERCOM = 0.35;
  private static final double WITH_USER_ID = 0.70;
  private static final double IN_MAILCHIMP = 0.40;
  private static final double PAYING = 0.85;
  private static final double CHANGED_PLAN = 0.20;
  private static final double UNKNOWN_REQUESTER = 0.005;

  private static final String[] REFERRALS = {
    "ads", "blog", "conference", "friend", "marketplace", "newsletter", "partner", "search"
  };

  /** What is drawn about a person, each independent of the others. */
  private enum Draw {
    TWICE_IN_SEGMENT,
    REFERRAL,
    ZENDESK,
    EXTERNAL_ID,
    WHICH_EXTERNAL_ID,
    CAPITALS,
    STRIPE,
    TWICE_IN_STRIPE,
    SALESFORCE,
    INTERCOM,
    USER_ID,
    WHICH_USER_ID,
    MAILCHIMP,
    PRODUCT,
    FORMER_PRODUCT,
    SECOND_PRODUCT,
    YEARLY,
    PAYING,
    CHANGED_PLAN,
    CHARGES,
    SECOND_CHARGES,
    OPENED,
    OPENED_TWICE,
    PAGES,
    FAILED_CHARGE,
    REFUNDED_CHARGE,
    TIME
  }

  private final long seed;
  private final long users;
  private final int tickets;
  private final long inSegment;
  private final boolean lastHasOneId;
  private final long people;

  /** Those with a record in Zendesk, by number. */
  private final int[] requesters;

  /**
   * @param users rows of segment.users
   * @param tickets rows of zendesk.tickets
   */
  public Company(long seed, long users, int tickets) {
    this.seed = seed;
    this.users = users;
    this.tickets = tickets;
    long rows = 0;
    long person = 0;
    int[] known = new int[1024];
    int knownCount = 0;
    while (rows < users) {
      rows += chance(person, Draw.TWICE_IN_SEGMENT, TWICE_IN_SEGMENT) ? 2 : 1;
      if (chance(person, Draw.ZENDESK, IN_ZENDESK)) {
        if (knownCount == known.length) {
          known = Arrays.copyOf(known, 2 * knownCount);
        }
        known[knownCount++] = (int) person;
      }
      person++;
    }
    inSegment = person;
    lastHasOneId = rows > users;
    people = inSegment + Math.round(inSegment * IN_SALESFORCE * NOT_IN_SEGMENT);
    requesters = Arrays.copyOf(known, knownCount);
  }

  public long users() {
    return users;
  }

  /** How many people there are, those that Segment does not know included. */
  public long people() {
    return people;
  }

  public int tickets() {
    return tickets;
  }

  void forEach(Consumer<Person> consumer) {
    for (long number = 0; number < people; number++) {
      consumer.accept(person(number));
    }
  }

  Person person(long number) {
    StringBuilder text = new StringBuilder(48);
    People.email(text, number, 0);
    String email = text.toString();
    text.setLength(0);
    People.name(text, number, 0);
    String name = text.toString();
    if (number >= inSegment) {
      return new Person(
          number, List.of(), email, name, null, null, List.of(), lead(number), null, null);
    }
    List<String> ids =
        chance(number, Draw.TWICE_IN_SEGMENT, TWICE_IN_SEGMENT)
                && !(lastHasOneId && number == inSegment - 1)
            ? List.of(segmentId(2 * number), segmentId(2 * number + 1))
            : List.of(segmentId(2 * number));
    return new Person(
        number,
        ids,
        email,
        name,
        REFERRALS[(int) (draw(number, Draw.REFERRAL) * REFERRALS.length)],
        chance(number, Draw.ZENDESK, IN_ZENDESK) ? requester(number, ids, email) : null,
        customers(number),
        chance(number, Draw.SALESFORCE, IN_SALESFORCE * (1 - NOT_IN_SEGMENT)) ? lead(number) : null,
        chance(number, Draw.INTERCOM, IN_INTERCOM) ? contact(number, ids, email) : null,
        chance(number, Draw.MAILCHIMP, IN_MAILCHIMP) ? member(number) : null);
  }

  /** Who asked; -1 for somebody that nobody knows. A few ask often. */
  long requester(int ticket) {
    double who = unit(People.mix(~ticket ^ seed));
    if (unit(People.mix(People.mix(~ticket) + seed)) < UNKNOWN_REQUESTER
        || requesters.length == 0) {
      return -1;
    }
    return requesters[(int) (who * who * requesters.length)];
  }

  int charges(long person, boolean second) {
    return (int) (draw(person, second ? Draw.SECOND_CHARGES : Draw.CHARGES) * CHARGES_AT_MOST) + 1;
  }

  /** How often a member opened the campaign. */
  int opens(long person) {
    return chance(person, Draw.OPENED, 0.45) ? chance(person, Draw.OPENED_TWICE, 0.2) ? 2 : 1 : 0;
  }

  /** How often one of a person's ids visited. */
  int pages(long person, int id) {
    double of = unit(People.mix(number(person, Draw.PAGES) + id));
    return of < 0.4 ? 0 : 1 + (int) ((of - 0.4) / 0.6 * PAGES_AT_MOST);
  }

  boolean failed(long person, int charge) {
    return unit(People.mix(number(person, Draw.FAILED_CHARGE) + charge)) < 0.04;
  }

  boolean refunded(long person, int charge) {
    return unit(People.mix(number(person, Draw.REFUNDED_CHARGE) + charge)) < 0.02;
  }

  /** Seconds since 1970 in the company's year, at random. */
  long time(long number) {
    return YEAR_BEGAN + (long) (draw(number, Draw.TIME) * 300 * DAY);
  }

  /** When a ticket was opened. */
  long asked(int ticket) {
    return time(-1L - ticket);
  }

  /** When a charge was made, one a month. */
  long charged(long person, int charge) {
    return YEAR_BEGAN + charge * 30L * DAY + time(person) % (30 * DAY);
  }

  /** When a member opened the campaign for the first, second time. */
  long opened(long person, int open) {
    return YEAR_BEGAN + 101 * DAY + time(~person) % (20 * DAY) + open * 3_600L;
  }

  /** When one of a person's ids visited for the first, second, … time, in no order. */
  long visited(long person, int id, int page) {
    return time(People.mix(2 * person + id) + page);
  }

  static String zendeskId(long number) {
    // Odd, so that no two numbers below the modulus meet.
    return Long.toString(1_000_000_000_000L + (number * 0x9E3779B97FL & (1L << 40) - 1));
  }

  private Contact requester(long number, List<String> ids, String email) {
    String written =
        chance(number, Draw.CAPITALS, IN_CAPITALS) ? email.toUpperCase(Locale.ROOT) : email;
    String externalId =
        chance(number, Draw.EXTERNAL_ID, WITH_EXTERNAL_ID)
            ? ids.get((int) (draw(number, Draw.WHICH_EXTERNAL_ID) * ids.size()))
            : null;
    return new Contact(zendeskId(number), externalId, written);
  }

  private Contact contact(long number, List<String> ids, String email) {
    String userId =
        chance(number, Draw.USER_ID, WITH_USER_ID)
            ? ids.get((int) (draw(number, Draw.WHICH_USER_ID) * ids.size()))
            : null;
    return new Contact(hex("", ~number, 0xD6E8FEB86659FD93L, 24), userId, email);
  }

  private List<Customer> customers(long number) {
    if (!chance(number, Draw.STRIPE, IN_STRIPE)) {
      return List.of();
    }
    boolean yearly = chance(number, Draw.YEARLY, 0.3);
    Subscription now =
        new Subscription(
            product(number, Draw.PRODUCT), yearly, chance(number, Draw.PAYING, PAYING));
    List<Subscription> subscriptions =
        chance(number, Draw.CHANGED_PLAN, CHANGED_PLAN)
            ? List.of(new Subscription(product(number, Draw.FORMER_PRODUCT), false, false), now)
            : List.of(now);
    Customer first = new Customer(customerId(2 * number), subscriptions, charges(number, false));
    if (!chance(number, Draw.TWICE_IN_STRIPE, TWICE_IN_STRIPE)) {
      return List.of(first);
    }
    // An account from before, with the same email, that is paid for no more.
    return List.of(
        first,
        new Customer(
            customerId(2 * number + 1),
            List.of(new Subscription(product(number, Draw.SECOND_PRODUCT), false, false)),
            charges(number, true)));
  }

  private Product product(long number, Draw of) {
    double drawn = draw(number, of);
    for (Product product : Product.values()) {
      if (drawn < product.upTo()) {
        return product;
      }
    }
    return Product.ENTERPRISE;
  }

  private static String segmentId(long number) {
    StringBuilder id = new StringBuilder(20);
    People.externalId(id, number);
    return id.toString();
  }

  private static String customerId(long number) {
    StringBuilder id = new StringBuilder(18);
    People.billingId(id, number);
    return id.toString();
  }

  private static String lead(long number) {
    return hex("00Q", number, 0xA0761D6478BD642FL, 15);
  }

  private static String member(long number) {
    return hex("", number, 0xE7037ED1A0B428DBL, 32) + "." + Exports.LIST;
  }

  private static String hex(String start, long number, long salt, int digits) {
    StringBuilder id = new StringBuilder(start);
    for (int left = digits, part = 0; left > 0; left -= 16, part++) {
      People.hex(id, People.mix(People.mix(number ^ salt) + part), Math.min(16, left));
    }
    return id.toString();
  }

  private boolean chance(long person, Draw of, double share) {
    return draw(person, of) < share;
  }

  private double draw(long person, Draw of) {
    return unit(People.mix(number(person, of)));
  }

  private long number(long person, Draw of) {
    return People.mix(People.mix(person + (seed << 40)) + of.name().hashCode());
  }

  /** From 0 to less than 1. */
  private static double unit(long random) {
    return (random >>> 11) * 0x1p-53;
  }
}
