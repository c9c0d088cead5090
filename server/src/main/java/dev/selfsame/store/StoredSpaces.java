package dev.selfsame.store;

import dev.selfsame.access.Actor;
import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * The spaces of an installation. Each has users, a ledger, sources, a policy and a secret of its
 * own; nothing that is said in one is known in another.
 */
public final class StoredSpaces {

  /** Each takes threads and connections on every server. */
  public static final int MOST = 50;

  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]{0,39}");

  /**
   * A space.
   *
   * @param createdAt null: it is there from the start
   * @param users how many live ones it has
   */
  public record Space(String name, @Nullable Instant createdAt, long users) {}

  private final Database database;

  public StoredSpaces(Database database) {
    this.database = database;
  }

  /** All of them, in the order in which they were made. */
  public List<Space> list() {
    return database.read(handle ->
        handle
            .createQuery("SELECT name, created_at, users FROM selfsame.space ORDER BY number")
            .map((row, context) -> {
              Timestamp at = row.getTimestamp(2);
              return new Space(
                  row.getString(1), at == null ? null : at.toInstant(), row.getLong(3));
            })
            .list());
  }

  /**
   * Makes sure that there is one.
   *
   * @throws Failure {@code UNKNOWN_SPACE}
   */
  public void need(String name) {
    if (!names().contains(name)) {
      throw unknown(name);
    }
  }

  public List<String> names() {
    return list().stream().map(Space::name).toList();
  }

  /**
   * Makes one, with the sources and the policy that the first one starts with.
   *
   * @throws Failure {@code SPACE_NAME}, {@code SPACE_EXISTS} or {@code SPACES_LIMIT}
   */
  public Space create(String name, Actor actor, Instant at) {
    if (!NAME.matcher(name).matches()) {
      throw new Failure(
          Problem.SPACE_NAME,
          "A space is called by 1 to 40 of a-z, 0-9 and _, the first of them a letter");
    }
    Space made = database.write(handle -> insert(handle, name, actor, at));
    database.ensureReaders();
    return made;
  }

  private static Space insert(Handle handle, String name, Actor actor, Instant at) {
    // One at a time, on whatever server.
    handle
        .createQuery("SELECT name FROM selfsame.chore WHERE name = 'spaces' FOR UPDATE")
        .mapTo(String.class)
        .one();
    int there =
        handle.createQuery("SELECT count(*) FROM selfsame.space").mapTo(Integer.class).one();
    boolean exists =
        handle
            .createQuery("SELECT EXISTS (SELECT FROM selfsame.space WHERE name = :name)")
            .bind("name", name)
            .mapTo(Boolean.class)
            .one();
    if (exists) {
      throw new Failure(Problem.SPACE_EXISTS, "There is a space %s already".formatted(name));
    }
    boolean schema =
        handle
            .createQuery(
                "SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = :name OR"
                    + " starts_with(nspname::text, :name || '_')) OR EXISTS (SELECT FROM"
                    + " pg_get_keywords() WHERE word = :name AND catcode IN ('R', 'T'))")
            .bind("name", name)
            .mapTo(Boolean.class)
            .one();
    if (schema || LandingTables.reserved(name)) {
      throw new Failure(
          Problem.SPACE_NAME,
          "A space cannot be called %s: the database calls something else so. Choose another"
              .formatted(name));
    }
    if (there >= MOST) {
      throw new Failure(
          Problem.SPACES_LIMIT, "There are %d spaces, and may be no more".formatted(MOST));
    }
    int number =
        handle
            .createQuery(
                "INSERT INTO selfsame.space (number, name, created_at) SELECT max(number) + 1,"
                    + " :name, :at FROM selfsame.space RETURNING number")
            .bind("name", name)
            .bind("at", Timestamp.from(at))
            .mapTo(Integer.class)
            .one();
    handle
        .createUpdate(
            "INSERT INTO selfsame.source (space, number, name, channel) VALUES (:space, 1,"
                + " 'segment', 'segment'), (:space, 2, 'csv', 'csv'), (:space, 3, 'by hand',"
                + " 'act')")
        .bind("space", number)
        .execute();
    // Each version of a policy keeps the settings of every source.
    handle
        .createUpdate(
            """
            INSERT INTO selfsame.policy (space, version, settings, made_at)
            SELECT :space, 1, jsonb_build_object('sources', jsonb_object_agg(name, settings)), :at
            FROM selfsame.source WHERE space = :space
            """)
        .bind("space", number)
        .bind("at", Timestamp.from(at))
        .execute();
    ActLog.note(handle, "create_space", actor, at, Map.of("space", name));
    return new Space(name, at, 0);
  }

  /** Names that are no space's. */
  static Failure unknown(String name) {
    return new Failure(
        Problem.UNKNOWN_SPACE,
        "There is no space %s; see selfsame spaces list, or make it with selfsame spaces create %s"
            .formatted(name, name));
  }
}
