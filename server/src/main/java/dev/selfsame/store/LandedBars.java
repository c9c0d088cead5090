package dev.selfsame.store;

import static dev.selfsame.store.LandingTables.quoted;

import dev.selfsame.identity.Identifier;
import dev.selfsame.identity.IdentifierType;
import dev.selfsame.identity.Normalised;
import dev.selfsame.identity.Raw;
import dev.selfsame.resolution.Values;
import dev.selfsame.store.LandedRows.Filled;
import dev.selfsame.store.LandedRows.Plan;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Keeps out of a tool's table what erasures bar (K22): cells that are a barred email, names of
 * barred records beside other things, and whole rows that belong to a barred record. Of rows that
 * are barred people themselves it is the claim that says so.
 */
final class LandedBars {

  private static final int CHUNK = 5_000;

  private final Connection connection;
  private final Plan plan;
  private final List<SpaceSettings> spaces = new ArrayList<>();

  LandedBars(Connection connection, Plan plan) throws SQLException {
    this.connection = connection;
    this.plan = plan;
    List<String> barring = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT name FROM selfsame.space WHERE suppressions > 0 AND number = 1")) {
      while (row.next()) {
        barring.add(row.getString(1));
      }
    }
    for (String space : barring) {
      spaces.add(SpaceSettings.read(connection, space));
    }
  }

  /** Takes it out of the gathered rows; returns how many of them went. */
  long beforeLanding() throws SQLException {
    return strike(true);
  }

  /** Takes it out of the table, where an erasure came between. */
  void afterLanding() throws SQLException {
    strike(false);
  }

  private long strike(boolean gathered) throws SQLException {
    String table = gathered ? "gathered" : plan.table().toString();
    boolean people = plan.table().people() || LandedErasure.people(plan.table());
    long gone = 0;
    for (SpaceSettings space : spaces) {
      for (Filled column : plan.filled()) {
        String cell = gathered ? "c" + column.position() : quoted(column.name());
        boolean owner = !people && LandedErasure.OWNER.contains(column.name());
        boolean id = column.name().equals("id");
        if (!id && (owner || LandedErasure.NAMED.contains(column.name()))) {
          for (String[] barred : barred(space, column, "true", this::record)) {
            gone +=
                update(
                    (owner ? "DELETE FROM %1$s" : "UPDATE %1$s SET %2$s = NULL")
                        .formatted(table, cell),
                    cell,
                    barred,
                    owner);
          }
        }
        if (!(id && people)) {
          for (String[] barred :
              barred(
                  space,
                  column,
                  "c%d LIKE '%%@%%'".formatted(column.position()),
                  LandedBars::email)) {
            gone +=
                update(
                    (id ? "DELETE FROM %1$s" : "UPDATE %1$s SET %2$s = NULL")
                        .formatted(table, cell),
                    cell,
                    barred,
                    id);
          }
        }
      }
    }
    return gone;
  }

  private long update(String sql, String cell, String[] barred, boolean counts)
      throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(sql + " WHERE " + cell + " = ANY(?)")) {
      statement.setArray(1, connection.createArrayOf("text", barred));
      int rows = statement.executeUpdate();
      return counts ? rows : 0;
    }
  }

  private interface Naming {
    /** What the value may be, as identifiers are kept. */
    List<Identifier> of(String value, SpaceSettings space);
  }

  private static List<Identifier> email(String value, SpaceSettings space) {
    return Values.email(Raw.text(value), space.policy()) instanceof Normalised.Value email
        ? List.of(Identifier.email(email.value()))
        : List.of();
  }

  private List<Identifier> record(String value, SpaceSettings space) {
    if (!(Values.id(Raw.text(value), space.policy()) instanceof Normalised.Value id)) {
      return List.of();
    }
    String tool = plan.table().tool();
    if (tool.equals(LandedErasure.SEGMENT)) {
      return List.of(Identifier.externalId(id.value()));
    }
    Identifier record = new Identifier(new IdentifierType(tool + "_id"), id.value());
    return record.type().kind() == IdentifierType.Kind.BILLING
        ? List.of(record, new Identifier(IdentifierType.BILLING_ID, id.value()))
        : List.of(record);
  }

  /** The column's values that are barred, some at a time, as they were gathered. */
  private List<String[]> barred(SpaceSettings space, Filled column, String where, Naming naming)
      throws SQLException {
    List<String[]> all = new ArrayList<>();
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT DISTINCT c%1$d FROM gathered WHERE c%1$d IS NOT NULL AND length(c%1$d) < 1000 AND %2$s"
                .formatted(column.position(), where))) {
      statement.setFetchSize(CHUNK);
      Map<String, List<String>> values = new HashMap<>();
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          String value = row.getString(1);
          naming
              .of(value, space)
              .forEach(identifier ->
                  values
                      .computeIfAbsent(
                          Hashes.hex(Hashes.of(space.secret(), identifier)),
                          hash -> new ArrayList<>(1))
                      .add(value));
          if (values.size() >= CHUNK) {
            add(all, space, values);
            values.clear();
          }
        }
      }
      add(all, space, values);
    }
    return all;
  }

  private void add(List<String[]> all, SpaceSettings space, Map<String, List<String>> values)
      throws SQLException {
    List<String> barred = new ArrayList<>();
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT hash FROM selfsame.suppression WHERE space = ? AND hash = ANY(?)")) {
      statement.setInt(1, space.number());
      statement.setArray(
          2,
          connection.createArrayOf(
              "bytea", values.keySet().stream().map(Hashes::hash).toArray(byte[][]::new)));
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          barred.addAll(values.getOrDefault(Hashes.hex(row.getBytes(1)), List.of()));
        }
      }
    }
    if (!barred.isEmpty()) {
      all.add(barred.toArray(String[]::new));
    }
  }
}
