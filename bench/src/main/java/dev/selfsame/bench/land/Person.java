package dev.selfsame.bench.land;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Who somebody is, and what each tool knows of them.
 *
 * @param number from 0; those that Segment knows come first
 * @param segmentIds none, one or two
 * @param email as Segment and Stripe write it
 * @param referral where they came from; null for those that Segment does not know
 * @param customers as Stripe knows them: the second one has the same email
 * @param lead their Salesforce id
 * @param member their id in Mailchimp's audience
 */
record Person(
    long number,
    List<String> segmentIds,
    String email,
    String name,
    @Nullable String referral,
    @Nullable Contact requester,
    List<Customer> customers,
    @Nullable String lead,
    @Nullable Contact contact,
    @Nullable String member) {

  /**
   * A record of a tool that may know our own id.
   *
   * @param externalId one of the segment ids
   * @param email as this tool writes it
   */
  record Contact(String id, @Nullable String externalId, String email) {}

  /**
   * A customer of Stripe.
   *
   * @param subscriptions the last one is what shows
   * @param charges one a month
   */
  record Customer(String id, List<Subscription> subscriptions, int charges) {
    /** The product that is paid for now; null if none is. */
    @Nullable Product current() {
      Subscription last = subscriptions.getLast();
      return last.active() ? last.product() : null;
    }
  }

  record Subscription(Product product, boolean yearly, boolean active) {}

  /** What the company sells; a plan is a product by the month or by the year. */
  enum Product {
    BASIC("Basic", 1_900, 0.50),
    TEAM("Team", 4_900, 0.85),
    BUSINESS("Business", 19_900, 0.98),
    ENTERPRISE("Enterprise", 99_900, 1);

    private final String title;
    private final int cents;
    private final double upTo;

    /**
     * @param upTo the share of customers that this one and those before have
     */
    Product(String title, int cents, double upTo) {
      this.title = title;
      this.cents = cents;
      this.upTo = upTo;
    }

    double upTo() {
      return upTo;
    }

    String title() {
      return title;
    }

    int cents() {
      return cents;
    }

    String id() {
      return "prod_" + title.toLowerCase(Locale.ROOT);
    }

    String plan(boolean yearly) {
      return "plan_" + title.toLowerCase(Locale.ROOT) + (yearly ? "_yearly" : "_monthly");
    }
  }
}
