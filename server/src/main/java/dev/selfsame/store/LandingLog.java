package dev.selfsame.store;

import com.fasterxml.jackson.annotation.JsonValue;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The landings of the last while, wherever they were started: how each was asked for, how far it
 * is, what became of it. Whoever runs one keeps its entry; nobody finishes another's.
 */
public final class LandingLog {

  /** The newest stay, however old; others for a while. */
  static final int KEPT = 1_000;

  static final Duration KEPT_FOR = Duration.ofDays(30);

  private static final String COLUMNS =
      "id, tool, name, origin, actor, state, created_at, changed_at, request, counts, error";

  /** How far a landing has come. */
  public enum State {
    /** Another one runs. */
    WAITING,
    /** Rows are read, checked and made part of the table. */
    LANDING,
    /** The table has them; what they claim is decided. */
    DECIDING,
    DONE,
    /** Something is wrong with what was sent or asked for. */
    FAILED,
    /** It was stopped, or who ran it ended. */
    INTERRUPTED;

    /** Whether nothing more comes of it. */
    public boolean finished() {
      return this == DONE || this == FAILED || this == INTERRUPTED;
    }

    @JsonValue
    public String code() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * A landing.
   *
   * @param name the table's, as the store calls it
   * @param origin what ran it, such as {@code rest} or {@code cli}
   * @param actor who asked for it
   * @param changedAt when its entry last changed
   * @param request how it was asked for: JSON, as {@code counts} and {@code error} are
   */
  public record Entry(
      UUID id,
      String tool,
      String name,
      String origin,
      String actor,
      State state,
      Instant createdAt,
      Instant changedAt,
      String request,
      String counts,
      @Nullable String error) {}

  private final Database database;

  public LandingLog(Database database) {
    this.database = database;
  }

  /** Adds an entry, and forgets those that are old enough. */
  public void begin(Entry entry) {
    database.write(handle -> {
      handle
          .createUpdate(
              """
              DELETE FROM selfsame.landing WHERE created_at < :end AND created_at <
                (SELECT created_at FROM selfsame.landing ORDER BY created_at DESC OFFSET :kept LIMIT 1)
              """)
          .bind("end", Timestamp.from(entry.createdAt().minus(KEPT_FOR)))
          .bind("kept", KEPT - 1)
          .execute();
      return handle
          .createUpdate(
              """
              INSERT INTO selfsame.landing (%s)
              VALUES (:id, :tool, :name, :origin, :actor, :state, :created, :changed, :request::jsonb, :counts::jsonb, :error::jsonb)
              """
                  .formatted(COLUMNS))
          .bind("id", entry.id())
          .bind("tool", entry.tool())
          .bind("name", entry.name())
          .bind("origin", entry.origin())
          .bind("actor", entry.actor())
          .bind("state", entry.state().code())
          .bind("created", Timestamp.from(entry.createdAt()))
          .bind("changed", Timestamp.from(entry.changedAt()))
          .bind("request", entry.request())
          .bind("counts", entry.counts())
          .bind("error", entry.error())
          .execute();
    });
  }

  /**
   * Says how far a landing is, or how it ended.
   *
   * @return false when somebody had it forgotten
   */
  public boolean change(
      UUID id, State state, Instant changedAt, String counts, @Nullable String error) {
    return database.write(handle ->
        handle
                .createUpdate(
                    """
                    UPDATE selfsame.landing
                    SET state = :state, changed_at = :changed, counts = :counts::jsonb, error = :error::jsonb
                    WHERE id = :id
                    """)
                .bind("state", state.code())
                .bind("changed", Timestamp.from(changedAt))
                .bind("counts", counts)
                .bind("error", error)
                .bind("id", id)
                .execute()
            == 1);
  }

  /** Null where there is none of that id. */
  public @Nullable Entry find(UUID id) {
    return database.read(handle ->
        handle
            .createQuery("SELECT %s FROM selfsame.landing WHERE id = :id".formatted(COLUMNS))
            .bind("id", id)
            .map((row, context) -> entry(row))
            .findOne()
            .orElse(null));
  }

  /**
   * Landings, newest first.
   *
   * @param before only those created before, or in the same moment with a smaller id; null: all
   */
  public List<Entry> list(@Nullable Instant before, @Nullable UUID beforeId, int limit) {
    return database.read(handle ->
        handle
            .createQuery(
                """
                SELECT %s FROM selfsame.landing
                WHERE :before::timestamptz IS NULL OR (created_at, id) < (:before::timestamptz, :id::uuid)
                ORDER BY created_at DESC, id DESC LIMIT :limit
                """
                    .formatted(COLUMNS))
            .bind("before", before == null ? null : before.toString())
            .bind("id", beforeId)
            .bind("limit", limit)
            .map((row, context) -> entry(row))
            .list());
  }

  /** Takes an entry away; false where there is none of that id. */
  public boolean forget(UUID id) {
    return database.write(handle ->
        handle.createUpdate("DELETE FROM selfsame.landing WHERE id = :id").bind("id", id).execute()
            == 1);
  }

  private static Entry entry(ResultSet row) throws SQLException {
    return new Entry(
        row.getObject("id", UUID.class),
        row.getString("tool"),
        row.getString("name"),
        row.getString("origin"),
        row.getString("actor"),
        State.valueOf(row.getString("state").toUpperCase(Locale.ROOT)),
        row.getTimestamp("created_at").toInstant(),
        row.getTimestamp("changed_at").toInstant(),
        row.getString("request"),
        row.getString("counts"),
        row.getString("error"));
  }
}
