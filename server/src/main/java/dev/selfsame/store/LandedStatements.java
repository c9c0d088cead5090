package dev.selfsame.store;

import static dev.selfsame.store.LandingTables.quoted;

import dev.selfsame.store.LandedRows.Counts;
import dev.selfsame.store.LandedRows.Filled;
import dev.selfsame.store.LandedRows.Plan;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** The statements that make gathered rows part of their table, in the connection's transaction. */
final class LandedStatements {

  private final Connection connection;
  private final Plan plan;
  private final String table;
  private final Filled id;

  LandedStatements(Connection connection, Plan plan) {
    this.connection = connection;
    this.plan = plan;
    this.table = plan.table().tool() + "." + plan.table().name();
    this.id =
        plan.filled().stream()
            .filter(column -> column.name().equals("id"))
            .findFirst()
            .orElseThrow();
  }

  /**
   * @param rows how many were gathered
   */
  Counts run(long rows) throws SQLException {
    if (rows == 0) {
      return new Counts(0, 0, 0, 0);
    }
    execute("ANALYZE gathered");
    long ids = number("SELECT count(DISTINCT %s) FROM gathered".formatted(cell(id)));
    execute(fresh(ids < rows));
    execute("ANALYZE fresh");
    long added = update(insert());
    long changed = update(replace());
    if (!plan.claiming().isEmpty()) {
      execute(forget());
      execute(claim());
    }
    execute("DROP TABLE fresh");
    return new Counts(added, changed, ids - added - changed, rows - ids);
  }

  /** The rows that say something that the table does not. */
  private String fresh(boolean repeated) {
    List<Filled> compared = new ArrayList<>();
    List<Filled> claiming = new ArrayList<>();
    for (Filled column : plan.filled()) {
      if (!LandedRows.tellsWhen(column.name())) {
        compared.add(column);
        if (plan.claiming().contains(column.name())) {
          claiming.add(column);
        }
      }
    }
    String rows =
        repeated
            ? "(SELECT DISTINCT ON (%1$s) * FROM gathered ORDER BY %1$s, ordinal DESC)"
                .formatted(cell(id))
            : "gathered";
    return """
    CREATE TEMP TABLE fresh ON COMMIT DROP AS
    SELECT s.ordinal, s.%1$s AS id, t.id IS NULL AS added, t.id IS NULL OR (%2$s) AS claims
    FROM %3$s s LEFT JOIN %4$s t ON t.id = s.%1$s
    WHERE t.id IS NULL OR (%5$s)
    """
        .formatted(cell(id), differs(claiming), rows, table, differs(compared));
  }

  private static String differs(List<Filled> columns) {
    if (columns.isEmpty()) {
      return "false";
    }
    return "(%s) IS DISTINCT FROM (%s)"
        .formatted(
            columns.stream().map(c -> "t." + quoted(c.name())).collect(Collectors.joining(", ")),
            columns.stream().map(LandedStatements::value).collect(Collectors.joining(", ")));
  }

  private String insert() {
    return "INSERT INTO %s (%s)\nSELECT %s FROM gathered s JOIN fresh f ON f.ordinal = s.ordinal WHERE f.added ORDER BY s.ordinal"
        .formatted(
            table,
            plan.filled().stream().map(c -> quoted(c.name())).collect(Collectors.joining(", ")),
            plan.filled().stream().map(LandedStatements::stored).collect(Collectors.joining(", ")));
  }

  private String replace() {
    String set =
        plan.filled().stream()
            .filter(column -> !column.name().equals("id"))
            .map(column -> quoted(column.name()) + " = " + stored(column))
            .collect(Collectors.joining(", "));
    boolean saysWhen = plan.filled().stream().anyMatch(c -> c.name().equals("received_at"));
    String when = saysWhen ? "" : "received_at = now()" + (set.isEmpty() ? "" : ", ");
    return "UPDATE %s t SET %s FROM gathered s JOIN fresh f ON f.ordinal = s.ordinal WHERE NOT f.added AND t.id = f.id"
        .formatted(table, when + set);
  }

  /** What is about to be tried again says something else now. */
  private String forget() {
    return "DELETE FROM selfsame.landed_claim p USING fresh f WHERE p.tool = '%s' AND p.name = '%s' AND p.id = f.id AND f.claims"
        .formatted(plan.table().tool(), plan.table().name());
  }

  private String claim() {
    String last =
        plan.filled().stream()
            .filter(column -> plan.last().contains(column.name()))
            .map(column ->
                "s.%1$s IS NOT NULL AND s.%1$s <> s.%2$s".formatted(cell(column), cell(id)))
            .collect(Collectors.joining(" OR "));
    return """
    INSERT INTO selfsame.landed_claim (tool, seq, name, id)
    SELECT '%1$s', row_number() OVER (ORDER BY %3$s, s.ordinal)
      + (SELECT coalesce(max(seq), 0) FROM selfsame.landed_claim WHERE tool = '%1$s'), '%2$s', f.id
    FROM gathered s JOIN fresh f ON f.ordinal = s.ordinal WHERE f.claims
    """
        .formatted(
            plan.table().tool(), plan.table().name(), last.isEmpty() ? "false" : "(" + last + ")");
  }

  private static String cell(Filled column) {
    return "c" + column.position();
  }

  private static String value(Filled column) {
    return "s.%s::%s".formatted(cell(column), column.type().sql());
  }

  private static String stored(Filled column) {
    return column.name().equals("received_at")
        ? "coalesce(%s, now())".formatted(value(column))
        : value(column);
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private long update(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      return statement.executeLargeUpdate(sql);
    }
  }

  private long number(String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getLong(1);
    }
  }
}
