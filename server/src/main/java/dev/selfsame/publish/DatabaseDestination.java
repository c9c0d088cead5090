package dev.selfsame.publish;

import dev.selfsame.connection.WritableWarehouse;
import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.publish.Dialect.Found;
import dev.selfsame.publish.Dialect.Shape;
import dev.selfsame.store.PublishedRows;
import dev.selfsame.store.PublishedRows.Position;
import dev.selfsame.store.PublishedRows.Wanted;
import dev.selfsame.store.PublishedTable;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Tables of another database, in one transaction there. Each says in its comment whose it is: what
 * does not is never written. How far they have come stands in a table beside them.
 */
final class DatabaseDestination implements Destination {

  /** Where the tables say how far they have come. */
  static final String STATE = "selfsame_published";

  /** Counts up when the tables get other columns: then all is made anew. */
  private static final int LAYOUT = 1;

  private static final int KEYS_AT_A_TIME = 5_000;

  private final WritableWarehouse warehouse;
  private final Connection connection;
  private final Dialect dialect;
  private final Target.Tables target;
  private final String comment;

  /** Made by this publish: indexed once they are filled. */
  private final Set<PublishedTable> made = EnumSet.noneOf(PublishedTable.class);

  private String schema = "";

  /**
   * @param mark of the publication
   */
  DatabaseDestination(
      WritableWarehouse warehouse, Dialect dialect, Target.Tables target, String mark) {
    this.warehouse = warehouse;
    this.connection = warehouse.connection();
    this.dialect = dialect;
    this.target = target;
    this.comment = "Published by Selfsame, " + mark;
  }

  @Override
  public boolean whole() {
    return false;
  }

  private String name(PublishedTable table) {
    return target.prefix() + table.code();
  }

  private String state() {
    return target.prefix() + STATE;
  }

  private String qualified(String name) {
    return dialect.quoted(schema) + "." + dialect.quoted(name);
  }

  private List<Shape> stateShapes() {
    return List.of(
        new Shape("publication_id", dialect.keyType()),
        new Shape("ledger_position", dialect.numberType()),
        new Shape("ledger_time", dialect.numberType()),
        new Shape("published_at", dialect.type(PublishedTable.Type.TIME)),
        new Shape("layout", dialect.numberType()));
  }

  @Override
  public @Nullable Standing begin(boolean anew) {
    try {
      schema = dialect.schema(connection, target.schema());
      Found state = find(state());
      List<PublishedTable> missing = new ArrayList<>();
      List<PublishedTable> changed = new ArrayList<>();
      for (PublishedTable table : PublishedTable.values()) {
        Found found = find(name(table));
        if (found == null) {
          missing.add(table);
        } else if (!same(found, dialect.shapes(table))) {
          changed.add(table);
        }
      }
      boolean stateChanged = state != null && !same(state, stateShapes());
      Standing standing = state == null || stateChanged ? null : standing();
      boolean older = standing != null && layout() != LAYOUT;
      boolean broken =
          stateChanged || !changed.isEmpty() || (standing != null && !missing.isEmpty());
      if (broken && !anew && !older) {
        throw changed(missing, changed, stateChanged);
      }
      if (!missing.isEmpty() || !changed.isEmpty() || state == null || stateChanged) {
        make(missing, changed, state, stateChanged);
        return null;
      }
      return standing;
    } catch (SQLException e) {
      throw warehouse.failure(e, "The tables cannot be made");
    }
  }

  /** What is there under a name of ours, if it is ours. */
  private @Nullable Found find(String name) throws SQLException {
    Found found = dialect.find(connection, schema, name);
    if (found != null && !comment.equals(found.comment())) {
      throw new Failure(
          Problem.PUBLISH_FOREIGN,
          "At %s there is a %s that this publication did not make. Nothing was written. Rename it, or publish with another --schema or --prefix."
              .formatted(warehouse.place(), schema + "." + name));
    }
    return found;
  }

  private static boolean same(Found found, List<Shape> shapes) {
    return found.columns().equals(shapes.stream().map(Shape::toString).toList());
  }

  private Failure changed(
      List<PublishedTable> missing, List<PublishedTable> changed, boolean stateChanged) {
    List<String> said = new ArrayList<>();
    missing.forEach(table -> said.add(schema + "." + name(table) + " is gone"));
    changed.forEach(table -> said.add(schema + "." + name(table) + " has other columns"));
    if (stateChanged) {
      said.add(schema + "." + state() + " has other columns");
    }
    return new Failure(
        Problem.PUBLISH_CHANGED,
        "Somebody changed what was published at %s: %s. Nothing was written. Publish with --full to make it anew."
            .formatted(warehouse.place(), String.join(", ", said)));
  }

  private void make(
      List<PublishedTable> missing,
      List<PublishedTable> changed,
      @Nullable Found state,
      boolean stateChanged)
      throws SQLException {
    if (!dialect.tablesInTransaction() && state != null && !stateChanged) {
      // Whatever becomes of this publish, the next one must not lead on from what stood there.
      execute("DELETE FROM " + qualified(state()));
      connection.commit();
    }
    if (stateChanged) {
      execute("DROP TABLE " + qualified(state()));
    }
    if (state == null || stateChanged) {
      for (String statement :
          dialect.create(qualified(state()), stateShapes(), "publication_id", comment)) {
        execute(statement);
      }
    }
    for (PublishedTable table : changed) {
      execute("DROP TABLE " + qualified(name(table)));
    }
    made.addAll(changed);
    made.addAll(missing);
    for (PublishedTable table : made) {
      String unique = table.unique() ? table.key() : null;
      for (String statement :
          dialect.create(qualified(name(table)), dialect.shapes(table), unique, comment)) {
        execute(statement);
      }
    }
  }

  private @Nullable Standing standing() throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT publication_id, ledger_position, ledger_time FROM "
                    + qualified(state())
                    + dialect.locking())) {
      if (!row.next()) {
        return null;
      }
      return new Standing(
          UUID.fromString(row.getString(1)), new Position(row.getLong(2), row.getLong(3)));
    }
  }

  private long layout() throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT layout FROM " + qualified(state()))) {
      return row.next() ? row.getLong(1) : LAYOUT;
    }
  }

  @Override
  public void clear(PublishedTable table) {
    if (made.contains(table)) {
      return;
    }
    try {
      // Not TRUNCATE: whoever reads meanwhile sees the rows that were there.
      execute("DELETE FROM " + qualified(name(table)));
    } catch (SQLException e) {
      throw failure(e, table);
    }
  }

  @Override
  public void delete(PublishedTable table, List<String> keys) {
    try {
      for (int from = 0; from < keys.size(); from += KEYS_AT_A_TIME) {
        dialect.delete(
            connection,
            qualified(name(table)),
            table.key(),
            keys.subList(from, Math.min(keys.size(), from + KEYS_AT_A_TIME)));
      }
    } catch (SQLException e) {
      throw failure(e, table);
    }
  }

  @Override
  public long fill(PublishedTable table, PublishedRows rows, Wanted wanted) {
    try {
      long count = dialect.fill(connection, qualified(name(table)), table, rows, wanted);
      if (made.remove(table)) {
        for (String statement : dialect.index(qualified(name(table)), name(table), table)) {
          execute(statement);
        }
      }
      return count;
    } catch (SQLException e) {
      throw failure(e, table);
    }
  }

  private Failure failure(SQLException e, PublishedTable table) {
    return warehouse.failure(
        e, "The table %s cannot be written".formatted(schema + "." + name(table)));
  }

  @Override
  public void commit(Standing standing, Instant now) {
    try {
      execute("DELETE FROM " + qualified(state()));
      try (PreparedStatement statement =
          connection.prepareStatement(
              "INSERT INTO %s (publication_id, ledger_position, ledger_time, published_at, layout) VALUES (?, ?, ?, %s, ?)"
                  .formatted(qualified(state()), dialect.time(now)))) {
        statement.setString(1, standing.publication().toString());
        statement.setLong(2, standing.position().number());
        statement.setLong(3, standing.position().at());
        statement.setLong(4, LAYOUT);
        statement.executeUpdate();
      }
      connection.commit();
    } catch (SQLException e) {
      throw warehouse.failure(e, "The publish cannot be committed");
    }
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @Override
  public void close() {
    warehouse.close();
  }
}
