package dev.selfsame.store;

import dev.selfsame.access.Actor;
import dev.selfsame.store.Gathering.Answered;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;
import org.jdbi.v3.core.statement.Update;
import org.jspecify.annotations.Nullable;

/**
 * Notes that are kept: read, and changed in what they say. Whom one is about, its claim alone says.
 */
public final class NoteQueries {

  /**
   * Which notes; null: whichever.
   *
   * @param user about this live user
   * @param account about this account
   * @param origin from this tool
   * @param allTags with each of these
   * @param anyTag with one of these, if there are any
   * @param from created not before
   * @param to created before
   * @param changedFrom changed last not before
   * @param changedTo changed last before
   * @param term words that its title or content has
   * @param source the name of the source that it came out of
   */
  public record Wanted(
      @Nullable UUID user,
      @Nullable UUID account,
      @Nullable String origin,
      @Nullable String recordId,
      List<String> allTags,
      List<String> anyTag,
      @Nullable Instant from,
      @Nullable Instant to,
      @Nullable Instant changedFrom,
      @Nullable Instant changedTo,
      @Nullable String term,
      @Nullable String source) {
    public Wanted {
      allTags = List.copyOf(allTags);
      anyTag = List.copyOf(anyTag);
    }

    /** All notes about a live user. */
    public static Wanted ofUser(UUID user) {
      return new Wanted(
          user, null, null, null, List.of(), List.of(), null, null, null, null, null, null);
    }

    /** All notes about an account. */
    public static Wanted ofAccount(UUID account) {
      return new Wanted(
          null, account, null, null, List.of(), List.of(), null, null, null, null, null, null);
    }
  }

  /** Where a page ended. */
  public record Place(Instant createdAt, UUID id) {}

  /**
   * What a note is to say; null: as before.
   *
   * @param displayUrl blank: none
   */
  public record Change(
      @Nullable String title,
      @Nullable String content,
      @Nullable String displayUrl,
      @Nullable List<String> tags) {}

  // OFFSET 0: of a plain join with the view the planner makes one that reads every user.
  private static final String NOTES =
      """
      SELECT n.id, n.title, n.content, n.display_url, n.tags, n.origin, n.record_id, u.id, u.external_id, u.email, u.name,
        a.id, a.external_id, a.name, a.domain, o.name, n.created_at, n.updated_at, n.position
      FROM selfsame.note n JOIN selfsame.space s ON s.number = n.space AND s.name = :space
      JOIN selfsame.source o ON o.space = n.space AND o.number = n.source
      LEFT JOIN selfsame.part p ON p.space = n.space AND p.id = n.part
      LEFT JOIN LATERAL (
        SELECT * FROM selfsame.live_user WHERE space = n.space AND id = coalesce(p.merged_into, p.id) OFFSET 0) u ON true
      LEFT JOIN selfsame.account a ON a.space = n.space AND a.id = n.account
      WHERE %s ORDER BY n.created_at DESC, n.id DESC LIMIT :limit
      """;

  /** The same of those that came with claims at these places of the ledger, for one plan. */
  private static final String AT =
      NOTES
          .replace(
              "FROM selfsame.note n",
              "FROM unnest(?::bigint[]) wanted (position) CROSS JOIN LATERAL (SELECT * FROM"
                  + " selfsame.note WHERE position = wanted.position OFFSET 0) n")
          .formatted("true")
          .replace(":space", "?")
          .replace(":limit", "?");

  private static final int NOTES_A_ROUND = 100;

  private final Database database;
  private final String space;
  private final InstantSource clock;
  private final Gathering<Long, Optional<FoundNote>> atPosition;

  public NoteQueries(Database database, String space, InstantSource clock) {
    this.database = database;
    this.space = space;
    this.clock = clock;
    this.atPosition =
        new Gathering<>(
            1,
            NOTES_A_ROUND,
            positions -> database.readPointed(handle -> at(handle.getConnection(), positions)));
  }

  /** Null: there is none of this id. */
  public @Nullable FoundNote find(UUID id) {
    return one("n.id = :id", Map.of("id", id));
  }

  /** The note that came with the claim at this place of the ledger; null: it was deleted. */
  public @Nullable FoundNote at(long position) {
    return atPosition.ask(position).orElse(null);
  }

  /** The note that is called so where it comes from, or null. */
  public @Nullable FoundNote find(NoteRecord record) {
    return one(
        "n.origin = :origin AND n.record_id = :record",
        Map.of("origin", record.origin(), "record", record.recordId()));
  }

  private List<Answered<Optional<FoundNote>>> at(Connection connection, List<Long> positions)
      throws SQLException {
    Map<Long, FoundNote> found = new HashMap<>();
    try (PreparedStatement statement = connection.prepareStatement(AT)) {
      statement.setArray(1, connection.createArrayOf("int8", positions.toArray()));
      statement.setString(2, space);
      statement.setInt(3, positions.size());
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          FoundNote note = note(row);
          found.put(note.position(), note);
        }
      }
    }
    return positions.stream()
        .map(position -> new Answered<>(Optional.ofNullable(found.get(position)), null))
        .toList();
  }

  private @Nullable FoundNote one(String condition, Map<String, ?> bound) {
    return database.read(handle ->
        handle
            .createQuery(NOTES.formatted(condition))
            .bind("space", space)
            .bind("limit", 1)
            .bindMap(bound)
            .map((row, context) -> note(row))
            .findOne()
            .orElse(null));
  }

  /**
   * Notes, the newest first.
   *
   * @param after where the page before ended, or null
   */
  public List<FoundNote> list(Wanted wanted, @Nullable Place after, int limit) {
    List<String> conditions = new ArrayList<>();
    Map<String, Object> bound = new HashMap<>();
    narrow(wanted, conditions, bound);
    if (after != null) {
      conditions.add("(n.created_at, n.id) < (:before, :last)");
      bound.put("before", micros(after.createdAt()));
      bound.put("last", after.id());
    }
    return database.read(handle ->
        query(handle, NOTES.formatted(String.join(" AND ", conditions)), bound)
            .bind("limit", limit)
            .map((row, context) -> note(row))
            .list());
  }

  /** How many notes there are of these. */
  public long count(Wanted wanted) {
    List<String> conditions = new ArrayList<>();
    Map<String, Object> bound = new HashMap<>();
    narrow(wanted, conditions, bound);
    return database.read(handle ->
        query(
                handle,
                "SELECT count(*) FROM selfsame.note n JOIN selfsame.space s ON s.number = n.space"
                    + " AND s.name = :space WHERE "
                    + String.join(" AND ", conditions),
                bound)
            .mapTo(Long.class)
            .one());
  }

  private Query query(Handle handle, String sql, Map<String, Object> bound) {
    Query query = handle.createQuery(sql).bind("space", space);
    bound.forEach((name, value) -> {
      if (value instanceof Object[] texts) {
        query.bindBySqlType(name, array(handle, List.of(texts)), java.sql.Types.ARRAY);
      } else {
        query.bind(name, value);
      }
    });
    return query;
  }

  private static void narrow(Wanted wanted, List<String> conditions, Map<String, Object> bound) {
    conditions.add("true");
    if (wanted.user() != null) {
      conditions.add(
          "n.part IN (SELECT q.id FROM selfsame.part q WHERE q.space = n.space AND (q.id = :user OR"
              + " q.merged_into = :user))");
      bound.put("user", wanted.user());
    }
    put(conditions, bound, "n.account = :account", "account", wanted.account());
    put(conditions, bound, "n.origin = :origin", "origin", wanted.origin());
    put(conditions, bound, "o.name = :source", "source", wanted.source());
    put(conditions, bound, "n.record_id = :record", "record", wanted.recordId());
    put(conditions, bound, "n.tags @> :all::text[]", "all", texts(wanted.allTags()));
    put(conditions, bound, "n.tags && :any::text[]", "any", texts(wanted.anyTag()));
    put(
        conditions,
        bound,
        "to_tsvector('simple', n.title || ' ' || n.content) @@ websearch_to_tsquery('simple',"
            + " :term)",
        "term",
        wanted.term());
    put(conditions, bound, "n.created_at >= :from", "from", at(wanted.from()));
    put(conditions, bound, "n.created_at < :to", "to", at(wanted.to()));
    put(conditions, bound, "n.updated_at >= :since", "since", at(wanted.changedFrom()));
    put(conditions, bound, "n.updated_at < :until", "until", at(wanted.changedTo()));
  }

  /** The names of the sources that notes come out of. */
  public List<String> sources() {
    return database.read(handle ->
        handle
            .createQuery(
                "SELECT o.name FROM selfsame.source o JOIN selfsame.space s ON s.number = o.space"
                    + " AND s.name = :space WHERE o.channel IN ('notes', 'insights') ORDER BY 1")
            .bind("space", space)
            .mapTo(String.class)
            .list());
  }

  private static void put(
      List<String> conditions,
      Map<String, Object> bound,
      String condition,
      String name,
      @Nullable Object value) {
    if (value != null) {
      conditions.add(condition);
      bound.put(name, value);
    }
  }

  private static Object @Nullable [] texts(List<String> texts) {
    return texts.isEmpty() ? null : texts.toArray();
  }

  private static @Nullable Long at(@Nullable Instant time) {
    return time == null ? null : (Long) micros(time);
  }

  /** A time of which no column can hold the microseconds is before or after everything. */
  private static long micros(Instant at) {
    try {
      return ChronoUnit.MICROS.between(Instant.EPOCH, at);
    } catch (ArithmeticException e) {
      return at.isBefore(Instant.EPOCH) ? Long.MIN_VALUE : Long.MAX_VALUE;
    }
  }

  private static FoundNote note(ResultSet row) throws SQLException {
    String origin = row.getString(6);
    UUID user = row.getObject(8, UUID.class);
    UUID account = row.getObject(12, UUID.class);
    return new FoundNote(
        row.getObject(1, UUID.class),
        row.getString(2),
        row.getString(3),
        row.getString(4),
        List.of((String[]) row.getArray(5).getArray()),
        origin == null ? null : new NoteRecord(origin, row.getString(7)),
        user == null
            ? null
            : new FoundNote.About(user, row.getString(9), row.getString(10), row.getString(11)),
        account == null
            ? null
            : new FoundNote.Company(
                account, row.getString(13), row.getString(14), row.getString(15)),
        row.getString(16),
        time(row.getLong(17)),
        time(row.getLong(18)),
        row.getLong(19));
  }

  private static Instant time(long micros) {
    return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
  }

  /**
   * Changes what a note says.
   *
   * @return false if there is none of this id
   */
  public boolean change(UUID id, Change change) {
    return database.write(handle -> {
      List<String> tags = change.tags();
      return update(
                  handle,
                  "title = coalesce(:title, title), content = coalesce(:content, content),"
                      + " display_url = CASE WHEN :url::text IS NULL THEN display_url ELSE"
                      + " nullif(:url, '') END, tags = coalesce(:tags::text[], tags)",
                  id)
              .bind("title", change.title())
              .bind("content", change.content())
              .bind("url", change.displayUrl())
              .bindBySqlType(
                  "tags", tags == null ? null : array(handle, tags), java.sql.Types.ARRAY)
              .execute()
          == 1;
    });
  }

  /**
   * Adds tags that it has not yet, behind those that it has.
   *
   * @param most so many at most altogether
   * @return false if there is no such note, or it would have more
   */
  public boolean addTags(UUID id, List<String> tags, int most) {
    return database.write(handle ->
        update(
                    handle,
                    "tags = tags || ARRAY(SELECT t FROM unnest(:tags::text[]) WITH ORDINALITY AS x"
                        + " (t, i) WHERE t <> ALL(tags) ORDER BY i)",
                    id,
                    " AND cardinality(tags) + (SELECT count(*) FROM unnest(:tags::text[]) AS x (t)"
                        + " WHERE t <> ALL(tags)) <= :most")
                .bindBySqlType("tags", array(handle, tags), java.sql.Types.ARRAY)
                .bind("most", most)
                .execute()
            == 1);
  }

  /**
   * Takes a tag away, if it has it.
   *
   * @return false if there is none of this id
   */
  public boolean removeTag(UUID id, String tag) {
    return database.write(handle ->
        update(handle, "tags = array_remove(tags, :tag::text)", id).bind("tag", tag).execute()
            == 1);
  }

  private Update update(Handle handle, String set, UUID id) {
    return update(handle, set, id, "");
  }

  private Update update(Handle handle, String set, UUID id, String condition) {
    return handle
        .createUpdate(
            "UPDATE selfsame.note SET %s, updated_at = greatest(updated_at, :now) WHERE space ="
                    .formatted(set)
                + " (SELECT number FROM selfsame.space WHERE name = :space) AND id = :id"
                + condition)
        .bind("space", space)
        .bind("id", id)
        .bind("now", micros(clock.instant()));
  }

  private static java.sql.Array array(Handle handle, List<?> texts) {
    try {
      return handle.getConnection().createArrayOf("text", texts.toArray());
    } catch (SQLException e) {
      throw new IllegalStateException("An array of texts could not be made", e);
    }
  }

  /**
   * Deletes a note; who did it stays.
   *
   * @return false if there is none of this id
   */
  public boolean delete(UUID id, Actor actor) {
    return database.write(handle -> {
      int deleted =
          handle
              .createUpdate(
                  "DELETE FROM selfsame.note WHERE space = (SELECT number FROM selfsame.space WHERE"
                      + " name = :space) AND id = :id")
              .bind("space", space)
              .bind("id", id)
              .execute();
      if (deleted == 1) {
        ActLog.note(handle, space, "delete_note", actor, clock.instant(), Map.of("note", id));
      }
      return deleted == 1;
    });
  }

  /** An account by its id, as notes name accounts; null: there is none. */
  public FoundNote.@Nullable Company account(UUID id) {
    return database.read(handle ->
        handle
            .createQuery(
                "SELECT a.id, a.external_id, a.name, a.domain FROM selfsame.account a JOIN"
                    + " selfsame.space s ON s.number = a.space WHERE s.name = :space AND a.id ="
                    + " :id AND a.merged_into IS NULL")
            .bind("space", space)
            .bind("id", id)
            .map((row, context) ->
                new FoundNote.Company(
                    row.getObject(1, UUID.class),
                    row.getString(2),
                    row.getString(3),
                    row.getString(4)))
            .findOne()
            .orElse(null));
  }
}
