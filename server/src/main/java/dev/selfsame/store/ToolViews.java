package dev.selfsame.store;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * The published views that have a column for each tool, or are one of each tool's own: made again
 * when a tool is added. V7 has them as they are without any.
 */
final class ToolViews {

  /** A tool's column is called after it; Segment's is the external id. */
  private static final List<String> IDENTITIES =
      List.of("zendesk", "stripe", "salesforce", "intercom");

  private static final List<String> LATER = List.of("mailchimp", "hubspot", "chargebee");

  private ToolViews() {}

  /** Makes the views show every tool that the store names. */
  static void show(Connection connection) throws SQLException {
    List<String> added = LandingTables.added(connection);
    try (Statement statement = connection.createStatement()) {
      statement.execute(identities(added));
      statement.execute(recordEmails(people(connection)));
      statement.execute(identitiesByEmail(added));
      for (String tool : added) {
        statement.execute(users(tool));
        ReaderRole.openView(connection, tool + "_users");
      }
    }
  }

  /** Makes the view of Mailchimp's members show the columns that their table has by now. */
  static void showMembers(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          "CREATE OR REPLACE VIEW mailchimp.members AS SELECT * FROM mailchimp.list_members");
    }
  }

  private static String identities(List<String> added) {
    List<String> later = new ArrayList<>(LATER);
    later.addAll(added);
    return """
    CREATE OR REPLACE VIEW public.user_identities AS
    SELECT external_id AS segment_id, email,%s
      id::text AS user_id%s
    FROM selfsame.live_user WHERE space = 1
    """
        .formatted(
            String.join(
                "", IDENTITIES.stream().map(tool -> "\n  " + identity(tool) + ",").toList()),
            String.join("", later.stream().map(tool -> ",\n  " + identity(tool)).toList()));
  }

  /** The tools that have a column of {@code user_identities}, in the order of the columns. */
  static List<String> tools(Connection connection) throws SQLException {
    List<String> tools = new ArrayList<>(IDENTITIES);
    tools.addAll(LATER);
    tools.addAll(LandingTables.added(connection));
    return tools;
  }

  /** What stands in the column of a tool, of a row of {@code selfsame.live_user}. */
  static String shown(String tool) {
    return tool.equals("segment")
        ? "external_id"
        : identity(tool).substring(0, identity(tool).lastIndexOf(" AS "));
  }

  private static String identity(String tool) {
    return billing(tool)
        ? "coalesce(tools ->> '%1$s_id', CASE WHEN billing_type = '%1$s_id' THEN billing_id END) AS %1$s_id"
            .formatted(tool)
        : "tools ->> '%1$s_id' AS %1$s_id".formatted(tool);
  }

  private static boolean billing(String tool) {
    return tool.equals("stripe") || tool.equals("chargebee");
  }

  private static String identitiesByEmail(List<String> added) {
    List<String> later = new ArrayList<>(LATER);
    later.addAll(added);
    List<String> all = new ArrayList<>(IDENTITIES);
    all.addAll(later);
    return """
    CREATE OR REPLACE VIEW public.user_identities_by_email AS
    SELECT u.external_id AS segment_id, l.email,%s
      u.id::text AS user_id%s
    FROM selfsame.listed_email l
    JOIN selfsame.live_user u ON u.space = l.space AND u.id = l.user_id
    CROSS JOIN LATERAL (
      SELECT%s
      FROM (
        SELECT DISTINCT ON (held.type) held.type, held.value
        FROM (
          SELECT i.type, i.value, i.deleted, i.first_seen
          FROM selfsame.part p JOIN selfsame.identifier i ON i.space = p.space AND i.part = p.id
          WHERE p.space = u.space AND (p.id = u.id OR p.merged_into = u.id)
          UNION ALL
          SELECT p.billing_type, p.billing_id, false, coalesce(p.billing_first, p.created_at)
          FROM selfsame.part p
          WHERE p.space = u.space AND (p.id = u.id OR p.merged_into = u.id) AND p.billing_id IS NOT NULL
        ) held
        JOIN selfsame.record_email r ON r.type = held.type AND r.id = held.value
        WHERE lower(normalize(btrim(r.email), NFKC)) = l.email
        ORDER BY held.type, held.deleted, held.first_seen, held.value
      ) first
    ) c
    WHERE l.space = 1
    """
        .formatted(
            String.join("", IDENTITIES.stream().map(tool -> "\n  " + byEmail(tool) + ",").toList()),
            String.join("", later.stream().map(tool -> ",\n  " + byEmail(tool)).toList()),
            String.join(
                ",",
                all.stream()
                    .map(
                        "\n    min(first.value) FILTER (WHERE first.type = '%1$s_id') AS %1$s_id"
                            ::formatted)
                    .toList()));
  }

  private static String byEmail(String tool) {
    return billing(tool)
        ? "coalesce(c.%1$s_id, u.tools ->> '%1$s_id', CASE WHEN u.billing_type = '%1$s_id' THEN u.billing_id END) AS %1$s_id"
            .formatted(tool)
        : "coalesce(c.%1$s_id, u.tools ->> '%1$s_id') AS %1$s_id".formatted(tool);
  }

  /** A table of people that somebody landed, as {@code tool.name}. */
  private static List<String> people(Connection connection) throws SQLException {
    List<String> tables = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                """
                SELECT t.tool || '.' || t.name FROM selfsame.landing_table t
                JOIN information_schema.columns c
                  ON c.table_schema = t.tool AND c.table_name = t.name AND c.column_name = 'email'
                WHERE t.people ORDER BY 1
                """)) {
      while (row.next()) {
        tables.add(row.getString(1));
      }
    }
    return tables;
  }

  private static String recordEmails(List<String> people) {
    StringBuilder view =
        new StringBuilder(
            """
            CREATE OR REPLACE VIEW selfsame.record_email AS
            SELECT 'zendesk_id' AS type, id, email FROM zendesk.users
            UNION ALL SELECT 'stripe_id', id, email FROM stripe.customers
            UNION ALL SELECT 'salesforce_id', id, email FROM salesforce.leads
            UNION ALL SELECT 'salesforce_id', id, email FROM salesforce.contacts
            UNION ALL SELECT 'intercom_id', id, email FROM intercom.users
            UNION ALL SELECT 'intercom_id', id, email FROM intercom.contacts
            UNION ALL SELECT 'mailchimp_id', id, email_address FROM mailchimp.list_members
            UNION ALL SELECT 'hubspot_id', id, coalesce(email, properties_email_value) FROM hubspot.contacts
            UNION ALL SELECT 'chargebee_id', id, email FROM chargebee.customers
            """);
    for (String table : people) {
      view.append(
          "UNION ALL SELECT '%s_id', id, email FROM %s\n"
              .formatted(table.substring(0, table.indexOf('.')), table));
    }
    return view.toString();
  }

  private static String users(String tool) {
    return """
    CREATE OR REPLACE VIEW public.%1$s_users AS
    SELECT value AS %1$s_id, user_id::text AS user_id FROM selfsame.tool_record WHERE type = '%1$s_id'
    """
        .formatted(tool);
  }
}
