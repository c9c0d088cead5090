package dev.selfsame.store;

import dev.selfsame.store.PublishedTable.Column;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

/**
 * The published tables as they stand at one position of the ledger, and which of their rows a
 * stretch of it changed; all of it read in one snapshot. For one thread.
 */
public final class PublishedRows implements AutoCloseable {

  private static final int FIRST_SPACE = 1;

  private static final int ROWS_AT_A_TIME = 1_000;

  /** How rows come. */
  public enum Format {
    /** PostgreSQL's own text. */
    TEXT,
    /** With a head; NULL is nothing, an empty text two quotes; times are ISO-8601 in UTC. */
    CSV,
    /** The same, and no cell that a spreadsheet would take for a formula. */
    GUARDED_CSV
  }

  /** Takes a piece of a copy. */
  public interface Bytes {
    void take(byte[] piece);
  }

  /** Takes a row: texts, booleans and instants, in the order of the columns. */
  public interface Row {
    void take(@Nullable Object[] values);
  }

  /**
   * A place in the ledger.
   *
   * @param at when its line was written, in microseconds: the ledger of a hub that was restored may
   *     have another line at the same position
   */
  public record Position(long number, long at) {}

  /**
   * What a stretch of the ledger changed.
   *
   * @param users whose rows are other ones now, or are gone
   * @param merges names of those that are other ones now, or are gone
   * @param accounts those that are other ones now
   */
  public record Changes(long since, List<UUID> users, List<String> merges, List<String> accounts) {}

  /** Which rows. */
  public sealed interface Wanted {

    record All() implements Wanted {}

    /** Of these users; of a table that has no users, those that the stretch changed. */
    record Changed(long since, List<UUID> users) implements Wanted {}
  }

  private final Database database;

  /** The space's number, and the schema of its views. */
  private final int space;

  private final String schema;
  private final Connection connection;
  private final Position position;

  private PublishedRows(
      Database database, int space, String schema, Connection connection, Position position) {
    this.database = database;
    this.space = space;
    this.schema = schema;
    this.connection = connection;
    this.position = position;
  }

  /** Begins the snapshot of a space; it lasts until it is closed. */
  public static PublishedRows open(Database database, String space) {
    try {
      Connection connection = database.plain("publish");
      try {
        connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
        connection.setReadOnly(true);
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
          statement.execute("SET LOCAL jit = off; SET LOCAL TimeZone = 'UTC'");
        }
        int number = number(connection, space);
        return new PublishedRows(
            database,
            number,
            number == FIRST_SPACE ? "public" : space,
            connection,
            position(connection, number));
      } catch (SQLException | RuntimeException e) {
        connection.close();
        throw e;
      }
    } catch (SQLException e) {
      throw database.failure(e);
    }
  }

  private static int number(Connection connection, String space) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("SELECT number FROM selfsame.space WHERE name = ?")) {
      statement.setString(1, space);
      try (ResultSet row = statement.executeQuery()) {
        if (!row.next()) {
          throw StoredSpaces.unknown(space);
        }
        return row.getInt(1);
      }
    }
  }

  private static Position position(Connection connection, int space) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT s.position, l.at FROM selfsame.space s LEFT JOIN selfsame.ledger l ON l.space ="
                + " s.number AND l.position = s.position WHERE s.number = ?")) {
      statement.setInt(1, space);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return new Position(row.getLong(1), row.getLong(2));
      }
    }
  }

  /** The last line that the snapshot has. */
  public Position position() {
    return position;
  }

  /** Whether this ledger has that line: who stands there can be led on from it. */
  public boolean continues(Position from) {
    if (from.number() == 0) {
      return true;
    }
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT FROM selfsame.ledger WHERE space = ? AND position = ? AND at = ?")) {
      statement.setInt(1, space);
      statement.setLong(2, from.number());
      statement.setLong(3, from.at());
      try (ResultSet row = statement.executeQuery()) {
        return row.next();
      }
    } catch (SQLException e) {
      throw database.failure(e);
    }
  }

  /**
   * What lines after a position changed: the part that each was written to, those that its
   * before-image names with the users that they left, the parts of what was unlinked, and what
   * erasures noted; and the users that those parts are of now.
   *
   * @param most null is the answer where more users changed, or more lines have to be read
   */
  public @Nullable Changes changes(long since, int most) {
    if (position.number() - since > most) {
      return null;
    }
    String stretch =
        "l.space = %d AND l.position > %d AND l.position <= %d"
            .formatted(space, since, position.number());
    String users =
        """
        WITH said AS MATERIALIZED (
          SELECT l.part, b.key AS named, b.value ->> 'user' AS left
          FROM selfsame.ledger l LEFT JOIN LATERAL json_each(l.before::json) b ON true WHERE %1$s
        ), touched AS MATERIALIZED (
          SELECT part AS id FROM said WHERE part IS NOT NULL
          UNION SELECT named::uuid FROM said WHERE named IS NOT NULL
          UNION SELECT "left"::uuid FROM said WHERE "left" IS NOT NULL
          UNION SELECT unnest(ARRAY[u.part, u.new_part]) FROM selfsame.unlinking u
            WHERE u.space = %2$d AND u.undone_position > %3$d
          UNION SELECT unnest(ARRAY[m.survivor, m.absorbed]) FROM selfsame.merge m
            WHERE m.space = %2$d AND m.undone_position > %3$d
          UNION SELECT n.id::uuid FROM selfsame.unpublished n
            WHERE n.space = %2$d AND n.position > %3$d AND n.kind = 'user'
        )
        SELECT id FROM touched
        UNION SELECT p.merged_into FROM touched t JOIN selfsame.part p ON p.space = %2$d AND p.id = t.id
          WHERE p.merged_into IS NOT NULL
        """
            .formatted(stretch, space, since);
    String merges =
        "SELECT %s FROM selfsame.merge WHERE %s UNION SELECT id FROM selfsame.unpublished WHERE space = %d AND position > %d AND kind = 'merge'"
            .formatted(MERGE_ID, merged(since), space, since);
    String accounts =
        "SELECT id::text FROM selfsame.account WHERE space = %1$d AND written_position > %2$d UNION SELECT id FROM selfsame.unpublished WHERE space = %1$d AND position > %2$d AND kind = 'account'"
            .formatted(space, since);
    try {
      List<UUID> changed = new ArrayList<>();
      each(users, row -> changed.add(row.getObject(1, UUID.class)));
      if (changed.size() > most) {
        return null;
      }
      List<String> names = new ArrayList<>();
      each(merges, row -> names.add(row.getString(1)));
      List<String> ids = new ArrayList<>();
      each(accounts, row -> ids.add(row.getString(1)));
      return new Changes(since, changed, names, ids);
    } catch (SQLException e) {
      throw database.failure(e);
    }
  }

  private interface Read {
    void row(ResultSet row) throws SQLException;
  }

  private void each(String sql, Read read) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.setFetchSize(ROWS_AT_A_TIME);
      try (ResultSet row = statement.executeQuery(sql)) {
        while (row.next()) {
          read.row(row);
        }
      }
    }
  }

  /** Copies rows out and returns how many there were. */
  public long copy(PublishedTable table, Wanted wanted, Format format, Bytes to) {
    String options = format == Format.TEXT ? "FORMAT text" : "FORMAT csv, HEADER, ENCODING 'UTF8'";
    String sql = "COPY (%s) TO STDOUT (%s)".formatted(shaped(table, wanted, format), options);
    try {
      CopyOut copy = connection.unwrap(PGConnection.class).getCopyAPI().copyOut(sql);
      try {
        for (byte[] piece = copy.readFromCopy(); piece != null; piece = copy.readFromCopy()) {
          to.take(piece);
        }
        return copy.getHandledRowCount();
      } finally {
        if (copy.isActive()) {
          copy.cancelCopy();
        }
      }
    } catch (SQLException e) {
      throw database.failure(e);
    }
  }

  /** Reads rows and returns how many there were. */
  public long rows(PublishedTable table, Wanted wanted, Row to) {
    List<Column> columns = table.columns();
    long[] count = {0};
    try {
      each(
          sql(table, wanted),
          row -> {
            @Nullable Object[] values = new @Nullable Object[columns.size()];
            for (int i = 0; i < values.length; i++) {
              values[i] = value(row, i + 1, columns.get(i).type());
            }
            to.take(values);
            count[0]++;
          });
      return count[0];
    } catch (SQLException e) {
      throw database.failure(e);
    }
  }

  private static @Nullable Object value(ResultSet row, int at, PublishedTable.Type type)
      throws SQLException {
    return switch (type) {
      case TEXT -> row.getString(at);
      case BOOLEAN -> row.getObject(at, Boolean.class);
      case TIME -> {
        OffsetDateTime time = row.getObject(at, OffsetDateTime.class);
        yield time == null ? null : time.toInstant();
      }
    };
  }

  private String shaped(PublishedTable table, Wanted wanted, Format format) {
    if (format == Format.TEXT) {
      return sql(table, wanted);
    }
    return table.columns().stream()
        .map(column -> shaped(column, format))
        .collect(Collectors.joining(", ", "SELECT ", " FROM (" + sql(table, wanted) + ") t"));
  }

  private static String shaped(Column column, Format format) {
    String name = '"' + column.name() + '"';
    return switch (column.type()) {
      case BOOLEAN -> "%1$s::boolean::text AS %1$s".formatted(name);
      case TIME ->
          "to_char(%1$s AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') AS %1$s"
              .formatted(name);
      case TEXT ->
          format == Format.CSV
              ? name
              : "CASE WHEN left(%1$s, 1) IN ('=', '+', '-', '@', '''', E'\\t', E'\\r') THEN '''' || %1$s ELSE %1$s END AS %1$s"
                  .formatted(name);
    };
  }

  // ---- the rows, as the views have them ----

  private static final String MERGE_ID =
      "position::text || CASE WHEN ordinal = 0 THEN '' ELSE '.' || ordinal END";

  /** Merges that were made or taken back after a position. */
  private String merged(long since) {
    return "space = %1$d AND (position > %2$d OR undone_position > %2$d)".formatted(space, since);
  }

  private String sql(PublishedTable table, Wanted wanted) {
    return switch (wanted) {
      case Wanted.All all ->
          table.columns().stream()
              .map(column -> '"' + column.name() + '"')
              .collect(Collectors.joining(", ", "SELECT ", " FROM " + schema + "." + table.code()));
      case Wanted.Changed changed -> changed(table, changed);
    };
  }

  /**
   * As the views say it, but found by what changed: the views' ids are texts, which no index has.
   */
  private String changed(PublishedTable table, Wanted.Changed changed) {
    return switch (table) {
      case USERS ->
          """
          SELECT id::text AS id, external_id, email, name, billing_id,
            selfsame.time(created_at) AS created_at, selfsame.time(updated_at) AS updated_at
          FROM selfsame.live_user WHERE space = %d AND id = ANY(%s)
          """
              .formatted(space, ids(changed.users()));
      case USER_IDENTITIES ->
          """
          SELECT external_id AS segment_id, email, tools ->> 'zendesk_id' AS zendesk_id,
            coalesce(tools ->> 'stripe_id', CASE WHEN billing_type = 'stripe_id' THEN billing_id END) AS stripe_id,
            tools ->> 'salesforce_id' AS salesforce_id, tools ->> 'intercom_id' AS intercom_id, id::text AS user_id,
            tools ->> 'mailchimp_id' AS mailchimp_id, tools ->> 'hubspot_id' AS hubspot_id,
            coalesce(tools ->> 'chargebee_id', CASE WHEN billing_type = 'chargebee_id' THEN billing_id END) AS chargebee_id
          FROM selfsame.live_user WHERE space = %d AND id = ANY(%s)
          """
              .formatted(space, ids(changed.users()));
      case USER_IDENTIFIERS -> identifiers(ids(changed.users()));
      case USER_MERGES ->
          """
          SELECT %s AS merge_id, absorbed::text AS absorbed_id, survivor::text AS survivor_id, rule AS code,
            selfsame.time(merged_at) AS merged_at, selfsame.time(undone_at) AS undone_at
          FROM selfsame.merge WHERE %s
          """
              .formatted(MERGE_ID, merged(changed.since()));
      case ACCOUNTS ->
          """
          SELECT id::text AS id, external_id, name, domain,
            selfsame.time(created_at) AS created_at, selfsame.time(updated_at) AS updated_at
          FROM selfsame.account WHERE space = %d AND written_position > %d AND merged_into IS NULL
          """
              .formatted(space, changed.since());
    };
  }

  private String identifiers(String users) {
    return """
    WITH own AS MATERIALIZED (
      SELECT * FROM selfsame.part WHERE space = %1$d AND id = ANY(%2$s) AND merged_into IS NULL
      UNION ALL
      SELECT * FROM selfsame.part WHERE space = %1$d AND merged_into = ANY(%2$s)
    ), held AS (
      SELECT p.space, coalesce(merged_into, p.id) AS user_id, 'external_id' AS type, p.external_id AS value,
        NOT (compound OR merged_into IS NOT NULL) OR EXISTS (
          SELECT FROM selfsame.folded f
          WHERE f.space = p.space AND f.id = coalesce(merged_into, p.id) AND f.external_id = p.external_id) AS current,
        coalesce(external_source, source) AS source, coalesce(external_first, created_at) AS first_seen,
        coalesce(external_last, external_first, created_at) AS last_seen
      FROM own p WHERE p.external_id IS NOT NULL
      UNION ALL
      SELECT space, coalesce(merged_into, id), 'email', email, true, coalesce(email_source, source),
        coalesce(email_first, created_at), coalesce(email_last, email_first, created_at)
      FROM own WHERE email IS NOT NULL
      UNION ALL
      SELECT p.space, coalesce(merged_into, p.id), p.billing_type, p.billing_id,
        NOT (compound OR merged_into IS NOT NULL) OR NOT EXISTS (
          SELECT FROM selfsame.folded f
          WHERE f.space = p.space AND f.id = coalesce(merged_into, p.id)
            AND f.billing_type = p.billing_type AND f.billing_id <> p.billing_id),
        coalesce(billing_source, source),
        coalesce(billing_first, created_at), coalesce(billing_last, billing_first, created_at)
      FROM own p WHERE p.billing_id IS NOT NULL
      UNION ALL
      SELECT i.space, coalesce(p.merged_into, p.id), i.type, i.value, i.current AND NOT i.deleted, i.source,
        i.first_seen, i.last_seen
      FROM own p JOIN selfsame.identifier i ON i.space = p.space AND i.part = p.id
    )
    SELECT held.user_id::text AS user_id, held.type, held.value, held.current, source.name AS source,
      selfsame.time(held.first_seen) AS first_seen, selfsame.time(held.last_seen) AS last_seen
    FROM held JOIN selfsame.source ON source.space = held.space AND source.number = held.source
    """
        .formatted(space, users);
  }

  private static String ids(List<UUID> users) {
    return users.stream().map(UUID::toString).collect(Collectors.joining(",", "'{", "}'::uuid[]"));
  }

  @Override
  public void close() {
    try {
      connection.close();
    } catch (SQLException e) {
      // Nothing was written.
      return;
    }
  }
}
