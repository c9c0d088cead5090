package dev.selfsame.store;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.postgresql.PGConnection;

/**
 * Brings a backup into an empty database. A schema of its own marks the database from the first
 * change to the last: as long as it is there no server starts, and another restore begins anew.
 * Used once; may be stopped from another thread.
 */
public final class Restore implements AutoCloseable {

  /** The mark. */
  static final String UNFINISHED = "selfsame_unfinished_restore";

  /** Held while a restore runs, so that a second one does not take it for an interrupted one. */
  private static final long LOCK = 0x53656c6673616d65L;

  /**
   * What was restored.
   *
   * @param position the default space's last ledger position
   * @param madeAt the moment that the backup shows, ISO 8601
   */
  public record Restored(int tables, long rows, long position, String madeAt) {}

  private final BackupFile file;
  private final StoppableProgress progress;

  private Restore(BackupFile file, StoppableProgress progress) {
    this.file = file;
    this.progress = progress;
  }

  /**
   * Reads the whole backup and compares it with its checksums; no database is needed for that.
   *
   * @throws Failure if it is no backup, is damaged, or was written by a newer program
   */
  public static Restore of(Path backup, TransferProgress progress) {
    BackupFile file = BackupFile.open(backup);
    try {
      file.verify(progress);
      return new Restore(file, new StoppableProgress(progress));
    } catch (Throwable e) {
      file.close();
      throw e;
    }
  }

  /** Whether a restore began and did not end. */
  static boolean unfinished(Connection connection) throws SQLException {
    return truth(connection, "SELECT to_regnamespace('" + UNFINISHED + "') IS NOT NULL");
  }

  /**
   * Makes the schema, loads the rows, and brings both up to this program.
   *
   * @param now today, for the partitions
   * @throws Failure naming what is wrong; then the database is as it was, or is marked
   */
  public Restored into(DatabaseAddress address, StoreSettings settings, Instant now) {
    try (Connection connection = Database.plain(address, settings, "restore")) {
      progress.working(connection);
      Database.check(address, connection);
      TransferSession.prepare(connection);
      takeTurn(address, connection);
      makeReady(address, connection, file.manifest().tools());
      try {
        fill(address, settings, connection, now);
      } catch (Throwable e) {
        emptyAgain(connection, e);
        throw e;
      }
      BackupManifest manifest = file.manifest();
      return new Restored(
          manifest.tables().size(),
          manifest.rows(),
          manifest.positions().getOrDefault("default", 0L),
          manifest.madeAt());
    } catch (SQLException e) {
      throw progress.stopped() ? StoppableProgress.failure() : StoreFailures.of(e, address);
    } catch (IOException e) {
      throw new Failure(
          Problem.FILE_UNUSABLE,
          "The backup %s could not be read to its end: %s".formatted(file.path(), e),
          0,
          e);
    } finally {
      progress.working(null);
    }
  }

  /** Ends it soon; {@link #into} fails. */
  public void stop() {
    progress.stop();
  }

  @Override
  public void close() {
    file.close();
  }

  private static void takeTurn(DatabaseAddress address, Connection connection) throws SQLException {
    if (!truth(connection, "SELECT pg_try_advisory_lock(" + LOCK + ")")) {
      throw new Failure(
          Problem.NOT_EMPTY,
          "Another restore into the database at %s is running.".formatted(address.place()));
    }
  }

  /** Takes away what a restore without an end left, and nothing else; then marks the database. */
  private static void makeReady(DatabaseAddress address, Connection connection, List<String> tools)
      throws SQLException {
    if (unfinished(connection)) {
      clear(connection);
    }
    List<String> found = contents(connection, tools);
    if (!found.isEmpty()) {
      throw new Failure(
          Problem.NOT_EMPTY,
          "The database at %s is not empty: it holds %s. Nothing was changed. Restore into a new database or data directory."
              .formatted(
                  address.place(),
                  String.join(", ", found.subList(0, Math.min(3, found.size())))
                      + (found.size() > 3 ? " and " + (found.size() - 3) + " more" : "")));
    }
    execute(connection, "CREATE SCHEMA " + UNFINISHED);
  }

  /** Tables, views and sequences that no extension brought, and schemas called like ours. */
  private static List<String> contents(Connection connection, List<String> tools)
      throws SQLException {
    List<String> found = new ArrayList<>();
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            SELECT nspname FROM pg_namespace WHERE nspname = ANY (?)
            UNION ALL
            SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f') AND n.nspname <> 'information_schema'
              AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> ALL (?)
              AND NOT EXISTS (SELECT FROM pg_depend d
                WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
            ORDER BY 1
            """)) {
      Object[] ours = OwnTables.schemas(tools).toArray();
      statement.setArray(1, connection.createArrayOf("text", ours));
      statement.setArray(2, connection.createArrayOf("text", ours));
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          found.add(row.getString(1));
        }
      }
    }
    return found;
  }

  private void fill(
      DatabaseAddress address, StoreSettings settings, Connection connection, Instant now)
      throws SQLException, IOException {
    BackupManifest manifest = file.manifest();
    progress.step("Making the tables", TransferProgress.Unit.PIECES, 1);
    Migrations.migrate(address, manifest.schema());
    connection.setAutoCommit(false);
    try {
      RestoredLanding landing = new RestoredLanding(connection, file);
      landing.make();
      load(connection, fitting(connection, manifest));
      landing.check();
      connection.commit();
    } catch (Throwable e) {
      if (!connection.isClosed()) {
        connection.rollback();
      }
      throw e;
    } finally {
      if (!connection.isClosed()) {
        connection.setAutoCommit(true);
      }
    }
    if (manifest.schema() < Migrations.LATEST) {
      progress.step("Bringing them up to date", TransferProgress.Unit.PIECES, 1);
      Migrations.migrate(address, Migrations.LATEST);
    }
    TraitColumns.show(connection);
    ToolViews.show(connection);
    ToolViews.showMembers(connection);
    new Partitions(connection).ensure(now);
    analyze(connection);
    // Last, since a role is not the database's own and would outlive it.
    new ReaderRole(address, settings).ensure(connection);
    execute(connection, "DROP SCHEMA " + UNFINISHED);
  }

  /**
   * The database's tables by name, if they are exactly those of the backup; each after those that
   * it refers to, since what the file says about order is not relied upon.
   */
  private Map<String, OwnTables.Table> fitting(Connection connection, BackupManifest manifest)
      throws SQLException {
    Map<String, OwnTables.Table> there = new LinkedHashMap<>();
    OwnTables.of(connection, manifest.tools()).forEach(table -> there.put(table.name(), table));
    Set<String> named = new HashSet<>();
    for (BackupManifest.Table table : manifest.tables()) {
      OwnTables.Table own = there.get(table.name());
      if (own == null || !new HashSet<>(own.columns()).equals(new HashSet<>(table.columns()))) {
        throw BackupFile.damaged(
            file.path(),
            "%s is not as schema %d has it".formatted(table.name(), manifest.schema()),
            null);
      }
      named.add(table.name());
    }
    if (!named.equals(there.keySet())) {
      throw BackupFile.damaged(
          file.path(), "it lacks a table of schema %d".formatted(manifest.schema()), null);
    }
    return there;
  }

  /** All rows in one transaction; indexes are built after them, which takes half of the time. */
  private void load(Connection connection, Map<String, OwnTables.Table> own)
      throws SQLException, IOException {
    BackupManifest manifest = file.manifest();
    for (BackupManifest.Table table : manifest.tables()) {
      new Partitions(connection).make(table.partitions());
    }
    // Those that the migrations put in are in the backup too, as they are by now.
    execute(connection, "TRUNCATE " + String.join(", ", own.keySet()));
    Map<String, String> indexes = new TreeMap<>();
    for (BackupManifest.Table table : manifest.tables()) {
      if (table.rows() > 0) {
        indexes.putAll(dropIndexes(connection, table.name()));
      }
    }
    progress.step("Loading", TransferProgress.Unit.BYTES, manifest.bytes());
    long done = 0;
    Map<String, BackupManifest.Table> byName =
        manifest.tables().stream()
            .collect(Collectors.toMap(BackupManifest.Table::name, Function.identity()));
    for (String name : own.keySet()) {
      BackupManifest.Table table = Objects.requireNonNull(byName.get(name));
      load(connection, table, done);
      done += table.bytes();
    }
    progress.step("Building the indexes", TransferProgress.Unit.PIECES, indexes.size());
    int built = 0;
    for (String index : indexes.values()) {
      execute(connection, index);
      progress.at(++built);
    }
  }

  private void load(Connection connection, BackupManifest.Table table, long before)
      throws SQLException, IOException {
    String columns =
        table.columns().stream().map(LandingTables::quoted).collect(Collectors.joining(", "));
    String copy =
        "COPY %s (%s) FROM STDIN (FORMAT text, ENCODING 'UTF8')".formatted(table.name(), columns);
    try (BackupFile.Rows rows = file.rows(table, bytes -> progress.at(before + bytes))) {
      connection.unwrap(PGConnection.class).getCopyAPI().copyIn(copy, rows, BackupFile.BLOCK);
      // The file may have changed since it was checked.
      rows.check();
    }
  }

  /**
   * Drops a table's indexes, and its keys unless others refer to them.
   *
   * @return what makes them again, by name
   */
  private static Map<String, String> dropIndexes(Connection connection, String table)
      throws SQLException {
    Map<String, String> again = new TreeMap<>();
    List<String> drops = new ArrayList<>();
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            SELECT true, quote_ident(k.conname), pg_get_constraintdef(k.oid) FROM pg_constraint k
            WHERE k.conrelid = ?::regclass AND k.contype IN ('p', 'u')
              AND NOT EXISTS (SELECT FROM pg_constraint f WHERE f.contype = 'f' AND f.confrelid = k.conrelid)
            UNION ALL
            SELECT false, i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i
            WHERE i.indrelid = ?::regclass
              AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid)
            """)) {
      statement.setString(1, table);
      statement.setString(2, table);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          String name = row.getString(2);
          if (row.getBoolean(1)) {
            drops.add("ALTER TABLE %s DROP CONSTRAINT %s".formatted(table, name));
            again.put(
                table + " " + name,
                "ALTER TABLE %s ADD CONSTRAINT %s %s".formatted(table, name, row.getString(3)));
          } else {
            drops.add("DROP INDEX " + name);
            // Of a partitioned table PostgreSQL shows the index without those of the partitions.
            again.put(table + " " + name, row.getString(3).replaceFirst(" ON ONLY ", " ON "));
          }
        }
      }
    }
    for (String drop : drops) {
      execute(connection, drop);
    }
    return again;
  }

  private void analyze(Connection connection) throws SQLException {
    List<OwnTables.Table> tables = OwnTables.of(connection);
    progress.step("Analyzing", TransferProgress.Unit.PIECES, tables.size());
    int done = 0;
    for (OwnTables.Table table : tables) {
      execute(connection, "ANALYZE " + table.name());
      progress.at(++done);
    }
  }

  /** After a failure; where that fails too, the mark stays and says it all. */
  private static void emptyAgain(Connection connection, Throwable cause) {
    try {
      if (!connection.isClosed()) {
        connection.setAutoCommit(true);
        clear(connection);
      }
    } catch (SQLException e) {
      cause.addSuppressed(e);
    }
  }

  /**
   * The mark goes last, and what names the added tools' schemas after these, so that this may be
   * interrupted too.
   */
  private static void clear(Connection connection) throws SQLException {
    for (String schema : OwnTables.schemas(LandingTables.added(connection))) {
      execute(connection, "DROP SCHEMA IF EXISTS " + schema + " CASCADE");
    }
    execute(connection, "DROP SCHEMA " + UNFINISHED);
  }

  private static boolean truth(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getBoolean(1);
    }
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
