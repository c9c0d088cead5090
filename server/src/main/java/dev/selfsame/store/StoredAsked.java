package dev.selfsame.store;

import dev.selfsame.access.Actor;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What members asked in SQL, the last of each. */
public final class StoredAsked {

  /** How many are kept of each member. */
  public static final int KEPT = 50;

  /**
   * Something that was asked.
   *
   * @param outcome answered, failed or cancelled; null: it runs, or the server stopped meanwhile
   * @param tookMillis null: as above
   * @param rows null: there was no answer
   */
  public record Asked(
      UUID id,
      String sql,
      Instant at,
      @Nullable String outcome,
      @Nullable Long tookMillis,
      @Nullable Integer rows) {}

  private static final String SELECT =
      "SELECT id, sql, asked_at, outcome, took_millis, row_count FROM selfsame.asked WHERE member ="
          + " :member ";

  private final Database database;

  public StoredAsked(Database database) {
    this.database = database;
  }

  /** Notes what a member asks, and forgets what is too old. */
  public void begin(UUID member, UUID id, String sql, Instant now) {
    database.write(handle -> {
      handle
          .createUpdate(
              "INSERT INTO selfsame.asked (id, member, sql, asked_at) VALUES (:id, :member, :sql,"
                  + " :now)")
          .bind("id", id)
          .bind("member", member)
          .bind("sql", sql)
          .bind("now", Timestamp.from(now))
          .execute();
      handle
          .createUpdate(
              """
              DELETE FROM selfsame.asked WHERE member = :member AND id NOT IN (
                SELECT id FROM selfsame.asked WHERE member = :member ORDER BY asked_at DESC, id LIMIT :kept)
              """)
          .bind("member", member)
          .bind("kept", KEPT)
          .execute();
      return true;
    });
  }

  /** Notes what became of it, unless it was forgotten meanwhile. */
  public void end(UUID id, String outcome, long tookMillis, @Nullable Integer rows) {
    database.write(handle ->
        handle
            .createUpdate(
                "UPDATE selfsame.asked SET outcome = :outcome, took_millis = :took, row_count ="
                    + " :rows::integer WHERE id = :id")
            .bind("id", id)
            .bind("outcome", outcome)
            .bind("took", tookMillis)
            .bind("rows", rows)
            .execute());
  }

  /** What a member asked, the newest first. */
  public List<Asked> list(UUID member) {
    return database.read(handle ->
        handle
            .createQuery(SELECT + "ORDER BY asked_at DESC, id")
            .bind("member", member)
            .map((row, context) -> asked(row))
            .list());
  }

  /** The one of a member that is called so; null if it is not there any more. */
  public @Nullable Asked find(UUID member, UUID id) {
    return database.read(handle ->
        handle
            .createQuery(SELECT + "AND id = :id")
            .bind("member", member)
            .bind("id", id)
            .map((row, context) -> asked(row))
            .findOne()
            .orElse(null));
  }

  /** Notes in the list of what people did that a question was saved. */
  public void noteSaved(String name, Actor actor, Instant now) {
    database.write(handle -> {
      ActLog.note(handle, "save_question", actor, now, Map.of("name", name));
      return true;
    });
  }

  private static Asked asked(ResultSet row) throws SQLException {
    long took = row.getLong(5);
    boolean ended = !row.wasNull();
    int rows = row.getInt(6);
    boolean answered = !row.wasNull();
    return new Asked(
        row.getObject(1, UUID.class),
        row.getString(2),
        row.getTimestamp(3).toInstant(),
        row.getString(4),
        ended ? took : null,
        answered ? rows : null);
  }
}
