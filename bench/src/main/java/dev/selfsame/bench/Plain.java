package dev.selfsame.bench;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * What COPY alone does with the tables that a hub fills: out of them into memory, and from memory
 * into clones with the same indexes, in one transaction each, in binary form.
 *
 * @param out seconds
 * @param in seconds
 */
record Plain(double out, double in) {

  private static final List<String> TABLES = List.of("part", "identifier", "ledger", "message_key");
  private static final String CLONES = "bench_plain";

  static Plain measure(HubDatabase database) {
    database.execute("DROP SCHEMA IF EXISTS " + CLONES + " CASCADE");
    database.execute("CREATE SCHEMA " + CLONES);
    for (String table : TABLES) {
      database.execute(
          "CREATE TABLE %s.%s (LIKE selfsame.%s INCLUDING ALL)".formatted(CLONES, table, table));
    }
    database.execute("CHECKPOINT");
    try {
      List<Captured> captured = new ArrayList<>();
      long start = System.nanoTime();
      for (String table : TABLES) {
        captured.add(
            Captured.of(
                database.connection(), table, "SELECT * FROM selfsame." + table, 1 << 20, 16));
      }
      double out = (System.nanoTime() - start) / 1e9;
      database.connection().setAutoCommit(false);
      start = System.nanoTime();
      for (Captured table : captured) {
        table.copyInto(database.connection(), CLONES, 0, table.pieces());
      }
      database.connection().commit();
      double in = (System.nanoTime() - start) / 1e9;
      database.connection().setAutoCommit(true);
      // They must not be in the backup's way.
      database.execute("DROP SCHEMA " + CLONES + " CASCADE");
      database.execute("CHECKPOINT");
      return new Plain(out, in);
    } catch (SQLException e) {
      throw new Failed("COPY could not be measured: " + e.getMessage(), e);
    }
  }
}
