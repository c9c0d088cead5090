package dev.selfsame.store;

import com.fasterxml.jackson.annotation.JsonValue;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The runs of a space's publications, and how each ended. */
public final class PublicationLog {

  /** Of each publication. */
  static final int KEPT = 100;

  private static final String COLUMNS =
      "id, publication, state, actor, started_at, changed_at, counts, error";

  /** How far a run has come. */
  public enum State {
    RUNNING,
    DONE,
    FAILED,
    /** Who ran it ended. */
    INTERRUPTED;

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
      String publication,
      State state,
      String actor,
      Instant startedAt,
      Instant changedAt,
      String counts,
      @Nullable String error) {}

  private final Database database;
  private final String space;

  public PublicationLog(Database database, String space) {
    this.database = database;
    this.space = space;
  }

  /**
   * Begins a run. The caller has the publication's {@link StoredPublications#turn}: one that is
   * said to run has nobody who runs it.
   */
  public void begin(UUID id, String publication, String actor, Instant now, String counts) {
    interrupt(publication);
    database.write(handle -> {
      handle
          .createUpdate(
              """
              DELETE FROM selfsame.publication_run WHERE id IN (SELECT id FROM selfsame.publication_run
                WHERE publication = :publication AND space = (SELECT number FROM selfsame.space WHERE name = :space)
                ORDER BY started_at DESC, id OFFSET :kept)
              """)
          .bind("publication", publication)
          .bind("space", space)
          .bind("kept", KEPT - 1)
          .execute();
      return handle
          .createUpdate(
              """
              INSERT INTO selfsame.publication_run (id, space, publication, state, actor, started_at, changed_at, counts)
              SELECT :id, number, :publication, 'running', :actor, :now, :now, :counts::jsonb
              FROM selfsame.space WHERE name = :space
              """)
          .bind("id", id)
          .bind("publication", publication)
          .bind("actor", actor)
          .bind("now", Timestamp.from(now))
          .bind("counts", counts)
          .bind("space", space)
          .execute();
    });
  }

  /** Notes that a run which is said to go on was left; the caller has the publication's turn. */
  public void interrupt(String publication) {
    database.write(handle ->
        handle
            .createUpdate(
                "UPDATE selfsame.publication_run SET state = 'interrupted' WHERE state = 'running'"
                    + " AND publication = :publication AND space = (SELECT number FROM"
                    + " selfsame.space WHERE name = :space)")
            .bind("publication", publication)
            .bind("space", space)
            .execute());
  }

  /** Says how a run ended. */
  public void end(UUID id, State state, Instant now, String counts, @Nullable String error) {
    database.write(handle ->
        handle
            .createUpdate(
                "UPDATE selfsame.publication_run SET state = :state, changed_at = :now, counts ="
                    + " :counts::jsonb, error = :error::jsonb WHERE id = :id")
            .bind("state", state.code())
            .bind("now", Timestamp.from(now))
            .bind("counts", counts)
            .bind("error", error)
            .bind("id", id)
            .execute());
  }

  /** The latest runs of a publication, the newest first. */
  public List<Entry> list(String publication, int limit) {
    return database.read(handle ->
        handle
            .createQuery(
                "SELECT "
                    + COLUMNS
                    + " FROM selfsame.publication_run WHERE publication = :publication AND space ="
                    + " (SELECT number FROM selfsame.space WHERE name = :space) ORDER BY started_at"
                    + " DESC, id LIMIT :limit")
            .bind("publication", publication)
            .bind("space", space)
            .bind("limit", limit)
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
                    + " FROM selfsame.publication_run WHERE id = :id AND"
                    + " space = (SELECT number FROM selfsame.space WHERE name = :space)")
            .bind("space", space)
            .bind("id", id)
            .map((row, context) -> entry(row))
            .findOne()
            .orElse(null));
  }

  private static Entry entry(ResultSet row) throws SQLException {
    return new Entry(
        row.getObject("id", UUID.class),
        row.getString("publication"),
        State.valueOf(row.getString("state").toUpperCase(Locale.ROOT)),
        row.getString("actor"),
        row.getTimestamp("started_at").toInstant(),
        row.getTimestamp("changed_at").toInstant(),
        row.getString("counts"),
        row.getString("error"));
  }
}
