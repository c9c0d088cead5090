package dev.selfsame.store;

import dev.selfsame.access.Actor;
import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** Where a space's published tables go, and how far each place has come. */
public final class StoredPublications {

  /** The first key of the advisory locks; the second is of the publication. */
  private static final int LOCKS = 0x5E1F_5A3F;

  private static final String COLUMNS =
      "name, id, connection, schema, prefix, directory, format, every_seconds, after_syncs, due_at,"
          + " failures, position, published_at, changed_at";

  /**
   * Where to, either by a connection or into a directory.
   *
   * @param schema null: the one that the connection has anyway
   * @param prefix before the tables' names
   * @param format of the files in the directory
   */
  public record Place(
      @Nullable String connection,
      @Nullable String schema,
      String prefix,
      @Nullable String directory,
      @Nullable String format) {}

  /**
   * A publication.
   *
   * @param id of this definition: what stands there under another one is not continued
   * @param everySeconds null: not by the clock
   * @param due when it runs by itself next; null: it does not
   * @param failures runs that failed since one did not
   * @param position up to there it is known to stand there; null: nothing is
   */
  public record Entry(
      String name,
      UUID id,
      Place place,
      @Nullable Integer everySeconds,
      boolean afterSyncs,
      @Nullable Instant due,
      int failures,
      @Nullable Long position,
      @Nullable Instant publishedAt,
      Instant changedAt) {}

  private final Database database;
  private final String space;

  public StoredPublications(Database database, String space) {
    this.database = database;
    this.space = space;
  }

  /**
   * Adds one, and notes who did; or says anew where one goes, which then begins from the start if
   * it goes elsewhere. Locks the space: an erasure sees it, or comes before all that it publishes.
   *
   * @throws Failure {@code PUBLICATION_EXISTS} where it is not to be replaced
   */
  public void put(
      String name,
      Place place,
      @Nullable Integer everySeconds,
      boolean afterSyncs,
      boolean replace,
      Actor actor,
      Instant now) {
    database.write(handle -> {
      int number =
          handle
              .createQuery("SELECT number FROM selfsame.space WHERE name = :space FOR UPDATE")
              .bind("space", space)
              .mapTo(Integer.class)
              .one();
      Entry there = select(handle, name).stream().findFirst().orElse(null);
      if (there != null && !replace) {
        throw new Failure(
            Problem.PUBLICATION_EXISTS,
            "There is a publication called %s; say that it is to be replaced, or choose another name."
                .formatted(name));
      }
      Entry kept = there != null && there.place().equals(place) ? there : null;
      handle
          .createUpdate(
              """
              INSERT INTO selfsame.publication (space, name, id, connection, schema, prefix, directory, format,
                every_seconds, after_syncs, due_at, changed_at)
              VALUES (:number, :name, :id::uuid, :connection, :schema, :prefix, :directory, :format,
                :every, :after, :due, :now)
              ON CONFLICT (space, name) DO UPDATE SET id = excluded.id, connection = excluded.connection,
                schema = excluded.schema, prefix = excluded.prefix, directory = excluded.directory, format = excluded.format,
                every_seconds = excluded.every_seconds, after_syncs = excluded.after_syncs, due_at = excluded.due_at,
                failures = 0, changed_at = excluded.changed_at,
                position = CASE WHEN :same THEN selfsame.publication.position END,
                published_at = CASE WHEN :same THEN selfsame.publication.published_at END
              """)
          .bind("number", number)
          .bind("name", name)
          .bind("id", kept == null ? UUID.randomUUID() : kept.id())
          .bind("connection", place.connection())
          .bind("schema", place.schema())
          .bind("prefix", place.prefix())
          .bind("directory", place.directory())
          .bind("format", place.format())
          .bind("every", everySeconds)
          .bind("after", afterSyncs)
          .bind("due", everySeconds == null ? null : Timestamp.from(now))
          .bind("now", Timestamp.from(now))
          .bind("same", kept != null)
          .execute();
      Map<String, Object> said = new TreeMap<>();
      said.put("name", name);
      said.put(
          "to",
          place.connection() != null ? "connection " + place.connection() : place.directory());
      ActLog.note(handle, space, "add_publication", actor, now, said);
      return true;
    });
  }

  /** All of them, by name. */
  public List<Entry> list() {
    return database.read(handle -> select(handle, null));
  }

  /**
   * The one of that name.
   *
   * @throws Failure {@code NOT_FOUND}
   */
  public Entry get(String name) {
    return database.read(handle -> select(handle, name)).stream()
        .findFirst()
        .orElseThrow(() -> unknown(name));
  }

  /**
   * Removes one with its log, and notes who did. What it published stays.
   *
   * @throws Failure {@code NOT_FOUND}
   */
  public void remove(String name, Actor actor, Instant now) {
    database.write(handle -> {
      int removed =
          handle
              .createUpdate(
                  "DELETE FROM selfsame.publication WHERE name = :name AND space = (SELECT number"
                      + " FROM selfsame.space WHERE name = :space)")
              .bind("name", name)
              .bind("space", space)
              .execute();
      if (removed == 0) {
        throw unknown(name);
      }
      forget(handle);
      ActLog.note(handle, space, "remove_publication", actor, now, Map.of("name", name));
      return true;
    });
  }

  /** Those that are to run by themselves now, the longest waiting first. */
  public List<String> due(Instant now) {
    return database.read(handle ->
        handle
            .createQuery(
                "SELECT name FROM selfsame.publication WHERE due_at <= :now AND space = (SELECT"
                    + " number FROM selfsame.space WHERE name = :space) ORDER BY due_at, name")
            .bind("now", Timestamp.from(now))
            .bind("space", space)
            .mapTo(String.class)
            .list());
  }

  /** A warehouse source has run: whoever goes after that is due, on whatever server. */
  public void afterSync(Instant now) {
    database.write(handle ->
        handle
            .createUpdate(
                "UPDATE selfsame.publication SET due_at = least(due_at, :now) WHERE after_syncs AND"
                    + " space = (SELECT number FROM selfsame.space WHERE name = :space)")
            .bind("now", Timestamp.from(now))
            .bind("space", space)
            .execute());
  }

  /**
   * Says when one runs next, as a run begins: what makes it due from now on is for the next.
   *
   * @param due null: when something makes it due
   */
  public void next(UUID id, @Nullable Instant due) {
    database.write(handle ->
        handle
            .createUpdate("UPDATE selfsame.publication SET due_at = :due WHERE id = :id")
            .bind("due", due == null ? null : Timestamp.from(due))
            .bind("id", id)
            .execute());
  }

  /**
   * Notes a run that failed, after which it waits.
   *
   * @param due null: when something makes it due
   */
  public void failed(UUID id, @Nullable Instant due) {
    database.write(handle ->
        handle
            .createUpdate(
                "UPDATE selfsame.publication SET due_at = :due, failures = failures + 1 WHERE id ="
                    + " :id")
            .bind("due", due == null ? null : Timestamp.from(due))
            .bind("id", id)
            .execute());
  }

  /** Notes how far one has come; what no publication waits for any more is forgotten. */
  public void published(UUID id, long position, Instant now) {
    database.write(handle -> {
      handle
          .createUpdate(
              "UPDATE selfsame.publication SET position = :position, published_at = :now, failures"
                  + " = 0 WHERE id = :id")
          .bind("position", position)
          .bind("now", Timestamp.from(now))
          .bind("id", id)
          .execute();
      forget(handle);
      return true;
    });
  }

  private void forget(Handle handle) {
    handle
        .createUpdate(
            """
            DELETE FROM selfsame.unpublished u WHERE u.space = (SELECT number FROM selfsame.space WHERE name = :space)
              AND NOT EXISTS (SELECT FROM selfsame.publication p
                WHERE p.space = u.space AND coalesce(p.position, 0) < u.position)
            """)
        .bind("space", space)
        .execute();
  }

  /** The space's last position in the ledger. */
  public long position() {
    return database.read(handle ->
        handle
            .createQuery("SELECT position FROM selfsame.space WHERE name = :space")
            .bind("space", space)
            .mapTo(Long.class)
            .one());
  }

  /** What marks tables as a publication's: the same as long as the hub and the name are. */
  public String mark(String name) {
    return database.read(handle ->
        handle
            .createQuery(
                "SELECT left(encode(sha256(secret || convert_to('publication ' || :name, 'UTF8')),"
                    + " 'hex'), 32) FROM selfsame.space WHERE name = :space")
            .bind("name", name)
            .bind("space", space)
            .mapTo(String.class)
            .one());
  }

  private List<Entry> select(Handle handle, @Nullable String name) {
    return handle
        .createQuery(
            "SELECT "
                + COLUMNS
                + " FROM selfsame.publication WHERE space = (SELECT number FROM selfsame.space"
                + " WHERE name = :space) AND (:name::text IS NULL OR name = :name) ORDER BY name")
        .bind("space", space)
        .bind("name", name)
        .map((row, context) -> entry(row))
        .list();
  }

  private static Entry entry(ResultSet row) throws SQLException {
    Timestamp due = row.getTimestamp("due_at");
    Timestamp published = row.getTimestamp("published_at");
    return new Entry(
        row.getString("name"),
        row.getObject("id", UUID.class),
        new Place(
            row.getString("connection"),
            row.getString("schema"),
            row.getString("prefix"),
            row.getString("directory"),
            row.getString("format")),
        row.getObject("every_seconds", Integer.class),
        row.getBoolean("after_syncs"),
        due == null ? null : due.toInstant(),
        row.getInt("failures"),
        row.getObject("position", Long.class),
        published == null ? null : published.toInstant(),
        row.getTimestamp("changed_at").toInstant());
  }

  private static Failure unknown(String name) {
    return new Failure(Problem.NOT_FOUND, "There is no publication called %s.".formatted(name));
  }

  /**
   * Takes the right to run a publication; null: somebody runs it.
   *
   * @throws Failure if the database is away
   */
  public @Nullable Turn turn(String name) {
    return Turn.take(database, "publish turn", LOCKS, space + " " + name);
  }
}
