package dev.selfsame.store;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;

/**
 * The state of a database, as it is found and without changing anything.
 *
 * @param schema the version of the program's schema; 0 if there is none
 * @param programSchema the version that this program brings
 * @param skew how far the database's clock is ahead of the program's
 * @param missingPartitions those of the ledger and the message keys that should be there by now
 * @param readerDefects what is wrong with the readers' login, in words
 */
public record Inspection(
    String version,
    boolean versionSupported,
    String encoding,
    boolean fsync,
    boolean fullPageWrites,
    boolean synchronousCommit,
    int schema,
    int programSchema,
    Duration skew,
    List<String> missingPartitions,
    List<String> readerDefects) {

  public Inspection {
    missingPartitions = List.copyOf(missingPartitions);
    readerDefects = List.copyOf(readerDefects);
  }

  /** Looks at the database. */
  public static Inspection of(
      DatabaseAddress address, StoreSettings settings, InstantSource clock) {
    try (Connection connection = Database.plain(address, settings, "doctor")) {
      int schema = version(address, connection);
      boolean current = schema == Migrations.LATEST;
      return look(
          connection,
          clock,
          schema,
          current ? Partitions.missing(connection, clock.instant()) : List.of(),
          current ? ReaderRole.defects(connection) : List.of());
    } catch (SQLException e) {
      throw StoreFailures.of(e, address);
    }
  }

  /**
   * A newer schema is for the caller to say; a restore without an end leaves nothing to look at.
   */
  private static int version(DatabaseAddress address, Connection connection) throws SQLException {
    int schema = Migrations.version(connection);
    return schema > Migrations.LATEST ? schema : Migrations.known(address, connection);
  }

  private static Inspection look(
      Connection connection,
      InstantSource clock,
      int schema,
      List<String> missing,
      List<String> defects)
      throws SQLException {
    try (Statement statement = connection.createStatement()) {
      Instant before = clock.instant();
      try (ResultSet row =
          statement.executeQuery(
              """
              SELECT clock_timestamp(), current_setting('server_version'), current_setting('server_version_num')::int,
                current_setting('server_encoding'), current_setting('fsync'), current_setting('full_page_writes'),
                current_setting('synchronous_commit')
              """)) {
        row.next();
        Instant after = clock.instant();
        Instant middle = before.plus(Duration.between(before, after).dividedBy(2));
        return new Inspection(
            row.getString(2),
            row.getInt(3) >= Database.OLDEST_POSTGRES * 10_000,
            row.getString(4),
            row.getString(5).equals("on"),
            row.getString(6).equals("on"),
            !row.getString(7).equals("off"),
            schema,
            Migrations.LATEST,
            Duration.between(middle, row.getTimestamp(1).toInstant()),
            missing,
            defects);
      }
    }
  }
}
