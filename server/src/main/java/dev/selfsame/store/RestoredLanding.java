package dev.selfsame.store;

import dev.selfsame.error.Failure;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The tools, tables and columns that landings added to the hub of a backup, made again before its
 * rows are loaded. What the file says is data: a name that no landing could have given, or a type
 * that none makes, is damage. Runs in the connection's transaction.
 */
final class RestoredLanding {

  private static final Pattern COLUMN = Pattern.compile("[a-z_][a-z0-9_]{0,62}");

  private final Connection connection;
  private final BackupFile file;
  private final BackupManifest manifest;

  RestoredLanding(Connection connection, BackupFile file) {
    this.connection = connection;
    this.file = file;
    this.manifest = file.manifest();
  }

  /** Makes what the backup has and the migrations do not. */
  void make() throws SQLException {
    for (String tool : manifest.tools()) {
      if (!LandingTables.free(connection, tool)) {
        throw damaged("an added tool cannot be called %s in it".formatted(tool));
      }
      try (Statement statement = connection.createStatement()) {
        statement.execute("CREATE SCHEMA " + tool);
      }
    }
    Set<String> tools = new HashSet<>(ReaderRole.LANDING);
    tools.addAll(manifest.tools());
    Map<String, Set<String>> there = new HashMap<>();
    for (OwnTables.Table table : OwnTables.of(connection, manifest.tools())) {
      there.put(table.name(), Set.copyOf(table.columns()));
    }
    for (BackupManifest.Table table : manifest.tables()) {
      // The program's own, or of a backup that does not say it: then nothing was added.
      if (!table.types().isEmpty()) {
        make(table, tools, there.get(table.name()));
      }
    }
  }

  private void make(
      BackupManifest.Table table, Set<String> tools, @Nullable Set<String> columnsThere)
      throws SQLException {
    Set<String> has = columnsThere;
    Map<String, ColumnType> adds = new LinkedHashMap<>();
    if (has == null) {
      String[] name = table.name().split("\\.", -1);
      if (name.length != 2 || !tools.contains(name[0]) || !LandingTables.allowed(name[1])) {
        throw damaged("\"%s\" is no name that a landing table can have".formatted(table.name()));
      }
      has = LandingTables.BASE;
    }
    if (table.types().size() != table.columns().size()) {
      throw damaged(
          "%s has %d columns there and %d types"
              .formatted(table.name(), table.columns().size(), table.types().size()));
    }
    for (int i = 0; i < table.columns().size(); i++) {
      String column = table.columns().get(i);
      if (!has.contains(column)) {
        adds.put(column, type(table.name(), column, table.types().get(i)));
      }
    }
    if (adds.size() > LandingTable.MOST_COLUMNS) {
      throw damaged(
          "%s has %d columns more there than the %d that a landing adds"
              .formatted(table.name(), adds.size(), LandingTable.MOST_COLUMNS));
    }
    if (columnsThere == null) {
      LandingTables.createTable(connection, table.name());
    }
    if (!adds.isEmpty()) {
      LandingTables.alter(connection, table.name(), adds);
    }
  }

  private ColumnType type(String table, String column, String sql) {
    ColumnType type = ColumnType.of(sql);
    if (type == null || !COLUMN.matcher(column).matches()) {
      throw damaged(
          "%s has a column \"%s\" of type \"%s\" there, which no landing makes"
              .formatted(table, column, sql));
    }
    return type;
  }

  /** After the rows: views are made by the names in them, which must be those that were checked. */
  void check() throws SQLException {
    List<String> tools = LandingTables.added(connection);
    if (!tools.equals(manifest.tools())) {
      throw damaged(
          "its manifest names the added tools %s, its rows %s".formatted(manifest.tools(), tools));
    }
    try (Statement statement = connection.createStatement();
        ResultSet there =
            statement.executeQuery("SELECT to_regclass('selfsame.landing_table') IS NOT NULL")) {
      there.next();
      if (there.getBoolean(1)) {
        checkNotes();
      }
    }
  }

  private void checkNotes() throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT tool, name FROM selfsame.landing_table WHERE tool <> ALL (?) ORDER BY 1, 2")) {
      statement.setArray(
          1, connection.createArrayOf("text", LandingTables.tools(connection).toArray()));
      try (ResultSet row = statement.executeQuery()) {
        if (row.next()) {
          throw damaged(
              "\"%s.%s\" is no name that a landing table can have"
                  .formatted(row.getString(1), row.getString(2)));
        }
      }
    }
  }

  private Failure damaged(String how) {
    return BackupFile.damaged(file.path(), how, null);
  }
}
