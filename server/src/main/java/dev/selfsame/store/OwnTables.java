package dev.selfsame.store;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The tables whose rows make up a hub, read from the database itself, so that a new one is not
 * forgotten: the program's own and those that tools' records land in. Left out are Flyway's, which
 * every database has for itself, the readers' login, which is made anew, who is signed in, and what
 * members asked.
 */
final class OwnTables {

  private static final String PROGRAM = "selfsame";

  private static final Set<String> NOT_CARRIED =
      Set.of(
          "selfsame.migration",
          "selfsame.reader",
          "selfsame.member_session",
          "selfsame.sign_in_link",
          "selfsame.asked");

  /**
   * One of them.
   *
   * @param name with its schema; none of ours needs quotes
   * @param types of the columns, in their order; empty for the program's own tables
   * @param partitions names without schema; empty where there are none
   * @param references the tables that its foreign keys name
   */
  record Table(
      String name,
      List<String> columns,
      List<String> types,
      boolean partitioned,
      List<String> partitions,
      Set<String> references) {

    String columnList() {
      List<String> quoted = columns.stream().map(c -> '"' + c.replace("\"", "\"\"") + '"').toList();
      return String.join(", ", quoted);
    }
  }

  private OwnTables() {}

  /**
   * The schemas that are the program's as a whole; the views in public hang on them. The one that
   * names the others is the last.
   *
   * @param tools those that were added to the tools known from the start
   */
  static List<String> schemas(List<String> tools) {
    List<String> schemas = new ArrayList<>(tools);
    schemas.addAll(ReaderRole.LANDING);
    schemas.add(PROGRAM);
    return schemas;
  }

  /** All of them, each after those that it refers to. */
  static List<Table> of(Connection connection) throws SQLException {
    return of(connection, LandingTables.added(connection));
  }

  /**
   * All of them where the store need not name the tools yet.
   *
   * @param tools those that were added
   */
  static List<Table> of(Connection connection, List<String> tools) throws SQLException {
    List<Table> left = new ArrayList<>();
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            SELECT n.nspname || '.' || c.relname, c.relkind = 'p',
              ARRAY(SELECT a.attname::text FROM pg_attribute a
                WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY a.attnum),
              ARRAY(SELECT format_type(a.atttypid, NULL) FROM pg_attribute a WHERE n.nspname <> 'selfsame'
                AND a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY a.attnum),
              ARRAY(SELECT p.relname::text FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhrelid
                WHERE i.inhparent = c.oid ORDER BY 1),
              ARRAY(SELECT DISTINCT m.nspname || '.' || r.relname FROM pg_constraint k
                JOIN pg_class r ON r.oid = k.confrelid JOIN pg_namespace m ON m.oid = r.relnamespace
                WHERE k.conrelid = c.oid AND k.contype = 'f' AND k.confrelid <> c.oid)
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = ANY (?) AND c.relkind IN ('r', 'p') AND NOT c.relispartition
            ORDER BY 1
            """)) {
      statement.setArray(1, connection.createArrayOf("text", schemas(tools).toArray()));
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          if (!NOT_CARRIED.contains(row.getString(1))) {
            left.add(
                new Table(
                    row.getString(1),
                    texts(row.getArray(3)),
                    texts(row.getArray(4)),
                    row.getBoolean(2),
                    texts(row.getArray(5)),
                    Set.copyOf(texts(row.getArray(6)))));
          }
        }
      }
    }
    return inOrder(left);
  }

  private static List<Table> inOrder(List<Table> left) {
    List<Table> ordered = new ArrayList<>();
    Set<String> placed = new LinkedHashSet<>();
    while (!left.isEmpty()) {
      List<Table> next =
          left.stream().filter(table -> placed.containsAll(table.references())).toList();
      if (next.isEmpty()) {
        throw new IllegalStateException("Foreign keys form a circle among " + left);
      }
      ordered.addAll(next);
      next.forEach(table -> placed.add(table.name()));
      left.removeAll(next);
    }
    return ordered;
  }

  private static List<String> texts(Array array) throws SQLException {
    return List.of((String[]) array.getArray());
  }
}
