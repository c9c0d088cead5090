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
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** How a space's other databases are reached. Secrets come and go encrypted. */
public final class StoredConnections {

  private static final String COLUMNS = "name, kind, url, login, secret, options, changed_at";

  /**
   * One of them.
   *
   * @param kind such as {@code postgresql}
   * @param url as its driver takes it, without a password
   * @param login null: as the driver finds it
   * @param secret the password, encrypted; null: none
   * @param options by name
   */
  @SuppressWarnings("ArrayRecordComponent") // Nobody compares them.
  public record Entry(
      String name,
      String kind,
      String url,
      @Nullable String login,
      byte @Nullable [] secret,
      Map<String, String> options,
      Instant changedAt) {
    public Entry {
      options = Map.copyOf(options);
    }
  }

  private final Database database;
  private final String space;

  public StoredConnections(Database database, String space) {
    this.database = database;
    this.space = space;
  }

  /**
   * Adds one, and notes who did; or puts it in place of the one of its name.
   *
   * @throws Failure {@code CONNECTION_EXISTS} if there is one of that name, and it is not to be
   *     replaced
   */
  public void put(Entry entry, boolean replace, Actor actor) {
    database.write(handle -> {
      int added =
          handle
              .createUpdate(
                  """
                  INSERT INTO selfsame.connection (space, name, kind, url, login, secret, options, changed_at)
                  SELECT number, :name, :kind, :url, :login, :secret, :options::jsonb, :changed
                  FROM selfsame.space WHERE name = :space
                  ON CONFLICT (space, name) DO UPDATE SET kind = excluded.kind, url = excluded.url, login = excluded.login,
                    secret = excluded.secret, options = excluded.options, changed_at = excluded.changed_at
                    WHERE :replace
                  """)
              .bind("name", entry.name())
              .bind("kind", entry.kind())
              .bind("url", entry.url())
              .bind("login", entry.login())
              .bind("secret", entry.secret())
              .bind("options", Json.object(entry.options()))
              .bind("changed", Timestamp.from(entry.changedAt()))
              .bind("replace", replace)
              .bind("space", space)
              .execute();
      if (added == 0) {
        throw new Failure(
            Problem.CONNECTION_EXISTS,
            "There is a connection called %s; say that it is to be replaced, or choose another name."
                .formatted(entry.name()));
      }
      ActLog.note(
          handle,
          space,
          "add_connection",
          actor,
          entry.changedAt(),
          Map.of("name", entry.name(), "kind", entry.kind(), "url", entry.url()));
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
   * Removes one, and notes who did.
   *
   * @throws Failure {@code NOT_FOUND}, or {@code CONNECTION_IN_USE} where a source or a publication
   *     uses it
   */
  public void remove(String name, Actor actor, Instant now) {
    database.write(handle -> {
      List<String> users =
          handle
              .createQuery(
                  """
                  SELECT o.name FROM selfsame.sync q JOIN selfsame.source o ON o.space = q.space AND o.number = q.source
                  JOIN selfsame.space s ON s.number = q.space WHERE s.name = :space AND q.connection = :name
                  UNION ALL
                  SELECT p.name FROM selfsame.publication p
                  JOIN selfsame.space s ON s.number = p.space WHERE s.name = :space AND p.connection = :name ORDER BY 1
                  """)
              .bind("space", space)
              .bind("name", name)
              .mapTo(String.class)
              .list();
      if (!users.isEmpty()) {
        throw new Failure(
            Problem.CONNECTION_IN_USE,
            "The connection %s is used by %s. Name another one for it first: source add --replace, publish add --replace."
                .formatted(name, String.join(", ", users)));
      }
      int removed =
          handle
              .createUpdate(
                  "DELETE FROM selfsame.connection WHERE name = :name AND space = (SELECT number"
                      + " FROM selfsame.space WHERE name = :space)")
              .bind("name", name)
              .bind("space", space)
              .execute();
      if (removed == 0) {
        throw unknown(name);
      }
      ActLog.note(handle, space, "remove_connection", actor, now, Map.of("name", name));
      return true;
    });
  }

  private List<Entry> select(Handle handle, @Nullable String name) {
    return handle
        .createQuery(
            "SELECT "
                + COLUMNS
                + " FROM selfsame.connection WHERE space = (SELECT number FROM selfsame.space WHERE"
                + " name = :space) AND (:name::text IS NULL OR name = :name) ORDER BY name")
        .bind("space", space)
        .bind("name", name)
        .map((row, context) -> entry(row))
        .list();
  }

  private static Entry entry(ResultSet row) throws SQLException {
    Map<String, String> options = new TreeMap<>();
    JsonNode read = Json.MAPPER.readTree(row.getString("options"));
    read.forEachEntry((option, value) -> options.put(option, value.asString()));
    return new Entry(
        row.getString("name"),
        row.getString("kind"),
        row.getString("url"),
        row.getString("login"),
        row.getBytes("secret"),
        options,
        row.getTimestamp("changed_at").toInstant());
  }

  private static Failure unknown(String name) {
    return new Failure(Problem.NOT_FOUND, "There is no connection called %s.".formatted(name));
  }
}
