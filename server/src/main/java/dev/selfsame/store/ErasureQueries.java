package dev.selfsame.store;

import dev.selfsame.identity.Identifier;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What stays of erasures: receipts, and what they bar. */
public final class ErasureQueries {

  /**
   * A receipt.
   *
   * @param id its place in the ledger
   * @param by who asked for it, or {@code source:NAME} of an event
   * @param suppress whether what was erased may not come back
   * @param counts rows that went, by table, and how many users and identifiers
   */
  public record Erasure(
      long id,
      Instant erasedAt,
      String by,
      @Nullable String from,
      String code,
      boolean suppress,
      Map<String, Long> counts) {}

  /**
   * Something that may not come back.
   *
   * @param id the keyed hash of the identifier
   * @param erasure the id of the erasure that barred it
   */
  public record Suppression(String id, Instant since, long erasure) {}

  private static final String ERASURES =
      """
      SELECT e.position, e.at, e.rule, e.suppressed, e.counts, l.payload::jsonb ->> 'by', l.payload::jsonb ->> 'origin', o.name
      FROM selfsame.erasure e JOIN selfsame.source o ON o.space = e.space AND o.number = e.source
      LEFT JOIN selfsame.ledger l ON l.space = e.space AND l.position = e.position AND l.at = e.at
      WHERE e.space = :space AND %s ORDER BY e.position DESC LIMIT :limit
      """;

  private final Database database;
  private final String space;

  public ErasureQueries(Database database, String space) {
    this.database = database;
    this.space = space;
  }

  /** Null where there is none of that id. */
  public @Nullable Erasure find(long id) {
    return database.read(handle ->
        handle
            .createQuery(ERASURES.formatted("e.position = :id"))
            .bind("space", settings(handle.getConnection()).number())
            .bind("id", id)
            .bind("limit", 1)
            .map((row, context) -> erasure(row))
            .findOne()
            .orElse(null));
  }

  /**
   * Erasures, the newest first.
   *
   * @param before only those of smaller ids; null: all
   */
  public List<Erasure> list(@Nullable Long before, int limit) {
    return database.read(handle ->
        handle
            .createQuery(ERASURES.formatted("e.position < :before"))
            .bind("space", settings(handle.getConnection()).number())
            .bind("before", before == null ? Long.MAX_VALUE : before)
            .bind("limit", limit)
            .map((row, context) -> erasure(row))
            .list());
  }

  private static Erasure erasure(ResultSet row) throws SQLException {
    String by = row.getString(6);
    return new Erasure(
        row.getLong(1),
        Instant.EPOCH.plus(row.getLong(2), ChronoUnit.MICROS),
        by == null ? "source:" + row.getString(8) : by,
        row.getString(7),
        row.getString(3),
        row.getBoolean(4),
        counts(row.getString(5)));
  }

  /** Counts that were written as JSON. */
  public static Map<String, Long> counts(String json) {
    Map<String, Long> counts = new TreeMap<>();
    Json.MAPPER.readTree(json).forEachEntry((table, count) -> counts.put(table, count.asLong()));
    return counts;
  }

  /** What bars the identifier; null: nothing does. */
  public @Nullable Suppression suppression(Identifier identifier) {
    return database.read(handle -> {
      SpaceSettings settings = settings(handle.getConnection());
      return handle
          .createQuery(
              "SELECT hash, at, position FROM selfsame.suppression WHERE space = :space AND hash ="
                  + " :hash")
          .bind("space", settings.number())
          .bind("hash", Hashes.of(settings.secret(), identifier))
          .map((row, context) -> suppression(row))
          .findOne()
          .orElse(null);
    });
  }

  /**
   * All that is barred, the newest first.
   *
   * @param after the last of the page before, or null
   */
  public List<Suppression> suppressions(@Nullable Suppression after, int limit) {
    return database.read(handle ->
        handle
            .createQuery(
                """
                SELECT hash, at, position FROM selfsame.suppression
                WHERE space = :space AND (position < :position OR (position = :position AND hash > :hash))
                ORDER BY position DESC, hash LIMIT :limit
                """)
            .bind("space", settings(handle.getConnection()).number())
            .bind("position", after == null ? Long.MAX_VALUE : after.erasure())
            .bind("hash", after == null ? new byte[0] : Hashes.hash(after.id()))
            .bind("limit", limit)
            .map((row, context) -> suppression(row))
            .list());
  }

  private static Suppression suppression(ResultSet row) throws SQLException {
    return new Suppression(
        Hashes.hex(row.getBytes(1)),
        Instant.EPOCH.plus(row.getLong(2), ChronoUnit.MICROS),
        row.getLong(3));
  }

  private SpaceSettings settings(Connection connection) throws SQLException {
    return SpaceSettings.read(connection, space);
  }
}
