package dev.selfsame.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The hub's own PostgreSQL, as its superuser: to fill it, to count in it, and to measure COPY in
 * it.
 */
final class HubDatabase implements AutoCloseable {

  /** Settings that a reader of the figures must know. */
  private static final List<String> TELLING =
      List.of(
          "fsync",
          "synchronous_commit",
          "full_page_writes",
          "data_checksums",
          "shared_buffers",
          "max_wal_size",
          "checkpoint_timeout",
          "wal_compression");

  private final Connection connection;

  /** The database of a data directory whose hub runs. */
  static HubDatabase of(Path data) {
    return new HubDatabase(connect(data, "selfsame"));
  }

  /** What its superuser signs in with. */
  static String password(Path data) {
    try {
      return Files.readString(data.resolve("postgres").resolve("password")).strip();
    } catch (IOException e) {
      throw new Failed("The hub's database in " + data + " could not be opened: " + e, e);
    }
  }

  /** A connection to a database of this name in the hub's PostgreSQL. */
  static Connection connect(Path data, String name) {
    try {
      String password = password(data);
      int port = Integer.parseInt(Files.readAllLines(Hub.pidFile(data)).get(3).strip());
      String url = "jdbc:postgresql://127.0.0.1:" + port + "/" + name;
      return DriverManager.getConnection(url, "selfsame", password);
    } catch (IOException | SQLException e) {
      throw new Failed(
          "The hub's database in " + data + " could not be opened: " + e.getMessage(), e);
    }
  }

  HubDatabase(Connection connection) {
    this.connection = connection;
  }

  Connection connection() {
    return connection;
  }

  long number(String sql) {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getLong(1);
    } catch (SQLException e) {
      throw new Failed(sql + ": " + e.getMessage(), e);
    }
  }

  /** The first column of the first row. */
  String text(String sql) {
    return counts("SELECT found::text, 1 FROM (" + sql + ") AS one (found)").keySet().stream()
        .findFirst()
        .orElseThrow(() -> new Failed(sql + ": found nothing"));
  }

  void execute(String sql) {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new Failed(sql + ": " + e.getMessage(), e);
    }
  }

  /** The first column's values with the second's numbers. */
  Map<String, Long> counts(String sql) {
    Map<String, Long> counts = new LinkedHashMap<>();
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      while (row.next()) {
        counts.put(row.getString(1), row.getLong(2));
      }
      return counts;
    } catch (SQLException e) {
      throw new Failed(sql + ": " + e.getMessage(), e);
    }
  }

  long position() {
    return number("SELECT position FROM selfsame.space WHERE number = 1");
  }

  /** Bytes of write-ahead log since the database was made. */
  long walBytes() {
    return number("SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')");
  }

  long checkpoints() {
    int version = (int) number("SELECT current_setting('server_version_num')::int");
    return number(
        version >= 170_000
            ? "SELECT num_timed + num_requested FROM pg_stat_checkpointer"
            : "SELECT checkpoints_timed + checkpoints_req FROM pg_stat_bgwriter");
  }

  /** Version and settings in a line. */
  String facts() {
    List<String> settings = new ArrayList<>();
    String version;
    try (Statement statement = connection.createStatement()) {
      try (ResultSet row = statement.executeQuery("SELECT current_setting('server_version')")) {
        row.next();
        version = row.getString(1);
      }
      for (String name : TELLING) {
        try (ResultSet row = statement.executeQuery("SELECT current_setting('" + name + "')")) {
          row.next();
          settings.add(name + "=" + row.getString(1));
        }
      }
    } catch (SQLException e) {
      throw new Failed("The settings could not be read: " + e.getMessage(), e);
    }
    return "PostgreSQL " + version + " (" + String.join(", ", settings) + ")";
  }

  @Override
  public void close() {
    try {
      connection.close();
    } catch (SQLException e) {
      Progress.say("The connection was not closed: %s", e.getMessage());
    }
  }
}
