package dev.selfsame.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.sql.Array;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Reads the ledger of one space in its order. Rows are only ever added, but for erasures. */
public final class StoredLedger {

  static final String COLUMNS =
      "l.position, l.at, l.said_at, l.source, l.policy, l.part, l.outcome, l.rule, l.reason,"
          + " l.checks, l.flags, l.warnings, l.payload";

  private final Database database;
  private final String space;

  public StoredLedger(Database database, String space) {
    this.database = database;
    this.space = space;
  }

  /** What claims are decided under now. */
  public SpaceSettings settings() {
    return database.read(handle -> SpaceSettings.read(handle.getConnection(), space));
  }

  /**
   * What claims were decided under in a version of the policy: its settings, and its sources as
   * they were set then. A version from before sources were kept with it has them as they are now.
   */
  public SpaceSettings settings(int version) {
    return database.read(handle -> SpaceSettings.read(handle.getConnection(), space, version));
  }

  /**
   * The next rows.
   *
   * @param after rows behind this position
   * @param to rows up to this position
   */
  public List<LedgerLine> rows(int spaceNumber, long after, long to, int limit) {
    return database.read(handle -> {
      try (PreparedStatement statement =
          handle
              .getConnection()
              .prepareStatement(
                  "SELECT "
                      + COLUMNS
                      + " FROM selfsame.ledger l WHERE l.space = ? AND l.position > ? AND"
                      + " l.position <= ? ORDER BY l.position LIMIT ?")) {
        statement.setInt(1, spaceNumber);
        statement.setLong(2, after);
        statement.setLong(3, to);
        statement.setInt(4, limit);
        List<LedgerLine> rows = new ArrayList<>();
        try (ResultSet row = statement.executeQuery()) {
          while (row.next()) {
            rows.add(row(row));
          }
        }
        return rows;
      }
    });
  }

  /** What became of a message, by the hashes of its name and content; null: it is not known. */
  public @Nullable LedgerLine message(long place, long name, long content) {
    return database.read(handle -> {
      try (PreparedStatement statement =
          handle
              .getConnection()
              .prepareStatement(
                  "SELECT "
                      + COLUMNS
                      + " FROM selfsame.ledger l JOIN selfsame.space s ON s.number = l.space"
                      + " WHERE s.name = ? AND l.position = (SELECT max(k.position) FROM"
                      + " selfsame.message_key k WHERE k.space = s.number AND k.place = ? AND k.id"
                      + " = ? AND k.content = ?)")) {
        statement.setString(1, space);
        statement.setLong(2, place);
        statement.setLong(3, name);
        statement.setLong(4, content);
        try (ResultSet row = statement.executeQuery()) {
          return row.next() ? row(row) : null;
        }
      }
    });
  }

  static LedgerLine row(ResultSet row) throws SQLException {
    String payload = row.getString(13);
    return new LedgerLine(
        row.getLong(1),
        row.getLong(2),
        row.getLong(3),
        row.getInt(4),
        row.getInt(5),
        row.getObject(6, UUID.class),
        row.getString(7),
        row.getString(8),
        row.getString(9),
        texts(row.getArray(10)),
        texts(row.getArray(11)),
        texts(row.getArray(12)),
        payload == null ? null : payload.getBytes(UTF_8));
  }

  private static List<String> texts(@Nullable Array array) throws SQLException {
    return array == null ? List.of() : List.of((String[]) array.getArray());
  }

  /** Parts that had to do with erased ones, and are there still. */
  public Set<UUID> touched(int spaceNumber) {
    return database.read(handle ->
        handle
            .createQuery("SELECT part FROM selfsame.erasure_touched WHERE space = :space")
            .bind("space", spaceNumber)
            .mapTo(UUID.class)
            .set());
  }

  /** The live users that parts belong to. */
  public Set<UUID> live(int spaceNumber, Collection<UUID> parts) {
    return database.read(handle ->
        handle
            .createQuery(
                "SELECT DISTINCT coalesce(merged_into, id) FROM selfsame.part WHERE space = :space"
                    + " AND id = ANY(:parts)")
            .bind("space", spaceNumber)
            .bindArray("parts", UUID.class, List.copyOf(parts))
            .mapTo(UUID.class)
            .set());
  }

  /** From which position on which hashed identifiers are barred. */
  public Map<ByteBuffer, Long> suppressed(int spaceNumber) {
    return database.read(handle -> {
      Map<ByteBuffer, Long> suppressed = new HashMap<>();
      handle
          .createQuery("SELECT hash, position FROM selfsame.suppression WHERE space = :space")
          .bind("space", spaceNumber)
          .map((row, context) -> {
            suppressed.put(ByteBuffer.wrap(row.getBytes(1)), row.getLong(2));
            return true;
          })
          .list();
      return suppressed;
    });
  }
}
