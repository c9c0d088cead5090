package dev.selfsame.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * The settings of a connection that carries whole tables: values are written as every PostgreSQL
 * reads them, rows come in the order in which they lie, and no time limit of the server's cuts in.
 */
final class TransferSession {

  private TransferSession() {}

  static void prepare(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          """
          SET timezone = 'UTC';
          SET datestyle = 'ISO, YMD';
          SET intervalstyle = 'postgres';
          SET bytea_output = 'hex';
          SET extra_float_digits = 1;
          SET synchronize_seqscans = off
          """);
      // Not every version has each of them.
      statement.execute(
          """
          SELECT set_config(name, '0', false) FROM pg_settings WHERE name IN ('statement_timeout', 'lock_timeout',
            'idle_in_transaction_session_timeout', 'idle_session_timeout', 'transaction_timeout')
          """);
    }
  }
}
