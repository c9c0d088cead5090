package dev.selfsame.store;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The tables that tools' rows land in: which there are, and how new ones come about. */
final class LandingTables {

  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]{0,39}");

  /** What TOOL_id, or the schema, would mean already. */
  private static final Set<String> RESERVED =
      Set.of(
          "billing",
          "external",
          "user",
          "public",
          "information_schema",
          "selfsame",
          Restore.UNFINISHED);

  /** The columns that each table has. */
  static final Set<String> BASE = Set.of("id", "received_at");

  private static final String LOCK_TIMEOUT = "5s";

  private LandingTables() {}

  /** Whether tools and tables may be called so; the names need no quotes then. */
  static boolean allowed(String name) {
    return NAME.matcher(name).matches();
  }

  /** The tools, those known from the start first. */
  static List<String> tools(Connection connection) throws SQLException {
    List<String> tools = new ArrayList<>(ReaderRole.LANDING);
    tools.addAll(added(connection));
    return tools;
  }

  /** The tools that were added, in their order; none where there is no hub yet. */
  static List<String> added(Connection connection) throws SQLException {
    List<String> added = new ArrayList<>();
    try (Statement statement = connection.createStatement()) {
      try (ResultSet row =
          statement.executeQuery("SELECT to_regclass('selfsame.tool') IS NOT NULL")) {
        row.next();
        if (!row.getBoolean(1)) {
          return added;
        }
      }
      try (ResultSet row =
          statement.executeQuery("SELECT name FROM selfsame.tool ORDER BY ordinal")) {
        while (row.next()) {
          added.add(row.getString(1));
        }
      }
    }
    return added;
  }

  /** The table as it is now; null where there is none. */
  static @Nullable LandingTable find(Connection connection, String tool, String name)
      throws SQLException {
    Map<String, ColumnType> columns = new LinkedHashMap<>();
    Set<String> computed = new HashSet<>();
    if (!tools(connection).contains(tool)) {
      return null;
    }
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            SELECT a.attname, format_type(a.atttypid, NULL), a.attgenerated <> ''
            FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = ? AND c.relname = ? AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
            ORDER BY a.attnum
            """)) {
      statement.setString(1, tool);
      statement.setString(2, name);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          ColumnType type = ColumnType.of(row.getString(2));
          if (type == null || row.getBoolean(3)) {
            computed.add(row.getString(1));
          } else {
            columns.put(row.getString(1), type);
          }
        }
      }
    }
    return columns.containsKey("id")
        ? new LandingTable(tool, name, columns, computed, people(connection, tool, name))
        : null;
  }

  private static boolean people(Connection connection, String tool, String name)
      throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT people FROM selfsame.landing_table WHERE tool = ? AND name = ?")) {
      statement.setString(1, tool);
      statement.setString(2, name);
      try (ResultSet row = statement.executeQuery()) {
        return row.next() && row.getBoolean(1);
      }
    }
  }

  /**
   * Makes what a landing needs and is not there yet: the tool, the table, the columns, and the
   * views that show them. Runs in the connection's transaction; waits a few seconds for readers.
   *
   * @param columns those that are to be there
   * @throws Failure naming a name that cannot be used, or a query that is in the way
   */
  static LandingTable make(
      Connection connection,
      String tool,
      String name,
      boolean people,
      Map<String, ColumnType> columns)
      throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET LOCAL lock_timeout = '" + LOCK_TIMEOUT + "'");
      statement.execute("SELECT FROM selfsame.chore WHERE name = 'tool views' FOR UPDATE");
      boolean newTool = !tools(connection).contains(tool);
      if (newTool) {
        addTool(connection, tool);
      }
      LandingTable there = find(connection, tool, name);
      if (there == null) {
        if (taken(connection, tool + "." + name)) {
          throw new Failure(
              Problem.LANDING_NAME,
              "%s.%s is no table that rows land in; name another".formatted(tool, name));
        }
        createTable(connection, tool + "." + name);
      }
      addColumns(connection, tool, name, there, columns);
      boolean nowPeople = people && (there == null || !there.people());
      if (there == null || nowPeople) {
        note(connection, tool, name, people);
      }
      if (newTool || nowPeople) {
        ToolViews.show(connection);
      }
      LandingTable made = find(connection, tool, name);
      if (made == null) {
        throw new IllegalStateException("%s.%s was not made".formatted(tool, name));
      }
      return made;
    } catch (SQLException e) {
      if (StoreFailures.LOCK_NOT_AVAILABLE.equals(e.getSQLState())) {
        throw new Failure(
            Problem.TOO_BUSY,
            "%s.%s cannot get its new columns while a long query on it runs. Nothing was landed; try again when that has ended"
                .formatted(tool, name),
            5,
            e);
      }
      throw e;
    }
  }

  /** Whether no added tool may be called so, whatever there is in the database. */
  static boolean reserved(String tool) {
    return tool.startsWith("pg_") || RESERVED.contains(tool) || ReaderRole.LANDING.contains(tool);
  }

  /** Whether an added tool may be called so, and nothing in the database is. */
  static boolean free(Connection connection, String tool) throws SQLException {
    if (reserved(tool)) {
      return false;
    }
    try (PreparedStatement taken =
        connection.prepareStatement(
            """
            SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = ?)
              OR to_regclass('public.' || ? || '_users') IS NOT NULL
              OR EXISTS (SELECT FROM information_schema.columns
                WHERE table_schema = 'public' AND table_name = 'user_identities' AND column_name = ? || '_id')
              OR EXISTS (SELECT FROM selfsame.space WHERE starts_with(?, name || '_'))
            """)) {
      for (int i = 1; i <= 4; i++) {
        taken.setString(i, tool);
      }
      try (ResultSet row = taken.executeQuery()) {
        row.next();
        return !row.getBoolean(1);
      }
    }
  }

  /** A table with the columns that each of them has: {@code id} and {@code received_at}. */
  static void createTable(Connection connection, String table) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          "CREATE TABLE %s (id varchar COLLATE \"C\" PRIMARY KEY, received_at timestamptz NOT NULL DEFAULT now())"
              .formatted(table));
    }
  }

  private static void addTool(Connection connection, String tool) throws SQLException {
    if (!free(connection, tool)) {
      throw new Failure(
          Problem.LANDING_NAME,
          "A tool cannot be called %s here: the name is taken in the database. Choose another, such as %s_app"
              .formatted(tool, tool));
    }
    try (Statement statement = connection.createStatement()) {
      statement.execute("CREATE SCHEMA " + tool);
      try (PreparedStatement insert =
          connection.prepareStatement(
              "INSERT INTO selfsame.tool (name, ordinal) SELECT ?, coalesce(max(ordinal), 0) + 1"
                  + " FROM selfsame.tool")) {
        insert.setString(1, tool);
        insert.executeUpdate();
      }
      ReaderRole.openSchema(connection, tool);
    }
  }

  private static boolean taken(Connection connection, String relation) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("SELECT to_regclass(?) IS NOT NULL")) {
      statement.setString(1, relation);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return row.getBoolean(1);
      }
    }
  }

  private static void addColumns(
      Connection connection,
      String tool,
      String name,
      @Nullable LandingTable there,
      Map<String, ColumnType> columns)
      throws SQLException {
    Map<String, ColumnType> adds = new LinkedHashMap<>();
    int known = there == null ? 2 : there.columns().size();
    for (Map.Entry<String, ColumnType> column : columns.entrySet()) {
      boolean has =
          there == null
              ? BASE.contains(column.getKey())
              : there.columns().containsKey(column.getKey());
      if (!has) {
        adds.put(column.getKey(), column.getValue());
      }
    }
    if (adds.isEmpty()) {
      return;
    }
    if (known + adds.size() > LandingTable.MOST_COLUMNS) {
      throw new Failure(
          Problem.LANDING_COLUMN,
          "%s.%s would have %d columns, and may have %d. Leave some out"
              .formatted(tool, name, known + adds.size(), LandingTable.MOST_COLUMNS));
    }
    alter(connection, tool + "." + name, adds);
    if (tool.equals("mailchimp") && name.equals("list_members")) {
      ToolViews.showMembers(connection);
    }
  }

  /** Adds columns that the table does not have. */
  static void alter(Connection connection, String table, Map<String, ColumnType> columns)
      throws SQLException {
    String adds =
        columns.entrySet().stream()
            .map(c -> "ADD COLUMN %s %s".formatted(quoted(c.getKey()), c.getValue().sql()))
            .collect(Collectors.joining(", "));
    try (Statement statement = connection.createStatement()) {
      statement.execute("ALTER TABLE %s %s".formatted(table, adds));
    }
  }

  private static void note(Connection connection, String tool, String name, boolean people)
      throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            INSERT INTO selfsame.landing_table (tool, name, people) VALUES (?, ?, ?)
            ON CONFLICT (tool, name) DO UPDATE SET people = excluded.people
            """)) {
      statement.setString(1, tool);
      statement.setString(2, name);
      statement.setBoolean(3, people);
      statement.executeUpdate();
    }
  }

  static String quoted(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }
}
