package dev.selfsame.bench.land;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A table as a tool exports it, in the order in which they are landed. */
public enum Export {
  SEGMENT_USERS("segment.users", true, "id", "email", "name", "referral_source"),
  ZENDESK_USERS(
      "zendesk.users",
      true,
      "id",
      "name",
      "email",
      "external_id",
      "role",
      "created_at timestamptz",
      "updated_at timestamptz"),
  STRIPE_CUSTOMERS(
      "stripe.customers", true, "id", "created timestamptz", "email", "name", "currency"),
  SALESFORCE_LEADS(
      "salesforce.leads",
      true,
      "id",
      "name",
      "company",
      "email",
      "lead_source",
      "created_date timestamptz",
      "last_modified_date timestamptz"),
  INTERCOM_USERS(
      "intercom.users",
      true,
      "id",
      "user_id",
      "email",
      "name",
      "created_at timestamptz",
      "updated_at timestamptz"),
  MAILCHIMP_MEMBERS(
      "mailchimp.list_members",
      true,
      "id",
      "member_id",
      "list_id",
      "email_address",
      "full_name",
      "status",
      "last_changed timestamptz"),
  ZENDESK_TICKETS(
      "zendesk.tickets",
      false,
      "id",
      "requester_id",
      "subject",
      "status",
      "created_at timestamptz"),
  STRIPE_PRODUCTS("stripe.products", false, "id", "name"),
  STRIPE_PLANS(
      "stripe.plans", false, "id", "product", "amount bigint", "currency", "interval", "nickname"),
  STRIPE_SUBSCRIPTIONS(
      "stripe.subscriptions",
      false,
      "id",
      "customer_id",
      "plan_id",
      "status",
      "created timestamptz",
      "canceled_at timestamptz"),
  STRIPE_CHARGES(
      "stripe.charges",
      false,
      "id",
      "customer_id",
      "amount bigint",
      "amount_refunded bigint",
      "currency",
      "paid boolean",
      "refunded boolean",
      "status",
      "created timestamptz"),
  MAILCHIMP_CAMPAIGNS(
      "mailchimp.campaigns", false, "id", "list_id", "title", "status", "send_time timestamptz"),
  MAILCHIMP_OPENS(
      "mailchimp.campaign_opens",
      false,
      "id",
      "campaign_id",
      "list_id",
      "email_id",
      "email_address",
      "opened_at timestamptz"),
  SEGMENT_PAGES(
      "segment.pages",
      false,
      "id",
      "user_id",
      "name",
      "path",
      "received_at timestamptz",
      "timestamp timestamptz");

  /** The tables whose rows the guide joins into one row per person. */
  public static final List<Export> FIVE =
      List.of(SEGMENT_USERS, ZENDESK_USERS, STRIPE_CUSTOMERS, SALESFORCE_LEADS, INTERCOM_USERS);

  private final String table;
  private final boolean people;

  @SuppressWarnings("ImmutableEnumChecker") // A list that nobody can change.
  private final List<String> columns;

  @SuppressWarnings("ImmutableEnumChecker") // As above.
  private final List<String> types;

  /**
   * @param columns a name, and its type where that is not text
   */
  Export(String table, boolean people, String... columns) {
    this.table = table;
    this.people = people;
    this.columns = Arrays.stream(columns).map(each -> each.split(" ", 2)[0]).toList();
    this.types =
        Arrays.stream(columns)
            .map(each -> each.contains(" ") ? each.split(" ", 2)[1] : "varchar")
            .toList();
  }

  /** Tool and table, as {@code zendesk.users}. */
  public String table() {
    return table;
  }

  public String schema() {
    return table.substring(0, table.indexOf('.'));
  }

  /** Whether its rows are people. */
  public boolean people() {
    return people;
  }

  public List<String> columns() {
    return columns;
  }

  /** Names, quoted, with types that PostgreSQL and DuckDB share. */
  public String definition() {
    return IntStream.range(0, columns.size())
        .mapToObj(i -> '"' + columns.get(i) + "\" " + types.get(i))
        .collect(Collectors.joining(", "));
  }

  /** The same as DuckDB's reader of CSV wants them. */
  public String struct() {
    return IntStream.range(0, columns.size())
        .mapToObj(i -> "'" + columns.get(i) + "': '" + types.get(i).toUpperCase(Locale.ROOT) + "'")
        .collect(Collectors.joining(", ", "{", "}"));
  }

  public String csv() {
    return table + ".csv";
  }

  public String parquet() {
    return table + ".parquet";
  }
}
