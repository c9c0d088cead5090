package dev.selfsame.bench;

import java.util.List;

/**
 * What one writes oneself to ask across tools: the guide's own SQL, repaired only so that it runs,
 * and the best that we know. The same text runs in PostgreSQL and in DuckDB.
 */
final class PlainSql {

  private PlainSql() {}

  /** The guide's table, but for typing errors as it is printed. */
  static final String GUIDE_IDENTITIES =
      """
      SELECT segment.id AS segment_id, segment.email AS email, zendesk.id AS zendesk_id, stripe.id AS stripe_id,
        salesforce.id AS salesforce_id, intercom.id AS intercom_id
      FROM segment.users segment
      LEFT JOIN zendesk.users zendesk ON (zendesk.external_id = segment.id OR zendesk.email = segment.email)
      LEFT JOIN stripe.customers stripe ON stripe.email = segment.email
      LEFT JOIN salesforce.leads salesforce ON salesforce.email = segment.email
      LEFT JOIN intercom.users intercom ON (intercom.user_id = segment.id OR intercom.email = segment.email)
      GROUP BY 1, 2, 3, 4, 5, 6
      """;

  /** What an index makes it bearable. */
  static final List<String> GUIDE_INDEXES =
      List.of(
          "CREATE INDEX ON zendesk.users (external_id)",
          "CREATE INDEX ON zendesk.users (email)",
          "CREATE INDEX ON stripe.customers (email)",
          "CREATE INDEX ON salesforce.leads (email)",
          "CREATE INDEX ON intercom.users (user_id)",
          "CREATE INDEX ON intercom.users (email)");

  /** Its meaning, without the OR that no join can hash. */
  static final String UNION_IDENTITIES =
      """
      WITH zendesk AS (
        SELECT s.id AS segment_id, z.id FROM segment.users s JOIN zendesk.users z ON z.external_id = s.id
        UNION SELECT s.id, z.id FROM segment.users s JOIN zendesk.users z ON z.email = s.email
      ), intercom AS (
        SELECT s.id AS segment_id, i.id FROM segment.users s JOIN intercom.users i ON i.user_id = s.id
        UNION SELECT s.id, i.id FROM segment.users s JOIN intercom.users i ON i.email = s.email
      )
      SELECT s.id AS segment_id, s.email, z.id AS zendesk_id, c.id AS stripe_id, l.id AS salesforce_id, i.id AS intercom_id
      FROM segment.users s
      LEFT JOIN zendesk z ON z.segment_id = s.id
      LEFT JOIN stripe.customers c ON c.email = s.email
      LEFT JOIN salesforce.leads l ON l.email = s.email
      LEFT JOIN intercom i ON i.segment_id = s.id
      GROUP BY 1, 2, 3, 4, 5, 6
      """;

  /** One row per person, if everybody has one email for ever and nobody shares it. */
  static final String BEST_IDENTITIES =
      """
      WITH record AS (
        SELECT lower(email) AS email, id AS segment_id, NULL::varchar AS zendesk_id, NULL::varchar AS stripe_id,
          NULL::varchar AS salesforce_id, NULL::varchar AS intercom_id
        FROM segment.users
        UNION ALL
        SELECT lower(coalesce(s.email, z.email)), NULL, z.id, NULL, NULL, NULL
        FROM zendesk.users z LEFT JOIN segment.users s ON s.id = z.external_id
        UNION ALL SELECT lower(email), NULL, NULL, id, NULL, NULL FROM stripe.customers
        UNION ALL SELECT lower(email), NULL, NULL, NULL, id, NULL FROM salesforce.leads
        UNION ALL
        SELECT lower(coalesce(s.email, i.email)), NULL, NULL, NULL, NULL, i.id
        FROM intercom.users i LEFT JOIN segment.users s ON s.id = i.user_id
      )
      SELECT min(segment_id) AS segment_id, email, min(zendesk_id) AS zendesk_id, min(stripe_id) AS stripe_id,
        min(salesforce_id) AS salesforce_id, min(intercom_id) AS intercom_id
      FROM record GROUP BY email
      """;

  /** The columns of such a table in the order of the five exports. */
  static final String IDENTITIES =
      "SELECT segment_id, zendesk_id, stripe_id, salesforce_id, intercom_id FROM user_identities";

  /** Queries in circulation name this column; it is no column of an export. */
  static final String PLAN_NAMES =
      """
      SELECT c.*, n.plan_name FROM stripe.charges c LEFT JOIN (
        SELECT s.customer_id, p.name AS plan_name FROM stripe.subscriptions s
        JOIN stripe.plans l ON l.id = s.plan_id JOIN stripe.products p ON p.id = l.product
        WHERE s.status = 'active'
      ) n ON n.customer_id = c.customer_id
      """;

  /**
   * A question about tickets.
   *
   * @param answer groups with their counts
   * @param tickets the same before counting: ticket, group
   */
  record Question(String answer, String tickets) {}

  private static final String GUIDE_REFERRALS =
      """
      FROM zendesk.tickets zendesk
      LEFT JOIN user_identities users ON zendesk.requester_id = users.zendesk_id
      LEFT JOIN segment.users segment ON users.segment_id = segment.id
      """;

  static final Question GUIDE_BY_REFERRAL =
      new Question(
          "SELECT segment.referral_source, count(zendesk.id) AS count_of_tickets "
              + GUIDE_REFERRALS
              + "GROUP BY 1 ORDER BY 2 DESC",
          "SELECT zendesk.id, segment.referral_source " + GUIDE_REFERRALS);

  private static final String GUIDE_PLANS =
      """
      FROM zendesk.tickets zendesk
      LEFT JOIN user_identities users ON zendesk.requester_id = users.zendesk_id
      LEFT JOIN stripe.charges stripe ON users.stripe_id = stripe.customer_id
      """;

  static final Question GUIDE_BY_PLAN =
      new Question(
          "SELECT stripe.plan_name, count(zendesk.id) AS count_of_tickets "
              + GUIDE_PLANS
              + "GROUP BY 1 ORDER BY 2 DESC",
          "SELECT zendesk.id, stripe.plan_name " + GUIDE_PLANS);

  static final List<String> GUIDE_QUESTION_INDEXES =
      List.of(
          "CREATE INDEX ON user_identities (zendesk_id)",
          "CREATE INDEX ON segment.users (id)",
          "CREATE INDEX ON stripe.charges (customer_id)");

  private static final String BY_REQUESTER =
      "asked AS (SELECT requester_id, count(*) AS tickets FROM zendesk.tickets GROUP BY 1)";

  private static final String REFERRALS =
      "came AS (SELECT lower(email) AS email, min(referral_source) AS of FROM segment.users GROUP"
          + " BY 1)";

  private static final String PLANS =
      """
      pays AS (
        SELECT lower(c.email) AS email, min(p.name) AS of FROM stripe.subscriptions s
        JOIN stripe.customers c ON c.id = s.customer_id
        JOIN stripe.plans l ON l.id = s.plan_id JOIN stripe.products p ON p.id = l.product
        WHERE s.status IN ('active', 'trialing', 'past_due') GROUP BY 1
      )
      """;

  static final Question BEST_BY_REFERRAL = best(REFERRALS, "came");
  static final Question BEST_BY_PLAN = best(PLANS, "pays");

  private static Question best(String groups, String name) {
    String person =
        """
        LEFT JOIN zendesk.users z ON z.id = t.requester_id
        LEFT JOIN segment.users s ON s.id = z.external_id
        LEFT JOIN %1$s ON %1$s.email = lower(coalesce(s.email, z.email))
        """
            .formatted(name);
    return new Question(
        "WITH %s, %s SELECT %s.of, sum(t.tickets) FROM asked t %s GROUP BY 1 ORDER BY 2 DESC"
            .formatted(BY_REQUESTER, groups, name, person),
        "WITH %s SELECT t.id, %s.of FROM zendesk.tickets t %s".formatted(groups, name, person));
  }

  /** Openers, visitors among them, and those that nobody knows. */
  static final String BEST_VISITS =
      """
      WITH opener AS (
        SELECT lower(email_address) AS email, min(opened_at) AS opened FROM mailchimp.campaign_opens GROUP BY 1
      ), visitor AS (
        SELECT lower(s.email) AS email, max(p.timestamp) AS last FROM segment.pages p JOIN segment.users s ON s.id = p.user_id
        GROUP BY 1
      )
      SELECT count(*), count(*) FILTER (WHERE v.last >= o.opened), 0 FROM opener o LEFT JOIN visitor v ON v.email = o.email
      """;

  /**
   * By number of tickets: people, euros each; people compared, euros in the month before and after.
   */
  static final String BEST_REVENUE =
      """
      WITH asked AS (
        SELECT requester_id, count(*) AS tickets, min(created_at) AS first FROM zendesk.tickets GROUP BY 1
      ), person AS (
        SELECT lower(coalesce(s.email, z.email)) AS email, sum(a.tickets) AS tickets, min(a.first) AS first
        FROM asked a JOIN zendesk.users z ON z.id = a.requester_id LEFT JOIN segment.users s ON s.id = z.external_id GROUP BY 1
      ), paid AS (
        SELECT lower(k.email) AS email, c.created, (c.amount - c.amount_refunded)::numeric(12, 2) / 100 AS amount
        FROM stripe.charges c JOIN stripe.customers k ON k.id = c.customer_id WHERE c.paid
      ), middle AS (
        SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY first) AS day, (SELECT max(created) FROM stripe.charges) AS until
        FROM person
      ), dated AS (
        SELECT p.email, p.created, p.amount, m.until, coalesce(a.tickets, 0) AS tickets, coalesce(a.first, m.day) AS day
        FROM paid p CROSS JOIN middle m LEFT JOIN person a ON a.email = p.email
      ), each AS (
        SELECT email, tickets, sum(amount) AS revenue,
          min(created) <= min(day) - interval '1 month' AND min(day) + interval '1 month' <= min(until) AS comparable,
          coalesce(sum(amount) FILTER (WHERE created >= day - interval '1 month' AND created < day), 0) AS before,
          coalesce(sum(amount) FILTER (WHERE created >= day AND created < day + interval '1 month'), 0) AS after
        FROM dated GROUP BY 1, 2
      )
      SELECT CASE WHEN tickets = 0 THEN 'none' WHEN tickets = 1 THEN '1' WHEN tickets < 4 THEN '2 to 3' ELSE '4 or more' END,
        count(*), round(avg(revenue), 2), count(*) FILTER (WHERE comparable),
        round(avg(before) FILTER (WHERE comparable), 2), round(avg(after) FILTER (WHERE comparable), 2)
      FROM each GROUP BY 1
      """;
}
