package dev.selfsame.store;

import dev.selfsame.access.Access;
import dev.selfsame.access.Actor;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * What people did, in one list: the acts in the ledger, erasures that events asked for, and what is
 * no line of the ledger (keys and tokens, backups, settings), which is noted here.
 */
public final class ActLog {

  /**
   * Something that was done.
   *
   * @param id its name in the list
   * @param by who, such as {@code token:NAME}, {@code cli:USER}, {@code source:NAME}
   * @param from where; null: not known
   * @param position in the ledger; null: it is no line of it
   * @param outcome what became of it; null: done
   * @param code the rule's
   * @param details the rest of what is kept of it: an object
   */
  public record Act(
      String id,
      Instant at,
      String act,
      String by,
      @Nullable String from,
      @Nullable Long position,
      @Nullable String outcome,
      @Nullable String code,
      @Nullable String reason,
      JsonNode details) {

    private static final Pattern CURSOR = Pattern.compile("([^/]{1,40})/([la][0-9a-f-]{1,40})");

    /** Where a page that ends with it ended. */
    public String cursor() {
      return at + "/" + id;
    }

    /** As much of the act that a page ended with as the next needs; null: that is no cursor. */
    public static @Nullable Act ending(String cursor) {
      Matcher parts = CURSOR.matcher(cursor);
      try {
        return parts.matches()
            ? new Act(
                parts.group(2),
                Instant.parse(parts.group(1)),
                "",
                "",
                null,
                null,
                null,
                null,
                null,
                JsonNodeFactory.instance.objectNode())
            : null;
      } catch (DateTimeParseException e) {
        return null;
      }
    }
  }

  /**
   * Which acts; null: whichever.
   *
   * @param from not before
   * @param to before
   */
  public record Wanted(
      @Nullable String actor, @Nullable String act, @Nullable Instant from, @Nullable Instant to) {}

  /** What acts are called. */
  public static final List<String> NAMES =
      List.of(
          "merge",
          "undo",
          "move",
          "keep_apart",
          "lift",
          "dismiss",
          "policy",
          "erase",
          "lift_suppression",
          "create_key",
          "revoke_key",
          "backup",
          "land_pages",
          "first_member",
          "invite_member",
          "join_member",
          "renew_link",
          "set_password",
          "change_role",
          "remove_member",
          "save_question",
          "add_connection",
          "remove_connection",
          "configure_source",
          "schedule_source",
          "delete_note",
          "delete_account",
          "merge_accounts",
          "add_publication",
          "remove_publication",
          "create_space");

  private static final String ACTS =
      """
      SELECT * FROM (
        SELECT l.at, 'l' || lpad(l.position::text, 19, '0') AS id, coalesce(l.p ->> 'act', lower(l.rule)) AS act,
          coalesce(l.p ->> 'by', 'unknown') AS by, l.p ->> 'origin' AS origin, l.position, l.outcome, l.rule, l.reason,
          coalesce(l.p - 'act' - 'by' - 'origin' - 'stays' - 'goes' - 'as_of', '{}') AS details
        FROM (SELECT at, position, outcome, rule, reason, payload::jsonb AS p FROM selfsame.ledger
          WHERE space = :space AND source = 3 AND at >= :from AND at < :to) l
        UNION ALL
        SELECT e.at, 'l' || lpad(e.position::text, 19, '0'), 'erase', 'source:' || o.name, NULL, e.position, 'erased', e.rule,
          NULL, '{}'
        FROM selfsame.erasure e JOIN selfsame.source o ON o.space = e.space AND o.number = e.source
        WHERE e.space = :space AND o.channel <> 'act' AND e.at >= :from AND e.at < :to
        UNION ALL
        SELECT at, 'a' || id, act, actor, origin, NULL, NULL, NULL, NULL, details
        FROM selfsame.act WHERE space = :space AND at >= :from AND at < :to
      ) a
      WHERE (:actor::text IS NULL OR by = :actor) AND (:act::text IS NULL OR act = :act)
        AND (:before::bigint IS NULL OR (at, id COLLATE "C") < (:before, :id COLLATE "C"))
      ORDER BY at DESC, id COLLATE "C" DESC LIMIT :limit
      """;

  private static final int DEFAULT_SPACE = 1;

  private final Database database;
  private final String space;

  /** Of the space that is there from the start, and of what is the installation's as a whole. */
  public ActLog(Database database) {
    this(database, Access.DEFAULT_SPACE);
  }

  public ActLog(Database database, String space) {
    this.database = database;
    this.space = space;
  }

  /** Notes what was done and is no line of the ledger. */
  public void note(String act, Actor actor, Instant at, Map<String, ?> details) {
    database.write(handle -> {
      note(handle, space, act, actor, at, details);
      return true;
    });
  }

  /** The same in a transaction that does it, of what is the installation's as a whole. */
  static void note(Handle handle, String act, Actor actor, Instant at, Map<String, ?> details) {
    note(handle, DEFAULT_SPACE, act, actor, at, details);
  }

  static void note(
      Handle handle, String space, String act, Actor actor, Instant at, Map<String, ?> details) {
    note(handle, number(handle, space), act, actor, at, details);
  }

  private static int number(Handle handle, String space) {
    return handle
        .createQuery("SELECT number FROM selfsame.space WHERE name = :space")
        .bind("space", space)
        .mapTo(Integer.class)
        .one();
  }

  static void note(
      Handle handle, int space, String act, Actor actor, Instant at, Map<String, ?> details) {
    handle
        .createUpdate(
            "INSERT INTO selfsame.act (space, at, act, actor, origin, details) VALUES (:space, :at,"
                + " :act, :actor, :origin, :details::jsonb)")
        .bind("space", space)
        .bind("at", ChronoUnit.MICROS.between(Instant.EPOCH, at))
        .bind("act", act)
        .bind("actor", actor.by())
        .bind("origin", actor.from())
        .bind("details", Json.MAPPER.writeValueAsString(details))
        .execute();
  }

  /**
   * Acts, the newest first.
   *
   * @param after the last of the page before, or null
   */
  public List<Act> list(Wanted wanted, @Nullable Act after, int limit) {
    return database.read(handle ->
        handle
            .createQuery(ACTS)
            .bind("space", number(handle, space))
            .bind("actor", wanted.actor())
            .bind("act", wanted.act())
            .bind("from", wanted.from() == null ? 0L : micros(wanted.from()))
            .bind("to", wanted.to() == null ? Long.MAX_VALUE : micros(wanted.to()))
            .bind("before", after == null ? null : Long.valueOf(micros(after.at())))
            .bind("id", after == null ? null : after.id())
            .bind("limit", limit)
            .map((row, context) -> {
              long position = row.getLong(6);
              Long place = row.wasNull() ? null : Long.valueOf(position);
              return new Act(
                  row.getString(2),
                  Instant.EPOCH.plus(row.getLong(1), ChronoUnit.MICROS),
                  row.getString(3),
                  row.getString(4),
                  row.getString(5),
                  place,
                  row.getString(7),
                  row.getString(8),
                  row.getString(9),
                  Json.MAPPER.readTree(row.getString(10)));
            })
            .list());
  }

  /** A time of which no column can hold the microseconds is before or after everything. */
  private static long micros(Instant at) {
    try {
      return ChronoUnit.MICROS.between(Instant.EPOCH, at);
    } catch (ArithmeticException e) {
      return at.isBefore(Instant.EPOCH) ? Long.MIN_VALUE : Long.MAX_VALUE;
    }
  }
}
