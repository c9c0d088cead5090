package dev.selfsame.store;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/**
 * One landing in the store: rows are gathered beside their table, then become part of it in one
 * commit, together with the list of those that have something to claim. While it is open no other
 * landing of its tool is. Used by one thread.
 */
public final class LandedRows implements AutoCloseable {

  private static final int LOCK_CLASS = 0x1a4d;
  private static final long TURN_PAUSE_MILLIS = 200;
  private static final int BLOCK_ROWS = 4_000;
  private static final int BLOCK_BYTES = 4 << 20;

  /** What tells when a row came, not what it says: never a reason to call it changed. */
  private static final Set<String> RECEIPT =
      Set.of("received_at", "uuid", "uuid_ts", "loaded_at", "id");

  /**
   * A column of the table that the gathered rows fill.
   *
   * @param position which of the gathered cells
   */
  public record Filled(String name, ColumnType type, int position) {}

  /**
   * What a landing does to its table.
   *
   * @param filled the columns; one of them is {@code id}
   * @param claiming the columns that a claim is made of; a row whose others change claims nothing.
   *     Empty where rows are no people
   * @param last of a row in which one of these columns is filled, the claim comes after all others
   */
  public record Plan(
      LandingTable table, List<Filled> filled, Set<String> claiming, Set<String> last) {}

  /**
   * What became of the gathered rows.
   *
   * @param repeated rows whose id came again further down: the last counts
   */
  public record Counts(long added, long changed, long unchanged, long repeated) {}

  private final Database database;
  private final Connection connection;
  private final String tool;
  private int columns;
  private long rows;
  private CopyRows block = new CopyRows(0, 0);

  private LandedRows(Database database, Connection connection, String tool) {
    this.database = database;
    this.connection = connection;
    this.tool = tool;
  }

  /**
   * Waits until no other landing of the tool is under way.
   *
   * @param stopped whether to wait no longer
   * @throws Failure STOPPED; STORE_AWAY
   */
  public static LandedRows open(Database database, String tool, BooleanSupplier stopped) {
    try {
      Connection connection = database.plain("landing");
      try {
        TransferSession.prepare(connection);
        takeTurn(connection, tool, stopped);
        try (Statement statement = connection.createStatement()) {
          statement.execute("SET jit = off");
          statement.execute("CREATE TEMP TABLE gathered (ordinal bigint NOT NULL)");
        }
        return new LandedRows(database, connection, tool);
      } catch (SQLException | RuntimeException e) {
        connection.close();
        throw e;
      }
    } catch (SQLException e) {
      throw database.failure(e);
    }
  }

  private static void takeTurn(Connection connection, String tool, BooleanSupplier stopped)
      throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("SELECT pg_try_advisory_lock(?, hashtext(?))")) {
      statement.setInt(1, LOCK_CLASS);
      statement.setString(2, tool);
      while (true) {
        try (ResultSet row = statement.executeQuery()) {
          row.next();
          if (row.getBoolean(1)) {
            return;
          }
        }
        if (stopped.getAsBoolean()) {
          throw stopped(tool);
        }
        Thread.sleep(TURN_PAUSE_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw stopped(tool);
    }
  }

  private static Failure stopped(String tool) {
    return new Failure(
        Problem.STOPPED,
        "It was told to stop while another landing of %s was under way; nothing was landed"
            .formatted(tool));
  }

  /** The tool's table as it is now; null where there is none yet. */
  public @Nullable LandingTable table(String name) {
    try {
      return LandingTables.find(connection, tool, name);
    } catch (SQLException e) {
      throw database.failure(e);
    }
  }

  /**
   * Gathers one more row.
   *
   * @param cells by position; there may be more of them than in rows before
   */
  public void gather(@Nullable String[] cells) {
    try {
      if (cells.length > columns) {
        flush();
        widen(cells.length);
      }
      block.row(columns + 1);
      block.add(rows++);
      for (int i = 0; i < columns; i++) {
        block.add(i < cells.length ? cells[i] : null);
      }
      if (block.rows() == BLOCK_ROWS || block.size() > BLOCK_BYTES) {
        flush();
      }
    } catch (SQLException e) {
      throw database.failure(e);
    }
  }

  private void widen(int to) throws SQLException {
    List<String> adds = new ArrayList<>();
    for (int i = columns; i < to; i++) {
      adds.add("ADD COLUMN c%d text".formatted(i));
    }
    execute("ALTER TABLE gathered " + String.join(", ", adds));
    columns = to;
  }

  private void flush() throws SQLException {
    if (block.rows() == 0) {
      return;
    }
    block.finish();
    try {
      connection
          .unwrap(PGConnection.class)
          .getCopyAPI()
          .copyIn("COPY gathered FROM STDIN (FORMAT binary)", new Bytes(block), BLOCK_BYTES);
    } catch (IOException e) {
      throw new SQLException("The rows did not reach the database", "08006", e);
    }
    block = new CopyRows(BLOCK_ROWS, Math.max(64, block.size() / block.rows() + 16));
  }

  /**
   * Makes what is not there yet: the tool, the table, its columns. Committed at once, since readers
   * wait for it.
   *
   * @param wanted columns that are to be there
   * @param people whether its rows are people
   * @throws Failure for a name that is taken, or a query that is in the way
   */
  public LandingTable make(String name, boolean people, Map<String, ColumnType> wanted) {
    try {
      connection.setAutoCommit(false);
      try {
        LandingTable made = LandingTables.make(connection, tool, name, people, wanted);
        connection.commit();
        return made;
      } finally {
        if (!connection.isClosed()) {
          connection.rollback();
          connection.setAutoCommit(true);
        }
      }
    } catch (SQLException e) {
      throw database.failure(e);
    }
  }

  /** Makes the gathered rows part of their table: all of them, or none. */
  public Counts land(Plan plan) {
    try {
      flush();
      connection.setAutoCommit(false);
      try {
        long erasure = lastErasure();
        Counts counts =
            new LandedStatements(connection, plan)
                .run(rows - new LandedBars(connection, plan).beforeLanding());
        if (tool.equals("stripe")) {
          ChargePlans.fill(connection);
        }
        connection.commit();
        waitForWriters();
        if (lastErasure() != erasure) {
          new LandedBars(connection, plan).afterLanding();
          connection.commit();
        }
        return counts;
      } finally {
        if (!connection.isClosed()) {
          connection.rollback();
          connection.setAutoCommit(true);
        }
      }
    } catch (SQLException e) {
      throw database.failure(e);
    }
  }

  /** An erasure that could not see these rows is committed then, and known. */
  private void waitForWriters() throws SQLException {
    execute("SELECT number FROM selfsame.space ORDER BY number FOR SHARE");
    connection.commit();
  }

  private long lastErasure() throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT coalesce(max(position), 0) FROM selfsame.erasure WHERE space = 1")) {
      row.next();
      return row.getLong(1);
    }
  }

  /**
   * What landing the gathered rows would do, and the first rows that would claim something; nothing
   * is written.
   *
   * @param plan of a table that need not exist, with the columns that it would have
   */
  public <T> T foresee(
      Plan plan, boolean people, java.util.function.BiFunction<Counts, LandedClaims, T> look) {
    try {
      flush();
      connection.setAutoCommit(false);
      try {
        Map<String, ColumnType> wanted =
            plan.filled().stream()
                .collect(Collectors.toMap(Filled::name, Filled::type, (a, b) -> a));
        LandingTable table =
            table(plan.table().name()) == null
                ? LandingTables.make(connection, tool, plan.table().name(), people, wanted)
                : plan.table();
        Plan possible =
            new Plan(
                table,
                plan.filled().stream()
                    .filter(column -> table.columns().containsKey(column.name()))
                    .toList(),
                plan.claiming(),
                plan.last());
        Counts counts =
            new LandedStatements(connection, possible)
                .run(rows - new LandedBars(connection, possible).beforeLanding());
        return look.apply(counts, claims());
      } finally {
        connection.rollback();
        connection.setAutoCommit(true);
      }
    } catch (SQLException e) {
      throw database.failure(e);
    }
  }

  /**
   * Tells the planner what is there now: a question that comes right after would else be planned
   * for tables as they were.
   *
   * @param name of the table whose rows changed; null: the users' own tables
   */
  public void analyze(@Nullable String name) {
    try {
      execute(
          name == null
              ? "ANALYZE selfsame.part, selfsame.identifier"
              : "ANALYZE %s.%s".formatted(tool, name));
    } catch (SQLException e) {
      throw database.failure(e);
    }
  }

  /** The tool's landed rows that have something to claim. */
  public LandedClaims claims() {
    return new LandedClaims(database, connection, tool);
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @Override
  public void close() {
    try {
      connection.close();
    } catch (SQLException e) {
      throw database.failure(e);
    }
  }

  static boolean tellsWhen(String column) {
    return RECEIPT.contains(column);
  }

  /** The rows as a stream. */
  private static final class Bytes extends java.io.ByteArrayInputStream {
    Bytes(CopyRows rows) {
      super(rows.buffer(), 0, rows.size());
    }
  }
}
