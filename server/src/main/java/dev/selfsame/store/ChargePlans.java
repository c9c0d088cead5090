package dev.selfsame.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * The column {@code plan_name} of {@code stripe.charges}: the plan that the charge was made for. It
 * is of the subscription that the charge's invoice names, else of the customer's latest one at the
 * time. Once known it stays, since a customer's later plan is no plan of earlier charges.
 */
final class ChargePlans {

  private ChargePlans() {}

  static void fill(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          """
          UPDATE stripe.charges c SET plan_name = n.plan_name
          FROM (
            SELECT c.id, coalesce(pr.name, pl.nickname, pl.id, s.plan_id) AS plan_name
            FROM stripe.charges c
            LEFT JOIN stripe.invoices i ON i.id = c.invoice_id
            CROSS JOIN LATERAL (
              SELECT coalesce(s.plan_id, item.plan_id) AS plan_id
              FROM (
                SELECT s.id, s.plan_id, s.created FROM stripe.subscriptions s WHERE s.id = i.subscription_id
                UNION ALL
                SELECT s.id, s.plan_id, s.created FROM stripe.subscriptions s
                WHERE i.subscription_id IS NULL AND s.customer_id = c.customer_id
              ) s
              LEFT JOIN LATERAL (
                SELECT plan_id FROM stripe.subscription_items t WHERE t.subscription_id = s.id ORDER BY t.id LIMIT 1
              ) item ON true
              ORDER BY (s.created <= c.created) DESC NULLS LAST, s.created DESC NULLS LAST, s.id
              LIMIT 1
            ) s
            LEFT JOIN stripe.plans pl ON pl.id = s.plan_id
            LEFT JOIN stripe.products pr ON pr.id = pl.product
            WHERE c.plan_name IS NULL
          ) n
          WHERE n.id = c.id AND n.plan_name IS NOT NULL
          """);
    }
  }
}
