package dev.selfsame.store;

import static dev.selfsame.store.LandingTables.quoted;

import dev.selfsame.identity.Identifier;
import dev.selfsame.identity.IdentifierType;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * Takes the rows of tools' tables that are somebody's: of the person itself, by record id, email or
 * external id, and of what belongs to it, such as tickets and charges. A row that only names the
 * person, such as the ticket of somebody else, loses the name. Tables are found in the database
 * itself, so that one that a landing made is not forgotten.
 */
final class LandedErasure {

  static final String SEGMENT = "segment";

  /** Tables whose rows are people, beside those that a landing noted. */
  private static final Set<String> PEOPLE =
      Set.of(
          "segment.landed_users",
          "zendesk.users",
          "stripe.customers",
          "chargebee.customers",
          "salesforce.leads",
          "salesforce.contacts",
          "intercom.users",
          "intercom.contacts",
          "mailchimp.list_members",
          "hubspot.contacts");

  /** Whose a row is. */
  static final Set<String> OWNER =
      Set.of(
          "requester_id",
          "user_id",
          "customer_id",
          "contact_id",
          "lead_id",
          "member_id",
          "person_id",
          "subscriber_id");

  /** Whom a row names beside. */
  static final Set<String> NAMED =
      Set.of(
          "submitter_id",
          "assignee_id",
          "author_id",
          "agent_id",
          "reports_to_id",
          "master_record_id",
          "converted_contact_id",
          "canonical_vid");

  private static final Pattern EMAIL = Pattern.compile("(.*_)?e?mail(_address|_value)?");

  /** Whether the rows of a table that no landing noted as such are people. */
  static boolean people(LandingTable table) {
    return PEOPLE.contains(table.tool() + "." + table.name());
  }

  private record Table(String tool, String name, List<String> columns, boolean people) {
    String full() {
      return quoted(tool) + "." + quoted(name);
    }

    /** What another table of the tool calls the id of a row of this one. */
    String reference() {
      return (name.endsWith("s") ? name.substring(0, name.length() - 1) : name) + "_id";
    }
  }

  private final Connection connection;
  private final int space;
  private final List<Identifier> own;
  private final Map<Table, Set<String>> gone = new LinkedHashMap<>();

  /**
   * @param own what nobody else is known by
   */
  LandedErasure(Connection connection, int space, List<Identifier> own) {
    this.connection = connection;
    this.space = space;
    this.own = own;
  }

  void erase(Map<String, Long> counts) throws SQLException {
    List<Table> tables = tables();
    Array emails = values(type -> type.equals(IdentifierType.EMAIL));
    Array externalIds = values(type -> type.equals(IdentifierType.EXTERNAL_ID));
    for (Table table : tables) {
      Array records = records(table.tool());
      take(table, conditions(table), records, emails, externalIds);
      forget(table, records);
    }
    belongings(tables);
    gone.forEach((table, ids) -> {
      if (!ids.isEmpty()) {
        counts.put(table.tool() + "." + table.name(), (long) ids.size());
      }
    });
    forgetClaims();
  }

  private List<Table> tables() throws SQLException {
    List<Table> tables = new ArrayList<>();
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            SELECT n.nspname, c.relname,
              ARRAY(SELECT a.attname::text FROM pg_attribute a
                WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
                  AND a.atttypid IN ('varchar'::regtype, 'text'::regtype) ORDER BY a.attnum),
              EXISTS (SELECT FROM selfsame.landing_table t WHERE t.tool = n.nspname AND t.name = c.relname AND t.people)
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = ANY(?) AND c.relkind = 'r'
            ORDER BY 1, 2
            """)) {
      statement.setArray(
          1, connection.createArrayOf("text", LandingTables.tools(connection).toArray()));
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          String full = row.getString(1) + "." + row.getString(2);
          tables.add(
              new Table(
                  row.getString(1),
                  row.getString(2),
                  List.of((String[]) row.getArray(3).getArray()),
                  row.getBoolean(4) || PEOPLE.contains(full)));
        }
      }
    }
    tables.removeIf(table -> !table.columns().contains("id"));
    return tables;
  }

  private Array records(String tool) throws SQLException {
    boolean billing = tool.equals("stripe") || tool.equals("chargebee");
    return values(type ->
        tool.equals(SEGMENT)
            ? type.equals(IdentifierType.EXTERNAL_ID)
            : type.name().equals(tool + "_id")
                || (billing && type.equals(IdentifierType.BILLING_ID)));
  }

  private Array values(Predicate<IdentifierType> of) throws SQLException {
    return connection.createArrayOf(
        "text",
        own.stream()
            .filter(identifier -> of.test(identifier.type()))
            .map(Identifier::value)
            .distinct()
            .toArray());
  }

  /** What makes a row the person's: record ids are parameter 1, emails 2, external ids 3. */
  private String conditions(Table table) {
    List<String> any = new ArrayList<>();
    List<String> unlessLinked = new ArrayList<>();
    if (table.people()) {
      any.add("v.id = ANY(p.records)");
    }
    for (String column : table.columns()) {
      if (EMAIL.matcher(column).matches()) {
        (table.people() ? unlessLinked : any)
            .add("lower(normalize(btrim(v.%s), NFKC)) = ANY(p.emails)".formatted(quoted(column)));
      } else if (table.people()
          && (column.equals("external_id")
              || (table.tool().equals("intercom") && column.equals("user_id")))) {
        unlessLinked.add("v.%s = ANY(p.externals)".formatted(quoted(column)));
      } else if (!table.people() && OWNER.contains(column)) {
        any.add("v.%s = ANY(p.records)".formatted(quoted(column)));
      }
    }
    if (!unlessLinked.isEmpty()) {
      any.add(
          """
          ((%s) AND NOT EXISTS (SELECT FROM selfsame.identifier i WHERE i.space = p.space AND i.value = v.id AND i.type = p.type)
            AND NOT EXISTS (SELECT FROM selfsame.part o WHERE o.space = p.space AND o.billing_id = v.id AND o.billing_type IN (p.type, 'billing_id')))
          """
              .formatted(String.join(" OR ", unlessLinked)));
    }
    return String.join(" OR ", any);
  }

  private void take(Table table, String conditions, Array records, Array emails, Array externals)
      throws SQLException {
    if (conditions.isEmpty()) {
      return;
    }
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            DELETE FROM %s v USING (SELECT ?::text[] AS records, ?::text[] AS emails, ?::text[] AS externals,
              ?::smallint AS space, ?::text AS type) p
            WHERE %s RETURNING v.id
            """
                .formatted(table.full(), conditions))) {
      statement.setArray(1, records);
      statement.setArray(2, emails);
      statement.setArray(3, externals);
      statement.setInt(4, space);
      statement.setString(5, table.tool() + "_id");
      taken(table, statement);
    }
  }

  private void taken(Table table, PreparedStatement statement) throws SQLException {
    Set<String> ids = gone.computeIfAbsent(table, of -> new LinkedHashSet<>());
    try (ResultSet row = statement.executeQuery()) {
      while (row.next()) {
        ids.add(row.getString(1));
      }
    }
  }

  /** Rows that belong to rows that went, and what belongs to those. */
  private void belongings(List<Table> tables) throws SQLException {
    Map<Table, Set<String>> fresh = new LinkedHashMap<>(gone);
    while (!fresh.isEmpty()) {
      Map<Table, Set<String>> found = new LinkedHashMap<>();
      for (Map.Entry<Table, Set<String>> of : fresh.entrySet()) {
        for (Table table : tables) {
          if (!of.getValue().isEmpty()
              && !table.people()
              && !table.tool().equals(SEGMENT)
              && table.tool().equals(of.getKey().tool())
              && table.columns().contains(of.getKey().reference())) {
            Set<String> before = new HashSet<>(gone.getOrDefault(table, Set.of()));
            try (PreparedStatement statement =
                connection.prepareStatement(
                    "DELETE FROM %s v WHERE v.%s = ANY(?) RETURNING v.id"
                        .formatted(table.full(), quoted(of.getKey().reference())))) {
              statement.setArray(1, connection.createArrayOf("text", of.getValue().toArray()));
              taken(table, statement);
            }
            Set<String> more = new LinkedHashSet<>(gone.getOrDefault(table, Set.of()));
            more.removeAll(before);
            if (!more.isEmpty()) {
              found.computeIfAbsent(table, each -> new LinkedHashSet<>()).addAll(more);
            }
          }
        }
      }
      fresh = found;
    }
  }

  private void forget(Table table, Array records) throws SQLException {
    for (String column : table.columns()) {
      if (NAMED.contains(column)) {
        try (PreparedStatement statement =
            connection.prepareStatement(
                "UPDATE %1$s SET %2$s = NULL WHERE %2$s = ANY(?)"
                    .formatted(table.full(), quoted(column)))) {
          statement.setArray(1, records);
          statement.executeUpdate();
        }
      }
    }
  }

  private void forgetClaims() throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "DELETE FROM selfsame.landed_claim WHERE tool = ? AND name = ? AND id = ANY(?)")) {
      for (Map.Entry<Table, Set<String>> of : gone.entrySet()) {
        if (of.getKey().people() && !of.getValue().isEmpty()) {
          statement.setString(1, of.getKey().tool());
          statement.setString(2, of.getKey().name());
          statement.setArray(3, connection.createArrayOf("text", of.getValue().toArray()));
          statement.addBatch();
        }
      }
      statement.executeBatch();
    }
  }
}
