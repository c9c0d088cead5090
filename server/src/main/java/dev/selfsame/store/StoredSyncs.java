package dev.selfsame.store;

import dev.selfsame.access.Actor;
import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.identity.Channel;
import dev.selfsame.identity.Source;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * What the warehouse sources of a space ask, what the answers' columns mean, and how far each has
 * come.
 */
public final class StoredSyncs {

  /** The first key of the advisory locks; the second is the source. */
  private static final int LOCKS = 0x5E1F_5A3E;

  /**
   * A source.
   *
   * @param source as it is set now
   * @param mapping JSON; null: not configured yet
   * @param watermark by the warehouse's clock: up to here all was read; null: nothing yet
   */
  public record Entry(
      Source source,
      String connection,
      String query,
      @Nullable String mapping,
      @Nullable Instant watermark,
      Operation operation,
      Instant changedAt) {}

  /**
   * How a source runs.
   *
   * @param schedule null: by hand alone
   * @param due when it runs by itself next; null: it does not
   * @param failures scheduled runs that failed since one did not
   * @param leftRows what becomes of rows that the answer no longer has
   * @param shadow its runs only say what they would do
   */
  public record Operation(
      @Nullable String schedule,
      boolean paused,
      @Nullable Instant due,
      int failures,
      String leftRows,
      boolean shadow) {}

  private final Database database;
  private final String space;

  public StoredSyncs(Database database, String space) {
    this.database = database;
    this.space = space;
  }

  /**
   * Adds a source of channel warehouse and its query; or gives one that is there another query,
   * which then begins from the start.
   *
   * @throws Failure {@code SOURCE_EXISTS} if there is a source of that name and it is not to be
   *     replaced, or it is none of a warehouse
   */
  public void put(String name, String connection, String query, boolean replace, Instant now) {
    Source there = find(name);
    if (there != null && (there.channel() != Channel.WAREHOUSE || !replace)) {
      throw new Failure(
          Problem.SOURCE_EXISTS,
          there.channel() == Channel.WAREHOUSE
              ? "There is a source called %s; say that it is to be replaced, or choose another name."
                  .formatted(name)
              : "%s is a source of another kind. Choose another name.".formatted(name));
    }
    Source source = StoredSources.ensure(database, space, Source.warehouse(0, name));
    database.write(handle ->
        handle
            .createUpdate(
                """
                INSERT INTO selfsame.sync (space, source, connection, query, changed_at)
                SELECT number, :source, :connection, :query, :now FROM selfsame.space WHERE name = :space
                ON CONFLICT (space, source) DO UPDATE SET watermark =
                    CASE WHEN selfsame.sync.query = excluded.query AND selfsame.sync.connection = excluded.connection
                      THEN selfsame.sync.watermark END,
                  connection = excluded.connection, query = excluded.query, changed_at = excluded.changed_at
                """)
            .bind("source", source.number())
            .bind("connection", connection)
            .bind("query", query)
            .bind("now", Timestamp.from(now))
            .bind("space", space)
            .execute());
  }

  /**
   * Says what the columns mean, and who said so; the next run begins from the start.
   *
   * @param mapping JSON
   * @param creates whether rows may create users
   */
  public void configure(Source source, String mapping, boolean creates, Actor actor, Instant now) {
    database.write(handle -> {
      int number = lockedSpace(handle);
      StoredSources.createUsers(handle, number, source.number(), creates);
      handle
          .createUpdate(
              "UPDATE selfsame.sync SET mapping = :mapping::jsonb, watermark = NULL, changed_at ="
                  + " :now WHERE space = :space AND source = :source")
          .bind("mapping", mapping)
          .bind("now", Timestamp.from(now))
          .bind("space", number)
          .bind("source", source.number())
          .execute();
      ActLog.note(
          handle,
          space,
          "configure_source",
          actor,
          now,
          Map.of("source", source.name(), "mapping", Json.MAPPER.readTree(mapping)));
      return true;
    });
  }

  private int lockedSpace(Handle handle) {
    return handle
        .createQuery("SELECT number FROM selfsame.space WHERE name = :space FOR UPDATE")
        .bind("space", space)
        .mapTo(Integer.class)
        .one();
  }

  /** Says how a source runs, and who said so. */
  public void operate(Source source, Operation operation, Actor actor, Instant now) {
    database.write(handle -> {
      int number = lockedSpace(handle);
      handle
          .createUpdate(
              "UPDATE selfsame.sync SET schedule = :schedule, paused = :paused, due_at = :due,"
                  + " left_rows = :left, shadow = :shadow WHERE space = :space AND"
                  + " source = :source")
          .bind("schedule", operation.schedule())
          .bind("paused", operation.paused())
          .bind("due", timestamp(operation.due()))
          .bind("left", operation.leftRows())
          .bind("shadow", operation.shadow())
          .bind("space", number)
          .bind("source", source.number())
          .execute();
      Map<String, Object> said = new TreeMap<>();
      said.put("source", source.name());
      said.put("schedule", operation.schedule() == null ? "by hand" : operation.schedule());
      said.put("paused", operation.paused());
      said.put("leftRows", operation.leftRows());
      said.put("shadow", operation.shadow());
      ActLog.note(handle, space, "schedule_source", actor, now, said);
      return true;
    });
  }

  private static @Nullable Timestamp timestamp(@Nullable Instant time) {
    return time == null ? null : Timestamp.from(time);
  }

  /** Sources that are to run by themselves now, the longest waiting first. */
  public List<String> due(Instant now) {
    return database.read(handle ->
        handle
            .createQuery(
                """
                SELECT o.name FROM selfsame.sync q JOIN selfsame.source o ON o.space = q.space AND o.number = q.source
                WHERE q.space = (SELECT number FROM selfsame.space WHERE name = :space)
                  AND q.due_at <= :now AND NOT q.paused AND q.mapping IS NOT NULL ORDER BY q.due_at, o.name
                """)
            .bind("space", space)
            .bind("now", Timestamp.from(now))
            .mapTo(String.class)
            .list());
  }

  /**
   * Says when a source runs next after a run, unless somebody said meanwhile how it runs.
   *
   * @param failures scheduled runs that failed since one did not
   */
  public void ran(Source source, @Nullable String schedule, @Nullable Instant due, int failures) {
    database.write(handle ->
        handle
            .createUpdate(
                "UPDATE selfsame.sync SET due_at = :due, failures = :failures WHERE source ="
                    + " :source AND schedule IS NOT DISTINCT FROM :schedule::text AND space ="
                    + " (SELECT number FROM selfsame.space WHERE name = :space)")
            .bind("due", timestamp(due))
            .bind("failures", failures)
            .bind("source", source.number())
            .bind("schedule", schedule)
            .bind("space", space)
            .execute());
  }

  /** All rows up to here were read and applied. */
  public void advance(Source source, Instant watermark) {
    database.write(handle ->
        handle
            .createUpdate(
                "UPDATE selfsame.sync SET watermark = :watermark WHERE source = :source AND space ="
                    + " (SELECT number FROM selfsame.space WHERE name = :space)")
            .bind("watermark", Timestamp.from(watermark))
            .bind("source", source.number())
            .bind("space", space)
            .execute());
  }

  /** All of them, by name. */
  public List<Entry> list() {
    SpaceSettings settings =
        database.read(handle -> SpaceSettings.read(handle.getConnection(), space));
    return database.read(handle ->
        handle
            .createQuery(
                """
                SELECT q.source, q.connection, q.query, q.mapping, q.watermark, q.changed_at,
                  q.schedule, q.paused, q.due_at, q.failures, q.left_rows, q.shadow
                FROM selfsame.sync q JOIN selfsame.source o ON o.space = q.space AND o.number = q.source
                WHERE q.space = :space ORDER BY o.name
                """)
            .bind("space", settings.number())
            .map((row, context) -> entry(row, settings))
            .list());
  }

  private static Entry entry(ResultSet row, SpaceSettings settings) throws SQLException {
    Source source = settings.sources().get(row.getInt("source"));
    if (source == null) {
      throw new IllegalStateException("A sync of no source. Indicates a bug");
    }
    Timestamp watermark = row.getTimestamp("watermark");
    Timestamp due = row.getTimestamp("due_at");
    return new Entry(
        source,
        row.getString("connection"),
        row.getString("query"),
        row.getString("mapping"),
        watermark == null ? null : watermark.toInstant(),
        new Operation(
            row.getString("schedule"),
            row.getBoolean("paused"),
            due == null ? null : due.toInstant(),
            row.getInt("failures"),
            row.getString("left_rows"),
            row.getBoolean("shadow")),
        row.getTimestamp("changed_at").toInstant());
  }

  /**
   * The one of that name.
   *
   * @throws Failure {@code NOT_FOUND}
   */
  public Entry get(String name) {
    return list().stream()
        .filter(each -> each.source().name().equals(name))
        .findFirst()
        .orElseThrow(() ->
            new Failure(
                Problem.NOT_FOUND, "There is no warehouse source called %s.".formatted(name)));
  }

  private @Nullable Source find(String name) {
    return database
        .read(handle -> SpaceSettings.read(handle.getConnection(), space))
        .sources()
        .values()
        .stream()
        .filter(source -> source.name().equals(name))
        .findFirst()
        .orElse(null);
  }

  /**
   * Takes the right to run a source; null: somebody runs it.
   *
   * @throws Failure if the database is away
   */
  public @Nullable Turn turn(Source source) {
    return Turn.take(database, "sync", LOCKS, source.number());
  }
}
