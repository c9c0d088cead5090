package dev.selfsame.store;

import dev.selfsame.identity.Field;
import dev.selfsame.identity.Held;
import dev.selfsame.identity.Identifier;
import dev.selfsame.identity.IdentifierType;
import dev.selfsame.identity.Source;
import dev.selfsame.identity.User;
import dev.selfsame.store.Gathering.Answered;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;
import org.jdbi.v3.core.transaction.TransactionIsolationLevel;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads the users of one space for people: each method is a few index look-ups, however many users
 * there are.
 */
public final class UserQueries {

  private static final String USER =
      "u.id, u.external_id, u.email, u.name, u.billing_id, u.created_at, u.updated_at";

  /** How many users a page of a filtered list looks at, so that no page takes long. */
  public static final int MOST_LOOKED_AT = 100_000;

  private static final int FIRST_STEP = 4_000;

  // OFFSET 0 here and below: live_user is a union, one side of which has conditions; of a plain
  // join with it the planner makes
  // one that reads every user.
  static final String BY_ID =
      """
      SELECT %s FROM unnest(:ids::uuid[]) wanted (id)
      CROSS JOIN LATERAL (SELECT * FROM selfsame.live_user WHERE space = :space AND id = wanted.id OFFSET 0) u
      """
          .formatted(USER);

  /** The first live users that hold each of many things. */
  private static final String HOLDING =
      """
      SELECT %s, asked.number
      FROM unnest(?::int[], ?::int[], ?::text[], ?::text[], ?::text[], ?::boolean[])
        asked (number, most, kind, type, value, among)
      CROSS JOIN LATERAL (
        SELECT DISTINCT id FROM (
          SELECT coalesce(merged_into, id) FROM selfsame.part
          WHERE asked.kind = 'EXTERNAL' AND external_id = asked.value AND space = ?
          UNION ALL
          SELECT coalesce(merged_into, id) FROM selfsame.part
          WHERE asked.kind = 'EMAIL' AND email = asked.value AND space = ?
          UNION ALL
          SELECT coalesce(merged_into, id) FROM selfsame.part
          WHERE asked.kind = 'BILLING' AND billing_id = asked.value AND billing_type = asked.type AND space = ?
          UNION ALL
          SELECT coalesce(p.merged_into, p.id) FROM selfsame.identifier i
          JOIN selfsame.part p ON p.space = i.space AND p.id = i.part
          WHERE asked.among AND i.value = asked.value AND i.type = asked.type AND i.space = ?
        ) candidate (id) ORDER BY id LIMIT asked.most) held
      CROSS JOIN LATERAL (SELECT * FROM selfsame.live_user WHERE space = ? AND id = held.id OFFSET 0) u
      """
          .formatted(USER);

  private static final String TRAITS =
      """
      SELECT u.id, p.traits FROM unnest(?::uuid[]) u (id)
      CROSS JOIN LATERAL (
        SELECT id, traits, landed_at FROM selfsame.part WHERE space = ? AND id = u.id AND traits IS NOT NULL
        UNION ALL
        SELECT id, traits, landed_at FROM selfsame.part WHERE space = ? AND merged_into = u.id AND traits IS NOT NULL) p
      ORDER BY p.landed_at, p.id
      """;

  /** So few values are looked up together with others'. */
  private static final int FEW = 10;

  /** At once: one is read while the answers of the other go out. */
  private static final int ROUNDS = 2;

  /** Of how many callers at once; each may be told of some users that hold much. */
  private static final int CALLERS_A_ROUND = 100;

  /** What the program's own tools call their ids; other types are found in the table. */
  private static final String TYPES =
      """
      WITH RECURSIVE type AS (
        (SELECT min(type) AS name FROM selfsame.identifier WHERE space = :space)
        UNION ALL
        SELECT (SELECT min(i.type) FROM selfsame.identifier i WHERE i.space = :space AND i.type > type.name)
        FROM type WHERE type.name IS NOT NULL)
      SELECT name FROM type WHERE name IS NOT NULL
      """;

  /**
   * What a user must hold to be found: any one of these.
   *
   * @param formerEmails an email that was replaced counts too
   */
  public record Holding(List<Identifier> anyOf, boolean formerEmails) {
    public Holding {
      anyOf = List.copyOf(anyOf);
    }
  }

  /** A place in the results of {@link #startingWith}. */
  public record Place(String value, UUID user) {}

  /** A user with the value by which a search found it. */
  public record Hit(Place place, FoundUser user) {}

  /** A user that does not stand in the store yet, as people would see it. */
  public record Foreseen(FoundUser user, List<FoundIdentifier> identifiers) {
    public Foreseen {
      identifiers = List.copyOf(identifiers);
    }
  }

  /** A user by what shows of it, and everything that it holds or held. */
  public record Holder(
      UUID id,
      @Nullable String externalId,
      @Nullable String email,
      @Nullable String name,
      List<FoundIdentifier> identifiers) {
    public Holder {
      identifiers = List.copyOf(identifiers);
    }
  }

  /**
   * Who holds what was asked for, in about the order of creation.
   *
   * @param more there are others beside these
   */
  public record Holders(List<Holder> users, boolean more) {
    public Holders {
      users = List.copyOf(users);
    }
  }

  private final Database database;
  private final String spaceName;
  private final CurrentSettings current;
  private final Gathering<Ask, Told> gathering;

  public UserQueries(Database database, String space) {
    this.database = database;
    this.spaceName = space;
    this.current = new CurrentSettings(space);
    this.gathering =
        new Gathering<>(
            ROUNDS,
            CALLERS_A_ROUND,
            asks -> database.readPointed(handle -> answers(handle.getConnection(), asks)));
  }

  /** What values are normalised under today. */
  public SpaceSettings settings() {
    return gathering.ask(new Ask(settings -> List.of(), 1, false)).settings();
  }

  /**
   * Users in order of their ids, which is about the order of their creation.
   *
   * @param conditions all must hold
   * @param after the last id of the page before, or null
   */
  public List<FoundUser> holding(List<Holding> conditions, @Nullable UUID after, int limit) {
    return database.read(handle -> {
      SpaceSettings space = SpaceSettings.read(handle.getConnection(), spaceName);
      return withTraits(handle, space, holding(handle, space, conditions, after, limit));
    });
  }

  /**
   * Users that hold something, in order of their ids, which is about the order of their creation.
   *
   * @param asked what, by the settings under which values are normalised; what it throws is thrown
   */
  public List<FoundUser> holding(Function<SpaceSettings, Holding> asked, int limit) {
    Told told = gathering.ask(new Ask(settings -> List.of(asked.apply(settings)), limit, false));
    return told.found().getFirst().values().stream().limit(limit).toList();
  }

  /**
   * Who holds each of these, in their order and as of one moment: a few statements, however many
   * are asked for.
   *
   * @param values how many they will be
   * @param asked they themselves, by the settings under which values are normalised; what it throws
   *     is thrown
   * @param most how many users are told of one
   */
  public List<Holders> holders(int values, Function<SpaceSettings, List<Holding>> asked, int most) {
    Ask ask = new Ask(asked, most + 1, true);
    Told told =
        values <= FEW
            ? gathering.ask(ask)
            : database
                .readPointed(handle -> answers(handle.getConnection(), List.of(ask)))
                .getFirst()
                .orThrow();
    return told.found().stream()
        .map(users ->
            new Holders(
                users.values().stream()
                    .limit(most)
                    .map(user ->
                        new Holder(
                            user.id(),
                            user.externalId(),
                            user.email(),
                            user.name(),
                            told.identifiers().getOrDefault(user.id(), List.of())))
                    .toList(),
                users.size() > most))
        .toList();
  }

  /**
   * Somebody's question, which is answered together with others'.
   *
   * @param limit how many users of each
   * @param identified with what they hold, all but the last of that many; else with their traits
   */
  private record Ask(
      Function<SpaceSettings, List<Holding>> holdings, int limit, boolean identified) {}

  /**
   * Its answer.
   *
   * @param found of each holding who has it, by their ids
   */
  private record Told(
      SpaceSettings settings,
      List<SortedMap<UUID, FoundUser>> found,
      Map<UUID, List<FoundIdentifier>> identifiers) {}

  private List<Answered<Told>> answers(Connection connection, List<Ask> asks) throws SQLException {
    SpaceSettings space = current.read(connection);
    List<Asked> all = new ArrayList<>();
    List<Answered<Told>> answers = new ArrayList<>();
    List<Integer> firsts = new ArrayList<>();
    List<@Nullable RuntimeException> failures = new ArrayList<>();
    for (Ask ask : asks) {
      firsts.add(all.size());
      RuntimeException failure = null;
      try {
        ask.holdings().apply(space).forEach(holding -> all.add(new Asked(holding, ask.limit())));
      } catch (RuntimeException e) {
        failure = e;
      }
      failures.add(failure);
    }
    firsts.add(all.size());
    List<SortedMap<UUID, FoundUser>> found = holding(connection, space, all);
    Set<UUID> identified = new HashSet<>();
    Map<UUID, ObjectNode> traits = new HashMap<>();
    for (int i = 0; i < asks.size(); i++) {
      Ask ask = asks.get(i);
      for (SortedMap<UUID, FoundUser> users : found.subList(firsts.get(i), firsts.get(i + 1))) {
        if (ask.identified()) {
          users.keySet().stream().limit(ask.limit() - 1).forEach(identified::add);
        } else {
          users.values().forEach(user -> traits.put(user.id(), user.traits()));
        }
      }
    }
    addTraits(connection, space, traits);
    Map<UUID, List<FoundIdentifier>> identifiers = identifiers(connection, space, identified);
    for (int i = 0; i < asks.size(); i++) {
      RuntimeException failure = failures.get(i);
      answers.add(
          failure == null
              ? new Answered<>(
                  new Told(
                      space,
                      List.copyOf(found.subList(firsts.get(i), firsts.get(i + 1))),
                      identifiers),
                  null)
              : new Answered<>(null, failure));
    }
    return answers;
  }

  /**
   * Users with an identifier that starts with a text, in order of the least such identifier.
   *
   * @param text as ids are compared
   * @param email as emails are compared
   * @param after where the page before ended, or null
   */
  public List<Hit> startingWith(String text, String email, @Nullable Place after, int limit) {
    return database.read(handle -> {
      SpaceSettings space = SpaceSettings.read(handle.getConnection(), spaceName);
      List<String> types =
          handle.createQuery(TYPES).bind("space", space.number()).mapTo(String.class).list();
      List<Place> places = new ArrayList<>();
      Place from = after;
      while (true) {
        List<Place> candidates = candidates(handle, space, types, text, email, from, limit);
        places.addAll(leastOf(handle, space, candidates, text, email));
        if (places.size() >= limit || candidates.size() < limit) {
          break;
        }
        from = candidates.getLast();
      }
      List<Place> page = places.subList(0, Math.min(limit, places.size()));
      Map<UUID, FoundUser> users = new HashMap<>();
      for (FoundUser user : byId(handle, space, page.stream().map(Place::user).toList())) {
        users.put(user.id(), user);
      }
      List<Hit> hits = new ArrayList<>();
      for (Place place : page) {
        FoundUser user = users.get(place.user());
        if (user != null) {
          hits.add(new Hit(place, user));
        }
      }
      return hits;
    });
  }

  /**
   * The live user that an id leads to today: itself, or the one that absorbed it; null if there
   * never was one.
   */
  public @Nullable UUID live(UUID id) {
    return database.read(handle ->
        handle
            .createQuery(
                """
                SELECT coalesce(p.merged_into, p.id) FROM selfsame.part p JOIN selfsame.space s ON s.number = p.space
                WHERE s.name = :space AND p.id = :id
                """)
            .bind("space", spaceName)
            .bind("id", id)
            .mapTo(UUID.class)
            .findOne()
            .orElse(null));
  }

  /** A live user, or null. */
  public @Nullable FoundUser user(UUID id) {
    return database.read(handle -> {
      SpaceSettings space = SpaceSettings.read(handle.getConnection(), spaceName);
      List<FoundUser> users = byId(handle, space, List.of(id));
      return users.isEmpty() ? null : users.getFirst();
    });
  }

  /**
   * Everything that a live user holds or held: what shows first, then in the order in which it
   * came.
   */
  public List<FoundIdentifier> identifiers(UUID id) {
    // Of one moment: an undo or erasure between two statements would leave parts without merges.
    return database.read(handle ->
        handle.inTransaction(
            TransactionIsolationLevel.REPEATABLE_READ,
            one -> {
              SpaceSettings space = SpaceSettings.read(one.getConnection(), spaceName);
              Snapshot snapshot = new Snapshot(false, 16);
              new UserReader(one.getConnection(), space.number())
                  .readHolders(snapshot, List.of(), List.of(id));
              User user = snapshot.users().user(id);
              return user == null ? List.of() : identifiers(user, space);
            }));
  }

  /**
   * What people would see of a user that was decided and is not written.
   *
   * @param now when it would be changed
   */
  public Foreseen foreseen(User user, Instant now) {
    return database.read(handle -> {
      SpaceSettings space = SpaceSettings.read(handle.getConnection(), spaceName);
      Held externalId = user.externalId();
      Held email = user.email();
      Field name = user.name();
      Held billingId = user.liveBillingId();
      FoundUser found =
          new FoundUser(
              user.id(),
              externalId == null ? null : externalId.value(),
              email == null ? null : email.value(),
              name == null ? null : name.value(),
              billingId == null ? null : billingId.value(),
              time(user.root().createdAt()),
              now.truncatedTo(ChronoUnit.MICROS),
              Json.MAPPER.createObjectNode());
      Map<UUID, ObjectNode> traits = new HashMap<>();
      user.parts().forEach(part -> traits.put(part.id(), found.traits()));
      addTraits(handle.getConnection(), space, traits);
      return new Foreseen(found, identifiers(user, space));
    });
  }

  /** Which users the merges of that ledger position absorbed, in their order. */
  public List<UUID> absorbed(long position) {
    return database.read(handle ->
        handle
            .createQuery(
                """
                SELECT m.absorbed FROM selfsame.merge m JOIN selfsame.space s ON s.number = m.space
                WHERE s.name = :space AND m.position = :position ORDER BY m.ordinal
                """)
            .bind("space", spaceName)
            .bind("position", position)
            .mapTo(UUID.class)
            .list());
  }

  /** What happened to the users. */
  public UserHistory history() {
    return new UserHistory(database, spaceName);
  }

  /**
   * Some of a list, and where it goes on.
   *
   * @param users fewer than asked for where the others were not looked at yet
   * @param next the id beyond which it goes on; null: that were all
   */
  public record Listed(List<FoundUser> users, @Nullable UUID next) {
    public Listed {
      users = List.copyOf(users);
    }
  }

  /**
   * Live users that a filter lets through, in order of their ids, which is about the order of their
   * creation. Of a filter that few pass no more than {@link #MOST_LOOKED_AT} users are looked at.
   *
   * @param from the last id of the page before, or null
   * @param newestFirst those created last first
   */
  public Listed listed(UserFilter filter, @Nullable UUID from, boolean newestFirst, int limit) {
    return database.read(handle -> {
      SpaceSettings space = SpaceSettings.read(handle.getConnection(), spaceName);
      String conditions = UserConditions.sql(space, filter);
      UUID lowest = UserConditions.lowest(filter);
      UUID beyond = UserConditions.beyond(filter);
      UUID start = newestFirst ? beyond : lowest;
      UUID stop = newestFirst ? lowest : beyond;
      UUID at = from == null ? start : from;
      boolean after = from != null || newestFirst;
      List<FoundUser> users = new ArrayList<>();
      int looked = 0;
      int step = FIRST_STEP;
      while (true) {
        UUID end =
            conditions.isEmpty()
                ? null
                : stepEnd(handle, space, at, after, stop, newestFirst, step);
        users.addAll(
            between(
                handle,
                space,
                conditions,
                at,
                after,
                end == null ? stop : end,
                end != null,
                newestFirst,
                limit + 1 - users.size()));
        looked += step;
        if (users.size() > limit) {
          List<FoundUser> page = users.subList(0, limit);
          return new Listed(withTraits(handle, space, page), page.getLast().id());
        }
        if (end == null || looked >= MOST_LOOKED_AT) {
          return new Listed(withTraits(handle, space, users), end);
        }
        at = end;
        after = true;
        step = Math.min(step * 4, MOST_LOOKED_AT - looked);
      }
    });
  }

  /** Those of the users that a filter lets through. */
  public Set<UUID> passing(List<UUID> users, UserFilter filter) {
    return database.read(handle -> {
      SpaceSettings space = SpaceSettings.read(handle.getConnection(), spaceName);
      return handle
          .createQuery(
              """
              SELECT u.id FROM unnest(:ids::uuid[]) wanted (id)
              CROSS JOIN LATERAL (SELECT * FROM selfsame.live_user WHERE space = :space AND id = wanted.id OFFSET 0) u
              WHERE true%s
              """
                  .formatted(UserConditions.sql(space, filter)))
          .bindArray("ids", UUID.class, users)
          .bind("space", space.number())
          .mapTo(UUID.class)
          .set();
    });
  }

  /** The names of the sources that know each of the users: that told what there is of it. */
  public Map<UUID, List<String>> sources(List<UUID> users) {
    Map<UUID, List<String>> sources = new HashMap<>();
    database.read(handle ->
        handle
            .createQuery(
                """
                SELECT DISTINCT u.id, s.name FROM unnest(:ids::uuid[]) u (id)
                JOIN selfsame.space ON space.name = :space
                CROSS JOIN LATERAL (
                  SELECT * FROM selfsame.part WHERE part.space = space.number AND part.id = u.id
                  UNION ALL
                  SELECT * FROM selfsame.part WHERE part.space = space.number AND merged_into = u.id) p
                CROSS JOIN LATERAL (
                  VALUES (p.source), (p.external_source), (p.email_source), (p.name_source), (p.billing_source)
                  UNION ALL
                  SELECT i.source FROM selfsame.identifier i WHERE i.part = p.id AND i.space = p.space) said (number)
                JOIN selfsame.source s ON s.space = p.space AND s.number = said.number
                ORDER BY s.name
                """)
            .bindArray("ids", UUID.class, users)
            .bind("space", spaceName)
            .map((row, context) ->
                sources
                    .computeIfAbsent(row.getObject(1, UUID.class), id -> new ArrayList<>())
                    .add(row.getString(2)))
            .list());
    return sources;
  }

  // ---- users ----

  /** The last id of the next users that are looked at; null: they are the last. */
  private static @Nullable UUID stepEnd(
      Handle handle,
      SpaceSettings space,
      @Nullable UUID at,
      boolean after,
      @Nullable UUID stop,
      boolean newestFirst,
      int step) {
    Query query =
        handle.createQuery(
            stepSql(range("id", at == null, after, stop == null, false, newestFirst), newestFirst));
    bind(query, at, stop);
    return query
        .bind("space", space.number())
        .bind("step", step - 1)
        .mapTo(UUID.class)
        .findOne()
        .orElse(null);
  }

  static String stepSql(String range, boolean newestFirst) {
    return "SELECT id FROM selfsame.part WHERE space = :space%s ORDER BY id %s OFFSET :step LIMIT 1"
        .formatted(range, newestFirst ? "DESC" : "");
  }

  private static List<FoundUser> between(
      Handle handle,
      SpaceSettings space,
      String conditions,
      @Nullable UUID at,
      boolean after,
      @Nullable UUID stop,
      boolean withStop,
      boolean newestFirst,
      int limit) {
    Query query =
        handle.createQuery(
            betweenSql(
                range("u.id", at == null, after, stop == null, withStop, newestFirst) + conditions,
                newestFirst));
    bind(query, at, stop);
    return query
        .bind("space", space.number())
        .bind("limit", limit)
        .map((row, context) -> user(row))
        .list();
  }

  static String betweenSql(String conditions, boolean newestFirst) {
    return LiveUsers.inOrder(USER, conditions, newestFirst, ":limit");
  }

  /** Which ids: beyond {@code :at}, or from it on, up to {@code :stop}, with it or without. */
  static String range(
      String id, boolean fromStart, boolean after, boolean toEnd, boolean with, boolean down) {
    String past = down ? "<" : ">";
    String before = down ? ">" : "<";
    // Downwards the lowest id itself belongs to the range, upwards the one beyond it does not.
    boolean end = with || down;
    return (fromStart ? "" : " AND %s %s :at".formatted(id, after ? past : past + "="))
        + (toEnd ? "" : " AND %s %s :stop".formatted(id, end ? before + "=" : before));
  }

  private static void bind(Query query, @Nullable UUID at, @Nullable UUID stop) {
    if (at != null) {
      query.bind("at", at);
    }
    if (stop != null) {
      query.bind("stop", stop);
    }
  }

  static List<FoundUser> holding(
      Handle handle,
      SpaceSettings space,
      List<Holding> conditions,
      @Nullable UUID after,
      int limit) {
    StringBuilder candidates = new StringBuilder();
    Map<String, String> values = new LinkedHashMap<>();
    for (Holding condition : conditions) {
      candidates
          .append(candidates.isEmpty() ? "" : " INTERSECT ")
          .append('(')
          .append(any(condition, values))
          .append(')');
    }
    Query query =
        handle.createQuery(
            """
            SELECT %s FROM (
              SELECT DISTINCT id FROM (%s) candidate (id) %s ORDER BY id LIMIT :limit) found
            CROSS JOIN LATERAL (SELECT * FROM selfsame.live_user WHERE space = :space AND id = found.id OFFSET 0) u
            ORDER BY u.id
            """
                .formatted(USER, candidates, after == null ? "" : "WHERE id > :after"));
    values.forEach(query::bind);
    if (after != null) {
      query.bind("after", after);
    }
    return query
        .bind("space", space.number())
        .bind("limit", limit)
        .map((row, context) -> user(row))
        .list();
  }

  /**
   * The live users that hold any of the identifiers, as SQL; its values are added to {@code values}
   * by name.
   */
  private static String any(Holding condition, Map<String, String> values) {
    List<String> ways = new ArrayList<>();
    for (Identifier identifier : condition.anyOf()) {
      String value = "value" + values.size();
      values.put(value, identifier.value());
      String part =
          "SELECT coalesce(p.merged_into, p.id) FROM selfsame.part p WHERE p.space = :space AND p.";
      String type = "type" + values.size();
      boolean among = condition.formerEmails();
      switch (identifier.type().kind()) {
        case EXTERNAL -> {
          ways.add(part + "external_id = :" + value);
          among = true;
        }
        case EMAIL -> ways.add(part + "email = :" + value);
        case BILLING -> {
          values.put(type, identifier.type().name());
          ways.add(part + "billing_id = :" + value + " AND p.billing_type = :" + type);
          among = true;
        }
        case RECORD, FALLBACK -> among = true;
      }
      if (among) {
        values.put(type, identifier.type().name());
        ways.add(
            """
            SELECT coalesce(p.merged_into, p.id) FROM selfsame.identifier i
            JOIN selfsame.part p ON p.space = i.space AND p.id = i.part
            WHERE i.space = :space AND i.type = :%s AND i.value = :%s\
            """
                .formatted(type, value));
      }
    }
    return ways.isEmpty() ? "SELECT NULL::uuid WHERE false" : String.join("\nUNION ALL\n", ways);
  }

  /**
   * What to find.
   *
   * @param limit how many users
   */
  private record Asked(Holding holding, int limit) {}

  /** The first live users that hold each, found by one statement; without traits. */
  private static List<SortedMap<UUID, FoundUser>> holding(
      Connection connection, SpaceSettings space, List<Asked> asked) throws SQLException {
    // Who is asked for twice is found once, so that both see the same.
    Map<Asked, SortedMap<UUID, FoundUser>> found = new LinkedHashMap<>();
    List<Integer> numbers = new ArrayList<>();
    List<Integer> limits = new ArrayList<>();
    List<String> kinds = new ArrayList<>();
    List<String> types = new ArrayList<>();
    List<String> values = new ArrayList<>();
    List<Boolean> among = new ArrayList<>();
    for (Asked one : asked) {
      if (found.containsKey(one)) {
        continue;
      }
      for (Identifier identifier : one.holding().anyOf()) {
        IdentifierType.Kind kind = identifier.type().kind();
        numbers.add(found.size());
        limits.add(one.limit());
        kinds.add(kind.name());
        types.add(identifier.type().name());
        values.add(identifier.value());
        among.add(kind != IdentifierType.Kind.EMAIL || one.holding().formerEmails());
      }
      found.put(one, new TreeMap<>());
    }
    if (!numbers.isEmpty()) {
      List<SortedMap<UUID, FoundUser>> byNumber = List.copyOf(found.values());
      Map<UUID, FoundUser> users = new HashMap<>();
      try (PreparedStatement statement = connection.prepareStatement(HOLDING)) {
        statement.setArray(1, connection.createArrayOf("int4", numbers.toArray()));
        statement.setArray(2, connection.createArrayOf("int4", limits.toArray()));
        statement.setArray(3, connection.createArrayOf("text", kinds.toArray()));
        statement.setArray(4, connection.createArrayOf("text", types.toArray()));
        statement.setArray(5, connection.createArrayOf("text", values.toArray()));
        statement.setArray(6, connection.createArrayOf("bool", among.toArray()));
        for (int i = 7; i <= 11; i++) {
          statement.setInt(i, space.number());
        }
        try (ResultSet row = statement.executeQuery()) {
          while (row.next()) {
            FoundUser read = user(row);
            FoundUser user = Objects.requireNonNullElse(users.putIfAbsent(read.id(), read), read);
            byNumber.get(row.getInt(8)).put(user.id(), user);
          }
        }
      }
    }
    return asked.stream().map(one -> Objects.requireNonNull(found.get(one))).toList();
  }

  private static Map<UUID, List<FoundIdentifier>> identifiers(
      Connection connection, SpaceSettings space, Set<UUID> of) throws SQLException {
    if (of.isEmpty()) {
      return Map.of();
    }
    Snapshot snapshot = new Snapshot(false, of.size());
    new UserReader(connection, space.number()).readHolders(snapshot, List.of(), of);
    Map<UUID, List<FoundIdentifier>> identifiers = new HashMap<>();
    for (UUID id : of) {
      User user = snapshot.users().user(id);
      if (user != null) {
        identifiers.put(id, identifiers(user, space));
      }
    }
    return identifiers;
  }

  private static List<FoundUser> byId(Handle handle, SpaceSettings space, List<UUID> ids)
      throws SQLException {
    if (ids.isEmpty()) {
      return List.of();
    }
    List<FoundUser> users =
        handle
            .createQuery(BY_ID)
            .bindArray("ids", UUID.class, ids)
            .bind("space", space.number())
            .map((row, context) -> user(row))
            .list();
    return withTraits(handle, space, users);
  }

  private static FoundUser user(ResultSet row) throws SQLException {
    return new FoundUser(
        row.getObject(1, UUID.class),
        row.getString(2),
        row.getString(3),
        row.getString(4),
        row.getString(5),
        time(row.getLong(6)),
        time(row.getLong(7)),
        Json.MAPPER.createObjectNode());
  }

  private static List<FoundUser> withTraits(
      Handle handle, SpaceSettings space, List<FoundUser> users) throws SQLException {
    Map<UUID, ObjectNode> traits = new HashMap<>();
    users.forEach(user -> traits.put(user.id(), user.traits()));
    addTraits(handle.getConnection(), space, traits);
    return users;
  }

  /**
   * Puts in the traits that the policy makes the users' own; of several parts that have one, the
   * latest says.
   *
   * @param traits by user, or by part of one
   */
  private static void addTraits(
      Connection connection, SpaceSettings space, Map<UUID, ObjectNode> traits)
      throws SQLException {
    if (traits.isEmpty()) {
      return;
    }
    OwnTraits own = space.traits();
    Set<String> picked = picked(connection, space);
    if (own.equals(OwnTraits.DEFAULT) && picked.isEmpty()) {
      return;
    }
    try (PreparedStatement statement = connection.prepareStatement(TRAITS)) {
      statement.setArray(1, connection.createArrayOf("uuid", traits.keySet().toArray()));
      statement.setInt(2, space.number());
      statement.setInt(3, space.number());
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          ObjectNode of = Objects.requireNonNull(traits.get(row.getObject(1, UUID.class)));
          Json.MAPPER
              .readTree(row.getString(2))
              .forEachEntry((name, value) -> {
                if (own.has(name) || picked.contains(name)) {
                  of.set(name, value);
                }
              });
        }
      }
    }
  }

  /** The columns that operators picked from their warehouses. */
  private static Set<String> picked(Connection connection, SpaceSettings space)
      throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT jsonb_array_elements_text(mapping -> 'traits') FROM selfsame.sync WHERE space ="
                + " ?")) {
      statement.setInt(1, space.number());
      try (ResultSet row = statement.executeQuery()) {
        Set<String> picked = new HashSet<>();
        while (row.next()) {
          picked.add(row.getString(1));
        }
        return picked;
      }
    }
  }

  // ---- search ----

  /**
   * The next identifiers that start with the text, each with its live user; a user may occur
   * several times.
   */
  private static List<Place> candidates(
      Handle handle,
      SpaceSettings space,
      List<String> types,
      String text,
      String email,
      @Nullable Place after,
      int limit) {
    List<String> ways = new ArrayList<>();
    ways.add(column("external_id", "text"));
    ways.add(column("email", "email"));
    ways.add(column("billing_id", "text"));
    for (int i = 0; i < types.size(); i++) {
      // Former emails match nobody.
      if (!types.get(i).equals(IdentifierType.EMAIL.name())) {
        ways.add(
            """
            (SELECT i.value, coalesce(p.merged_into, p.id) FROM selfsame.identifier i
            JOIN selfsame.part p ON p.space = i.space AND p.id = i.part
            WHERE i.space = :space AND i.type = :type%d AND i.value >= :textFrom AND i.value < :textEnd
              AND (i.value > :after OR coalesce(p.merged_into, p.id) > :user)
            ORDER BY i.value, coalesce(p.merged_into, p.id) LIMIT :limit)\
            """
                .formatted(i));
      }
    }
    Query query =
        handle.createQuery(
            "SELECT value, id FROM (\n%s\n) candidate (value, id) ORDER BY value COLLATE \"C\", id LIMIT :limit"
                .formatted(String.join("\nUNION ALL\n", ways)));
    for (int i = 0; i < types.size(); i++) {
      if (!types.get(i).equals(IdentifierType.EMAIL.name())) {
        query.bind("type" + i, types.get(i));
      }
    }
    String beyond = after == null ? "" : after.value();
    return query
        .bind("space", space.number())
        .bind("textFrom", later(text, beyond))
        .bind("textEnd", end(text))
        .bind("emailFrom", later(email, beyond))
        .bind("emailEnd", end(email))
        .bind("after", beyond)
        .bind("user", after == null ? new UUID(0, 0) : after.user())
        .bind("limit", limit)
        .map((row, context) -> new Place(row.getString(1), row.getObject(2, UUID.class)))
        .list();
  }

  private static String column(String column, String prefix) {
    return """
    (SELECT %1$s, coalesce(merged_into, id) FROM selfsame.part
    WHERE space = :space AND %1$s >= :%2$sFrom AND %1$s < :%2$sEnd
      AND (%1$s > :after OR coalesce(merged_into, id) > :user)
    ORDER BY %1$s, coalesce(merged_into, id) LIMIT :limit)\
    """
        .formatted(column, prefix);
  }

  /**
   * Those of the candidates that are their user's least: each user is found once, in whatever page.
   */
  private static List<Place> leastOf(
      Handle handle, SpaceSettings space, List<Place> candidates, String text, String email) {
    Map<UUID, String> least = new HashMap<>();
    handle
        .createQuery(
            """
            SELECT u.id, min(held.value COLLATE "C") FROM unnest(:ids::uuid[]) u (id)
            CROSS JOIN LATERAL (
              SELECT * FROM selfsame.part WHERE space = :space AND id = u.id
              UNION ALL
              SELECT * FROM selfsame.part WHERE space = :space AND merged_into = u.id) p
            CROSS JOIN LATERAL (
              SELECT p.external_id WHERE p.external_id >= :text AND p.external_id < :textEnd
              UNION ALL SELECT p.email WHERE p.email >= :email AND p.email < :emailEnd
              UNION ALL SELECT p.billing_id WHERE p.billing_id >= :text AND p.billing_id < :textEnd
              UNION ALL SELECT i.value FROM selfsame.identifier i
              WHERE i.space = :space AND i.part = p.id AND i.type <> 'email' AND i.value >= :text AND i.value < :textEnd
            ) held (value)
            GROUP BY u.id
            """)
        .bindArray(
            "ids",
            UUID.class,
            List.copyOf(new HashSet<>(candidates.stream().map(Place::user).toList())))
        .bind("space", space.number())
        .bind("text", text)
        .bind("textEnd", end(text))
        .bind("email", email)
        .bind("emailEnd", end(email))
        .map((row, context) -> Map.entry(row.getObject(1, UUID.class), row.getString(2)))
        .forEach(entry -> least.put(entry.getKey(), entry.getValue()));
    return candidates.stream()
        .distinct()
        .filter(place -> place.value().equals(least.get(place.user())))
        .toList();
  }

  /** The first text after all that start with this one, in the order of code points. */
  private static String end(String prefix) {
    int length = prefix.length();
    while (length > 0) {
      int last = prefix.codePointBefore(length);
      length -= Character.charCount(last);
      if (last < Character.MAX_CODE_POINT) {
        // The surrogates between the two blocks are no characters.
        int next = last == Character.MIN_SURROGATE - 1 ? Character.MAX_SURROGATE + 1 : last + 1;
        return prefix.substring(0, length) + Character.toString(next);
      }
    }
    return Character.toString(Character.MAX_CODE_POINT).repeat(2);
  }

  /** The later one in the order of code points, in which PostgreSQL keeps these columns. */
  private static String later(String one, String other) {
    int[] ones = one.codePoints().toArray();
    int[] others = other.codePoints().toArray();
    return Arrays.compare(ones, others) < 0 ? other : one;
  }

  // ---- a user ----

  private record Shown(Held held, boolean current) {}

  private static List<FoundIdentifier> identifiers(User user, SpaceSettings space) {
    Held externalId = user.externalId();
    Map<IdentifierType, Held> billingIds = new HashMap<>();
    for (IdentifierType type : IdentifierType.BILLING_TYPES) {
      Held billingId = user.billingId(type);
      if (billingId != null) {
        billingIds.put(type, billingId);
      }
    }
    List<Shown> shown = new ArrayList<>();
    for (Held held : user.identifiers()) {
      boolean current =
          switch (held.type().kind()) {
            case EXTERNAL -> held.equals(externalId);
            case BILLING ->
                held.current() && !held.deleted() && held.equals(billingIds.get(held.type()));
            case EMAIL -> held.current();
            case RECORD, FALLBACK -> held.current() && !held.deleted();
          };
      shown.add(new Shown(held, current));
    }
    shown.sort(
        Comparator.comparing((Shown one) -> !one.current())
            .thenComparingLong(one -> one.held().firstSeen())
            .thenComparing(one -> one.held().type().kind())
            .thenComparing(one -> one.held().value()));
    List<FoundIdentifier> found = new ArrayList<>(shown.size());
    for (Shown one : shown) {
      Held held = one.held();
      Source source = space.sources().get(held.source());
      found.add(
          new FoundIdentifier(
              held.type().name(),
              held.value(),
              held.display(),
              one.current(),
              source == null ? Integer.toString(held.source()) : source.name(),
              time(held.firstSeen()),
              time(held.lastSeen())));
    }
    return found;
  }

  static FoundDecision decision(ResultSet row, SpaceSettings space) throws SQLException {
    Source source = space.sources().get(row.getInt(4));
    String before = row.getString(13);
    return new FoundDecision(
        row.getLong(1),
        time(row.getLong(2)),
        time(row.getLong(3)),
        source == null ? Integer.toString(row.getInt(4)) : source.name(),
        row.getString(5),
        row.getString(6),
        row.getString(7),
        texts(row, 8),
        texts(row, 9),
        texts(row, 10),
        row.getInt(11),
        row.getObject(12, UUID.class),
        before == null ? null : Json.MAPPER.readTree(before));
  }

  private static List<String> texts(ResultSet row, int column) throws SQLException {
    Array array = row.getArray(column);
    return array == null ? List.of() : List.of((String[]) array.getArray());
  }

  static Instant time(long micros) {
    return Instant.ofEpochSecond(
        Math.floorDiv(micros, 1_000_000L), Math.floorMod(micros, 1_000_000L) * 1_000L);
  }
}
