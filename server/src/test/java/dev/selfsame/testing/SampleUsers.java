package dev.selfsame.testing;

import org.jspecify.annotations.Nullable;

/** Users written as rows, for tests of what reads them. */
public final class SampleUsers {

  private SampleUsers() {}

  /** The id of the sample user with this number. */
  public static String id(int number) {
    return "01940000-0000-7000-8000-%012d".formatted(number);
  }

  /**
   * Five parts, four users.
   *
   * <ol>
   *   <li>Ann: {@code ann-1}, alias {@code ann-0}, ann@x.org (formerly old@x.org), Zendesk 77.
   *   <li>Bea, whom 3 was merged into by K10: {@code bea}, bea@x.org.
   *   <li>Absorbed by 2: shop@x.org, Stripe cus_3.
   *   <li>Shared: {@code cy}, ann@x.org too, unknown billing id 4711.
   *   <li>Without an id: dan@x.org, Stripe cus_5, formerly cus_4.
   * </ol>
   */
  public static void insert(TestDatabase database) {
    StringBuilder sql = new StringBuilder();
    part(
        sql,
        1,
        null,
        false,
        true,
        "'ann-1'",
        "'ann@x.org'",
        "'Ann'",
        "NULL",
        "NULL",
        "'{\"zendesk_id\": \"77\"}'");
    part(sql, 2, null, true, false, "'bea'", "'bea@x.org'", "'Bea'", "NULL", "NULL", "NULL");
    part(
        sql,
        3,
        id(2),
        false,
        false,
        "NULL",
        "'shop@x.org'",
        "'Shop'",
        "'stripe_id'",
        "'cus_3'",
        "NULL");
    part(
        sql,
        4,
        null,
        false,
        false,
        "'cy'",
        "'ann@x.org'",
        "NULL",
        "'billing_id'",
        "'4711'",
        "NULL");
    part(
        sql, 5, null, false, true, "NULL", "'dan@x.org'", "NULL", "'stripe_id'", "'cus_5'", "NULL");
    identifier(sql, "external_id", "ann-0", 1, false);
    identifier(sql, "email", "old@x.org", 1, false);
    identifier(sql, "zendesk_id", "77", 1, true);
    identifier(sql, "stripe_id", "cus_4", 5, false);
    sql.append(
        """
        INSERT INTO selfsame.folded VALUES (1, '%1$s', 'bea', 'bea@x.org', 'Bea', 'stripe_id', 'cus_3', NULL, 2000000, 9000000);
        INSERT INTO selfsame.merge VALUES (1, 9, 0, '%1$s', '%2$s', 'K10', NULL, 9000000, NULL, NULL);
        INSERT INTO selfsame.ledger VALUES
          (1, 1, 1000000, 1000000, 1, 1, '%3$s', 'created', 'K3', NULL, NULL, NULL, NULL, NULL, '{}'),
          (1, 2, 2000000, 2000000, 1, 1, '%1$s', 'created', 'K1', NULL, NULL, NULL, NULL, NULL, '{}'),
          (1, 3, 3000000, 3000000, 2, 1, '%2$s', 'created', 'C5', NULL, NULL, NULL, NULL, NULL, '{}'),
          (1, 8, 8000000, 7000000, 1, 1, '%3$s', 'updated', 'K9', NULL, '{K21}', '{same_email}', '{value_blocked:email}',
            '{"%3$s": {"identifiers": {"email:old@x.org": {"current": true}, "email:ann@x.org": null}}}', '{}'),
          (1, 9, 9000000, 9000000, 1, 1, '%1$s', 'merged', 'K10', NULL, NULL, NULL, NULL, '{"%2$s": {"user": "%2$s"}}', '{}'),
          (1, 10, 10000000, 10000000, 1, 1, NULL, 'rejected', 'K16', 'blocked_id', NULL, NULL, NULL, NULL, '{}');
        """
            .formatted(id(2), id(3), id(1)));
    database.sql(sql.toString());
  }

  private static void part(
      StringBuilder sql,
      int number,
      @Nullable String mergedInto,
      boolean compound,
      boolean more,
      String external,
      String email,
      String name,
      String billingType,
      String billingId,
      String tools) {
    sql.append(
        """
        INSERT INTO selfsame.part (space, id, merged_into, compound, more_identifiers, email_shared, created_position, created_at,
          said_at, source, weak, updated_at, external_id, email, name, billing_type, billing_id, tools)
        VALUES (1, '%s', %s, %s, %s, false, %d, %d, %d, 1, false, %d, %s, %s, %s, %s, %s, %s);
        """
            .formatted(
                id(number),
                mergedInto == null ? "NULL" : "'" + mergedInto + "'",
                compound,
                more,
                number,
                number * 1_000_000,
                number * 1_000_000,
                number * 1_000_000,
                external,
                email,
                name,
                billingType,
                billingId,
                tools));
  }

  private static void identifier(
      StringBuilder sql, String type, String value, int part, boolean current) {
    sql.append(
        """
        INSERT INTO selfsame.identifier (space, type, value, part, current, deleted, weak, source, at, position, first_seen,
          last_seen)
        VALUES (1, '%s', '%s', '%s', %s, false, false, 1, 500000, 1, 500000, 600000);
        """
            .formatted(type, value, id(part), current));
  }
}
