package dev.selfsame.store;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.internal.exception.FlywaySqlException;

/**
 * Brings the schema up to this program. Servers that start together wait for each other by Flyway's
 * lock. When there is nothing to do, as at almost every start, Flyway is not even loaded.
 */
final class Migrations {

  /** The newest version in {@code db/migration}; a test compares. */
  static final int LATEST = 28;

  private static final int NONE = 0;

  private Migrations() {}

  static void run(DatabaseAddress address, Connection connection) throws SQLException {
    if (known(address, connection) < LATEST) {
      migrate(address, LATEST);
    }
  }

  /**
   * The schema's version, which this program knows; 0 if there is none yet.
   *
   * @throws Failure if it is newer, or a restore into the database came to no end
   */
  static int known(DatabaseAddress address, Connection connection) throws SQLException {
    int found = version(connection);
    if (Restore.unfinished(connection)) {
      throw new Failure(
          Problem.RESTORE_UNFINISHED,
          "A restore into the database at %s did not come to its end. Run selfsame restore again: it begins anew."
              .formatted(address.place()));
    }
    if (found > LATEST) {
      throw new Failure(
          Problem.STORE_UNFIT,
          "The database at %s was written by a newer Selfsame (schema %d; this one knows %d). Start that one."
              .formatted(address.place(), found, LATEST));
    }
    return found;
  }

  /** The schema's version; 0 if there is none yet. */
  static int version(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      try (ResultSet table =
          statement.executeQuery("SELECT to_regclass('selfsame.migration') IS NOT NULL")) {
        table.next();
        if (!table.getBoolean(1)) {
          return NONE;
        }
      }
      try (ResultSet newest =
          statement.executeQuery(
              "SELECT coalesce(max(version::int), 0) FROM selfsame.migration WHERE success")) {
        newest.next();
        return newest.getInt(1);
      }
    }
  }

  /** Brings the schema to a version. */
  static void migrate(DatabaseAddress address, int version) {
    try {
      Flyway.configure()
          .dataSource(address.url(), address.user(), address.password())
          .locations("classpath:db/migration")
          .defaultSchema("selfsame")
          .table("migration")
          .createSchemas(true)
          .target(Integer.toString(version))
          .lockRetryCount(-1)
          .load()
          .migrate();
    } catch (FlywaySqlException e) {
      if (e.getCause() instanceof SQLException cause) {
        throw StoreFailures.of(cause, address);
      }
      throw unfit(address, e);
    } catch (FlywayException e) {
      throw unfit(address, e);
    }
  }

  private static Failure unfit(DatabaseAddress address, FlywayException cause) {
    for (Throwable next = cause; next != null; next = next.getCause()) {
      if (next instanceof SQLException sql && StoreFailures.NOT_ALLOWED.equals(sql.getSQLState())) {
        return StoreFailures.rights(address, StoreFailures.said(sql), sql);
      }
    }
    return new Failure(
        Problem.STORE_UNFIT,
        "The schema of the database at %s cannot be brought up to date: %s"
            .formatted(address.place(), StoreFailures.said(cause)),
        0,
        cause);
  }
}
