package dev.selfsame.store;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.selfsame.identity.Source;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The runs of a space's warehouse sources: how far each is, what became of it. */
public final class SyncLog {

  /** Of each source. */
  static final int KEPT = 1_000;

  private static final String COLUMNS =
      "r.id, o.name, r.state, r.actor, r.started_at, r.changed_at, r.counts, r.error";

  /** How far a run has come. */
  public enum State {
    RUNNING,
    DONE,
    FAILED,
    /** It was stopped, or who ran it ended. */
    INTERRUPTED,
    /** Somebody wanted it to end. */
    CANCELLED;

    @JsonValue
    public String code() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * A run.
   *
   * @param counts JSON, as {@code error} is
   */
  public record Entry(
      UUID id,
      String source,
      State state,
      String actor,
      Instant startedAt,
      Instant changedAt,
      String counts,
      @Nullable String error) {}

  private final Database database;
  private final String space;

  public SyncLog(Database database, String space) {
    this.database = database;
    this.space = space;
  }

  /**
   * Begins a run. The caller has the source's {@link StoredSyncs#turn}: one that is said to run has
   * nobody who runs it.
   */
  public void begin(UUID id, Source source, String actor, Instant now, String counts) {
    interrupt(source);
    database.write(handle -> {
      handle
          .createUpdate(
              """
              DELETE FROM selfsame.sync_run WHERE id IN (SELECT id FROM selfsame.sync_run WHERE source = :source
                AND space = (SELECT number FROM selfsame.space WHERE name = :space)
                ORDER BY started_at DESC, id OFFSET :kept)
              """)
          .bind("source", source.number())
          .bind("space", space)
          .bind("kept", KEPT - 1)
          .execute();
      return handle
          .createUpdate(
              """
              INSERT INTO selfsame.sync_run (id, space, source, state, actor, started_at, changed_at, counts)
              SELECT :id, number, :source, 'running', :actor, :now, :now, :counts::jsonb FROM selfsame.space WHERE name = :space
              """)
          .bind("id", id)
          .bind("source", source.number())
          .bind("actor", actor)
          .bind("now", Timestamp.from(now))
          .bind("counts", counts)
          .bind("space", space)
          .execute();
    });
  }

  /** Notes that a run which is said to go on was left; the caller has the source's turn. */
  public void interrupt(Source source) {
    database.write(handle ->
        handle
            .createUpdate(
                """
                UPDATE selfsame.sync_run SET state = 'interrupted'
                WHERE state = 'running' AND source = :source
                  AND space = (SELECT number FROM selfsame.space WHERE name = :space)
                """)
            .bind("source", source.number())
            .bind("space", space)
            .execute());
  }

  /**
   * Says how far a run is, or how it ended.
   *
   * @return whether somebody wants it to end
   */
  public boolean change(UUID id, State state, Instant now, String counts, @Nullable String error) {
    return database.write(handle ->
        handle
            .createQuery(
                "UPDATE selfsame.sync_run SET state = :state, changed_at = :now, counts ="
                    + " :counts::jsonb, error = :error::jsonb WHERE id = :id RETURNING cancelled_by"
                    + " IS NOT NULL")
            .bind("state", state.code())
            .bind("now", Timestamp.from(now))
            .bind("counts", counts)
            .bind("error", error)
            .bind("id", id)
            .mapTo(Boolean.class)
            .findOne()
            .orElse(false));
  }

  /** Has a source's run end, whichever server runs it; null: none is under way. */
  public @Nullable UUID cancel(Source source, String actor) {
    return database.write(handle ->
        handle
            .createQuery(
                """
                UPDATE selfsame.sync_run SET cancelled_by = :actor WHERE state = 'running' AND source = :source
                  AND space = (SELECT number FROM selfsame.space WHERE name = :space) RETURNING id
                """)
            .bind("actor", actor)
            .bind("source", source.number())
            .bind("space", space)
            .mapTo(UUID.class)
            .findOne()
            .orElse(null));
  }

  /** The latest runs of a source, the newest first. */
  public List<Entry> list(Source source, int limit) {
    return database.read(handle ->
        handle
            .createQuery(
                "SELECT "
                    + COLUMNS
                    + " FROM selfsame.sync_run r JOIN selfsame.source o ON o.space = r.space AND"
                    + " o.number = r.source WHERE r.source = :source AND r.space = (SELECT number"
                    + " FROM selfsame.space WHERE name = :space) ORDER BY r.started_at DESC, r.id"
                    + " LIMIT :limit")
            .bind("source", source.number())
            .bind("space", space)
            .bind("limit", limit)
            .map((row, context) -> entry(row))
            .list());
  }

  /** The latest run of each source that ever ran. */
  public List<Entry> latest() {
    return database.read(handle ->
        handle
            .createQuery(
                "SELECT "
                    + COLUMNS
                    + " FROM selfsame.source o CROSS JOIN LATERAL (SELECT * FROM selfsame.sync_run"
                    + " WHERE source = o.number AND space = o.space ORDER BY started_at DESC, id"
                    + " LIMIT 1) r WHERE o.channel = 'warehouse' AND o.space = (SELECT number FROM"
                    + " selfsame.space WHERE name = :space) ORDER BY o.name")
            .bind("space", space)
            .map((row, context) -> entry(row))
            .list());
  }

  /** One run; null: there is none. */
  public @Nullable Entry get(UUID id) {
    return database.read(handle ->
        handle
            .createQuery(
                "SELECT "
                    + COLUMNS
                    + " FROM selfsame.sync_run r JOIN selfsame.source o ON o.space = r.space AND"
                    + " o.number = r.source WHERE r.id = :id AND r.space = (SELECT number FROM"
                    + " selfsame.space WHERE name = :space)")
            .bind("space", space)
            .bind("id", id)
            .map((row, context) -> entry(row))
            .findOne()
            .orElse(null));
  }

  private static Entry entry(ResultSet row) throws SQLException {
    return new Entry(
        row.getObject("id", UUID.class),
        row.getString("name"),
        State.valueOf(row.getString("state").toUpperCase(Locale.ROOT)),
        row.getString("actor"),
        row.getTimestamp("started_at").toInstant(),
        row.getTimestamp("changed_at").toInstant(),
        row.getString("counts"),
        row.getString("error"));
  }
}
