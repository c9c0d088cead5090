package dev.selfsame.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** Accounts that there are, and who belongs to them. Writing is the intake's alone. */
public final class AccountQueries {

  /**
   * An account as people see it.
   *
   * @param traits an object; empty where there are none
   */
  public record FoundAccount(
      UUID id,
      String externalId,
      @Nullable String name,
      @Nullable String domain,
      JsonNode traits,
      Instant createdAt,
      Instant updatedAt) {

    /** What people call it. */
    public String shown() {
      return name == null ? externalId : name;
    }
  }

  /**
   * Which accounts; null: whichever.
   *
   * @param q occurs in their name, external id or domain, whatever the case
   */
  public record Wanted(
      @Nullable String externalId,
      @Nullable String name,
      @Nullable String domain,
      @Nullable String q) {
    public static final Wanted ALL = new Wanted(null, null, null, null);
  }

  /** Where a page ended. */
  public record Place(String shown, UUID id) {
    public static Place of(FoundAccount last) {
      return new Place(last.shown(), last.id());
    }
  }

  /**
   * A user of an account.
   *
   * @param company whether the account is the user's company
   * @param since when a claim linked them first
   */
  public record Member(
      UUID id,
      @Nullable String externalId,
      @Nullable String email,
      @Nullable String name,
      boolean company,
      Instant since) {}

  /**
   * An account of a user.
   *
   * @param company whether it is the user's company
   */
  public record Membership(FoundAccount account, boolean company, Instant since) {}

  /** How much hangs on an account. */
  public record Size(long users, long notes) {}

  /**
   * An account whose domain's users are still to be looked for.
   *
   * @param position of the batch that gave it the domain
   */
  public record Gained(UUID id, String externalId, String domain, long position) {}

  /** A user without a company whose email has the domain of an account. */
  public record Newcomer(UUID user, String account, String domain) {}

  /**
   * Some of them.
   *
   * @param last where to look on; null: there are no more users
   */
  public record Newcomers(List<Newcomer> users, @Nullable UUID last) {
    public Newcomers {
      users = List.copyOf(users);
    }
  }

  private static final String COLUMNS =
      "a.id, a.external_id, a.name, a.domain, a.traits, a.created_at, a.updated_at";

  private static final String FOUND =
      "SELECT "
          + COLUMNS
          + " FROM selfsame.account a JOIN selfsame.space s ON s.number = a.space AND s.name ="
          + " :space WHERE a.merged_into IS NULL AND ";

  /** The user's company: chosen last, else linked first. Of the same claim, the least id. */
  private static final String COMPANY =
      """
      (SELECT c.account FROM selfsame.part q JOIN selfsame.account_part c ON c.space = q.space AND c.part = q.id
        WHERE q.space = u.space AND (q.id = u.id OR q.merged_into = u.id)
        ORDER BY c.chosen DESC NULLS LAST, c.position, c.account LIMIT 1)\
      """;

  private final Database database;
  private final String space;

  public AccountQueries(Database database, String space) {
    this.database = database;
    this.space = space;
  }

  /** Null: there is none of this id; one that was merged is the other. */
  public @Nullable FoundAccount find(UUID id) {
    return one(
        "a.id = (SELECT coalesce(k.merged_into, k.id) FROM selfsame.account k WHERE k.space ="
            + " s.number AND k.id = :value)",
        id);
  }

  /** The same by an external id, also of one that was merged. */
  public @Nullable FoundAccount find(String externalId) {
    return one(
        "a.id = (SELECT coalesce(k.merged_into, k.id) FROM selfsame.account k WHERE k.space ="
            + " s.number AND k.external_id = :value)",
        externalId);
  }

  private @Nullable FoundAccount one(String condition, Object value) {
    return database.read(handle ->
        handle
            .createQuery(FOUND + condition)
            .bind("space", space)
            .bind("value", value)
            .map((row, context) -> account(row))
            .findOne()
            .orElse(null));
  }

  /**
   * Accounts by what they are called.
   *
   * @param after where the page before ended, or null
   */
  public List<FoundAccount> list(Wanted wanted, @Nullable Place after, int limit) {
    List<String> conditions = new ArrayList<>();
    Map<String, Object> bound = new HashMap<>();
    put(
        conditions,
        bound,
        "a.id = (SELECT coalesce(k.merged_into, k.id) FROM selfsame.account k WHERE k.space ="
            + " s.number AND k.external_id = :external)",
        "external",
        wanted.externalId());
    put(conditions, bound, "lower(a.name) = lower(:name)", "name", wanted.name());
    put(conditions, bound, "a.domain = lower(:domain)", "domain", wanted.domain());
    put(
        conditions,
        bound,
        "strpos(lower(concat_ws(E'\\n', a.name, a.external_id, a.domain)), lower(:q)) > 0",
        "q",
        wanted.q());
    if (after != null) {
      conditions.add(
          "(lower(coalesce(a.name, a.external_id)) COLLATE \"C\", a.id) > (lower(:shown) COLLATE"
              + " \"C\", :last)");
      bound.put("shown", after.shown());
      bound.put("last", after.id());
    }
    conditions.add("true");
    return database.read(handle ->
        handle
            .createQuery(
                FOUND
                    + String.join(" AND ", conditions)
                    + " ORDER BY lower(coalesce(a.name, a.external_id)) COLLATE \"C\", a.id LIMIT"
                    + " :limit")
            .bind("space", space)
            .bind("limit", limit)
            .bindMap(bound)
            .map((row, context) -> account(row))
            .list());
  }

  /**
   * Accounts in about the order of their creation.
   *
   * @param term occurs in what they are called, whatever the case; null: whichever
   * @param noted whether they have notes; null: whether or not
   */
  public List<FoundAccount> page(
      @Nullable String term, @Nullable Boolean noted, int offset, int limit) {
    return database.read(handle ->
        handle
            .createQuery(
                FOUND
                    + "(:term::text IS NULL OR strpos(lower(coalesce(a.name, a.external_id)),"
                    + " lower(:term::text)) > 0) AND (:noted::boolean IS NULL OR :noted::boolean ="
                    + " EXISTS (SELECT FROM selfsame.note n WHERE n.space = a.space AND n.account ="
                    + " a.id)) ORDER BY a.id OFFSET :offset LIMIT :limit")
            .bind("space", space)
            .bind("term", term)
            .bind("noted", noted)
            .bind("offset", offset)
            .bind("limit", limit)
            .map((row, context) -> account(row))
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

  /** How many users and notes the account has. */
  public Size size(UUID account) {
    return database.read(handle ->
        handle
            .createQuery(
                """
                SELECT (SELECT count(DISTINCT coalesce(p.merged_into, p.id)) FROM selfsame.account_part l
                    JOIN selfsame.part p ON p.space = l.space AND p.id = l.part WHERE l.space = s.number AND l.account = :id),
                  (SELECT count(*) FROM selfsame.note n WHERE n.space = s.number AND n.account = :id)
                FROM selfsame.space s WHERE s.name = :space
                """)
            .bind("space", space)
            .bind("id", account)
            .map((row, context) -> new Size(row.getLong(1), row.getLong(2)))
            .one());
  }

  /**
   * The users of an account, in about the order of their creation.
   *
   * @param after the last of the page before, or null
   */
  public List<Member> users(UUID account, @Nullable UUID after, int limit) {
    return database.read(handle ->
        handle
            .createQuery(
                """
                SELECT u.id, u.external_id, u.email, u.name, %s = :account, m.since FROM (
                  SELECT l.space, coalesce(p.merged_into, p.id) AS id, min(l.first_seen) AS since FROM selfsame.space s
                  JOIN selfsame.account_part l ON l.space = s.number AND l.account = :account
                  JOIN selfsame.part p ON p.space = l.space AND p.id = l.part
                  WHERE s.name = :space AND (:after::uuid IS NULL OR coalesce(p.merged_into, p.id) > :after::uuid)
                  GROUP BY 1, 2 ORDER BY 2 LIMIT :limit) m
                CROSS JOIN LATERAL (SELECT * FROM selfsame.live_user WHERE space = m.space AND id = m.id OFFSET 0) u
                ORDER BY u.id
                """
                    .formatted(COMPANY))
            .bind("space", space)
            .bind("account", account)
            .bind("after", after)
            .bind("limit", limit)
            .map((row, context) ->
                new Member(
                    row.getObject(1, UUID.class),
                    row.getString(2),
                    row.getString(3),
                    row.getString(4),
                    row.getBoolean(5),
                    time(row.getLong(6))))
            .list());
  }

  /** The accounts of a live user: its company first, then as they were linked. */
  public List<Membership> of(UUID user) {
    List<Membership> all =
        database.read(handle ->
            handle
                .createQuery(
                    """
                    SELECT %s, m.since FROM (
                      SELECT l.space, l.account, min(l.first_seen) AS since, max(l.chosen) AS chosen, min(l.position) AS position
                      FROM selfsame.space s JOIN selfsame.part p ON p.space = s.number AND (p.id = :user OR p.merged_into = :user)
                      JOIN selfsame.account_part l ON l.space = p.space AND l.part = p.id WHERE s.name = :space GROUP BY 1, 2) m
                    JOIN selfsame.account a ON a.space = m.space AND a.id = m.account
                    ORDER BY m.chosen DESC NULLS LAST, m.position, a.id
                    """
                        .formatted(COLUMNS))
                .bind("space", space)
                .bind("user", user)
                .map((row, context) -> new Membership(account(row), false, time(row.getLong(8))))
                .list());
    if (!all.isEmpty()) {
      Membership first = all.getFirst();
      all.set(0, new Membership(first.account(), true, first.since()));
    }
    return all;
  }

  // ---- accounts that gained a domain ----

  /** Some of those whose domain's users are still to be looked for. */
  public List<Gained> gained(int limit) {
    return database.read(handle ->
        handle
            .createQuery(
                "SELECT a.id, a.external_id, a.domain, a.domain_gained FROM selfsame.account a JOIN"
                    + " selfsame.space s ON s.number = a.space AND s.name = :space WHERE"
                    + " a.domain_gained IS NOT NULL ORDER BY a.domain_gained, a.id LIMIT :limit")
            .bind("space", space)
            .bind("limit", limit)
            .map((row, context) ->
                new Gained(
                    row.getObject(1, UUID.class),
                    row.getString(2),
                    row.getString(3) == null ? "" : row.getString(3),
                    row.getLong(4)))
            .list());
  }

  /**
   * Users without an account whose email has the domain of one of these. Walks over the users by
   * their ids, so many at a time: an index of domains would cost every claim something, for what is
   * seldom asked.
   *
   * @param after where the page before ended, or null
   */
  public Newcomers newcomers(List<Gained> gained, @Nullable UUID after, int limit) {
    Map<String, String> accounts = new HashMap<>();
    gained.forEach(each -> accounts.putIfAbsent(each.domain(), each.externalId()));
    return database.read(handle -> {
      List<Newcomer> found = new ArrayList<>();
      UUID last = after;
      boolean more = true;
      while (more && found.size() < limit) {
        UUID end = end(handle, last);
        more = end != null;
        found.addAll(between(handle, accounts, last, end));
        last = end;
      }
      return new Newcomers(found, last);
    });
  }

  private static final int STEP = 20_000;

  /** The last part of a step; null: fewer are left. */
  private @Nullable UUID end(Handle handle, @Nullable UUID after) {
    return handle
        .createQuery(
            "SELECT p.id FROM selfsame.part p WHERE p.space = (SELECT number FROM selfsame.space"
                + " WHERE name = :space) AND (:after::uuid IS NULL OR p.id > :after::uuid) ORDER BY"
                + " p.id OFFSET :step LIMIT 1")
        .bind("space", space)
        .bind("after", after)
        .bind("step", STEP)
        .mapTo(UUID.class)
        .findOne()
        .orElse(null);
  }

  private List<Newcomer> between(
      Handle handle, Map<String, String> accounts, @Nullable UUID after, @Nullable UUID end) {
    return handle
        .createQuery(
            """
            SELECT p.id, d.domain FROM selfsame.part p
            CROSS JOIN LATERAL (SELECT substring(p.email FROM '@([^@]*)$') AS domain) d
            WHERE p.space = (SELECT number FROM selfsame.space WHERE name = :space)
              AND (:after::uuid IS NULL OR p.id > :after::uuid) AND (:end::uuid IS NULL OR p.id <= :end::uuid)
              AND p.email IS NOT NULL AND d.domain = ANY(:domains::text[])
              AND NOT EXISTS (SELECT FROM selfsame.account_part l WHERE l.space = p.space AND l.part = p.id)
            """)
        .bind("space", space)
        .bind("after", after)
        .bind("end", end)
        .bindArray("domains", String.class, List.copyOf(accounts.keySet()))
        .map((row, context) -> {
          String domain = row.getString(2);
          return new Newcomer(
              row.getObject(1, UUID.class), accounts.getOrDefault(domain, ""), domain);
        })
        .list();
  }

  /** Their users were looked for; one that gained another domain meanwhile waits again. */
  public void taken(List<Gained> gained) {
    boolean unused =
        database.write(handle -> {
          for (Gained each : gained) {
            handle
                .createUpdate(
                    "UPDATE selfsame.account SET domain_gained = NULL WHERE space = (SELECT number"
                        + " FROM selfsame.space WHERE name = :space) AND id = :id AND domain_gained"
                        + " = :position")
                .bind("space", space)
                .bind("id", each.id())
                .bind("position", each.position())
                .execute();
          }
          return true;
        });
  }

  private static FoundAccount account(ResultSet row) throws SQLException {
    String traits = row.getString(5);
    return new FoundAccount(
        row.getObject(1, UUID.class),
        row.getString(2),
        row.getString(3),
        row.getString(4),
        traits == null ? JsonNodeFactory.instance.objectNode() : Json.MAPPER.readTree(traits),
        time(row.getLong(6)),
        time(row.getLong(7)));
  }

  private static Instant time(long micros) {
    return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
  }
}
