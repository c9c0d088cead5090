package dev.selfsame.store;

import dev.selfsame.identity.Identifier;
import dev.selfsame.identity.IdentifierType;
import dev.selfsame.resolution.Flag;
import dev.selfsame.store.FoundFlag.Closed;
import dev.selfsame.store.FoundFlag.FlaggedUser;
import dev.selfsame.store.FoundFlag.Place;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;
import org.jdbi.v3.core.transaction.TransactionIsolationLevel;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Reads flags and bars for people: a page is a few index look-ups, however many there are, and
 * nothing is counted.
 */
public final class FlagQueries {

  /** Which flags are asked for. */
  public enum State {
    OPEN,
    CLOSED,
    ALL
  }

  /**
   * A page of flags, newest first.
   *
   * @param kinds empty: every kind
   * @param user only those that are about this user, or what it was made of; null: all
   * @param after where the page before ended, or null
   */
  public record Page(
      Set<Flag.Kind> kinds, State state, @Nullable UUID user, @Nullable Place after, int limit) {

    boolean wants(Flag.Kind kind) {
      return kinds.isEmpty() || kinds.contains(kind);
    }
  }

  private static final int STORED = 0;
  private static final int SAME_EMAIL = 1;
  private static final int MISSING_BILLING = 2;

  private static final int USERS_TOLD = 20;
  private static final int PARTS_READ = 64;

  private static final UUID FIRST = new UUID(0, 0);
  private static final UUID LAST = new UUID(-1, -1);

  private static final Comparator<Raw> NEWEST_FIRST =
      Comparator.comparing(Raw::place, FlagQueries::compare);

  /** A flag before its users and its end are looked up. */
  private record Raw(
      FlagId id,
      Flag.Kind kind,
      @Nullable List<UUID> users,
      @Nullable Identifier about,
      @Nullable String rule,
      @Nullable Long closedAt,
      long closedPosition,
      @Nullable String closedHow,
      Place place) {}

  private record Members(List<UUID> users, boolean more) {}

  /** Whom a page is about: the user with all its parts, and the emails that find it. */
  private record About(UUID user, List<UUID> parts, List<UUID> emails) {}

  private final Database database;
  private final String spaceName;

  public FlagQueries(Database database, String space) {
    this.database = database;
    this.spaceName = space;
  }

  private static int compare(Place one, Place other) {
    int byTime = Long.compare(other.openedAt(), one.openedAt());
    if (byTime != 0) {
      return byTime;
    }
    if (one.sort() != other.sort()) {
      return Integer.compare(one.sort(), other.sort());
    }
    int byPosition = Long.compare(other.position(), one.position());
    if (byPosition != 0) {
      return byPosition;
    }
    int byOrdinal = Integer.compare(other.ordinal(), one.ordinal());
    // As PostgreSQL compares them: by their bytes.
    return byOrdinal != 0 ? byOrdinal : other.key().toString().compareTo(one.key().toString());
  }

  public List<FoundFlag> flags(Page page) {
    return atOneMoment(handle -> {
      SpaceSettings space = SpaceSettings.read(handle.getConnection(), spaceName);
      About about = page.user() == null ? null : about(handle, space, page.user());
      List<Raw> raw = new ArrayList<>();
      for (boolean open : new boolean[] {true, false}) {
        if (page.state() == State.ALL || open == (page.state() == State.OPEN)) {
          raw.addAll(stored(handle, space, page, about, open));
          if (page.wants(Flag.Kind.SAME_EMAIL)) {
            raw.addAll(sameEmails(handle, space, page, about, open));
          }
        }
      }
      boolean missing = page.wants(Flag.Kind.MISSING_BILLING_ID);
      if (missing && page.state() != State.CLOSED && !space.policy().billingProviders().isEmpty()) {
        raw.addAll(missingBilling(handle, space, page, about));
      }
      raw.sort(NEWEST_FIRST);
      return whole(handle, space, raw.subList(0, Math.min(page.limit(), raw.size())));
    });
  }

  /** A flag by its name: of one that was open several times, the last; null: there is none. */
  public @Nullable FoundFlag flag(FlagId id) {
    return atOneMoment(handle -> {
      SpaceSettings space = SpaceSettings.read(handle.getConnection(), spaceName);
      List<Raw> raw =
          switch (id) {
            case FlagId.Stored stored ->
                handle
                    .createQuery(
                        "SELECT %s FROM selfsame.flag f WHERE space = :space AND position = :position AND ordinal = :ordinal AND kind <> 'missing_billing_id'"
                            .formatted(FLAG))
                    .bind("space", space.number())
                    .bind("position", stored.position())
                    .bind("ordinal", stored.ordinal())
                    .map((row, context) -> stored(row))
                    .list();
            case FlagId.SameEmail same ->
                handle
                    .createQuery(
                        "SELECT %s FROM selfsame.same_email f WHERE key = :key AND space = :space"
                            .formatted(EMAIL))
                    .bind("space", space.number())
                    .bind("key", same.key())
                    .map((row, context) -> sameEmail(row))
                    .list();
            case FlagId.MissingBillingId missing -> missing(handle, space, missing.user());
          };
      List<FoundFlag> found = whole(handle, space, raw);
      return found.isEmpty() ? null : found.getFirst();
    });
  }

  private static List<Raw> missing(Handle handle, SpaceSettings space, UUID user) {
    List<Raw> raw = new ArrayList<>();
    if (!space.policy().billingProviders().isEmpty()) {
      Page page = new Page(Set.of(Flag.Kind.MISSING_BILLING_ID), State.OPEN, user, null, 1);
      raw.addAll(missingBilling(handle, space, page, new About(user, List.of(), List.of())));
    }
    if (raw.isEmpty()) {
      raw.addAll(
          handle
              .createQuery(
                  """
                  SELECT %s FROM selfsame.flag_user u
                  JOIN selfsame.flag f ON f.space = u.space AND f.position = u.position AND f.ordinal = u.ordinal
                  WHERE u.part = :user AND u.space = :space AND f.kind = 'missing_billing_id'
                  ORDER BY f.position DESC LIMIT 1
                  """
                      .formatted(FLAG))
              .bind("space", space.number())
              .bind("user", user)
              .map((row, context) -> stored(row))
              .list());
    }
    return raw;
  }

  /** A flag and its users must not be of two moments: a merge may come between. */
  private <T extends @Nullable Object> T atOneMoment(Database.Look<T> look) {
    return database.read(
        handle -> handle.inTransaction(TransactionIsolationLevel.REPEATABLE_READ, look::at));
  }

  /** How many there are in the space, by kind; kinds that have none are left out. */
  public Map<Flag.Kind, Long> counts(State state) {
    return database.read(handle -> {
      SpaceSettings space = SpaceSettings.read(handle.getConnection(), spaceName);
      Map<Flag.Kind, Long> counts = new EnumMap<>(Flag.Kind.class);
      handle
          .createQuery(
              """
              SELECT kind, open, closed FROM selfsame.flag_count WHERE space = :space
              UNION ALL SELECT 'missing_billing_id', CASE WHEN :connected THEN missing_billing ELSE 0 END, 0
              FROM selfsame.space WHERE number = :space
              """)
          .bind("space", space.number())
          .bind("connected", !space.policy().billingProviders().isEmpty())
          .map((row, context) -> {
            Flag.Kind kind = Flag.Kind.of(row.getString(1));
            long count =
                (state == State.CLOSED ? 0 : row.getLong(2))
                    + (state == State.OPEN ? 0 : row.getLong(3));
            if (kind != null && count > 0) {
              counts.merge(kind, count, Long::sum);
            }
            return count;
          })
          .list();
      return counts;
    });
  }

  /**
   * Who is kept apart, newest first.
   *
   * @param user only those that this user, or what it was made of, is kept apart from; null: all
   * @param after the last of the page before, or null
   */
  public List<FoundBar> bars(@Nullable UUID user, @Nullable FoundBar after, int limit) {
    return database.read(handle -> {
      SpaceSettings space = SpaceSettings.read(handle.getConnection(), spaceName);
      About about = user == null ? null : about(handle, space, user);
      String of =
          """
          SELECT * FROM selfsame.bar WHERE space = :space%s AND (position, one, other) < (:position, :one, :other)
          ORDER BY position DESC, one DESC, other DESC LIMIT :limit
          """;
      String from =
          about == null
              ? of.formatted("")
              : "(%s) UNION (%s)"
                  .formatted(
                      of.formatted(" AND one = ANY(:parts)"),
                      of.formatted(" AND other = ANY(:parts)"));
      Query query =
          handle.createQuery(
              """
              SELECT coalesce(p.merged_into, b.one), coalesce(q.merged_into, b.other), b.position, b.at, b.rule, l.payload, b.one, b.other
              FROM (%s) b
              LEFT JOIN selfsame.part p ON p.space = b.space AND p.id = b.one
              LEFT JOIN selfsame.part q ON q.space = b.space AND q.id = b.other
              LEFT JOIN selfsame.ledger l ON l.space = b.space AND l.position = b.position AND l.at = b.at
              ORDER BY b.position DESC, b.one DESC, b.other DESC LIMIT :limit
              """
                  .formatted(from));
      if (about != null) {
        query.bindArray("parts", UUID.class, about.parts());
      }
      return query
          .bind("space", space.number())
          .bind("limit", limit)
          .bind("position", after == null ? Long.MAX_VALUE : after.position())
          .bind("one", after == null ? LAST : after.parts().one())
          .bind("other", after == null ? LAST : after.parts().other())
          .map((row, context) ->
              new FoundBar(
                  row.getObject(1, UUID.class),
                  row.getObject(2, UUID.class),
                  row.getLong(3),
                  UserQueries.time(row.getLong(4)),
                  row.getString(5),
                  said(row.getString(6), "by"),
                  new FoundBar.Parts(row.getObject(7, UUID.class), row.getObject(8, UUID.class))))
          .list();
    });
  }

  private static @Nullable String said(@Nullable String payload, String field) {
    if (payload == null) {
      return null;
    }
    JsonNode said = Json.MAPPER.readTree(payload).get(field);
    return said == null || !said.isString() ? null : said.asString();
  }

  // ---- stored flags ----

  private static final String FLAG =
      "f.position, f.ordinal, f.kind, f.users, f.about_type, f.about_value, f.rule, f.opened_at,"
          + " f.closed_at, f.closed_position, f.closed_how";

  private static List<Raw> stored(
      Handle handle, SpaceSettings space, Page page, @Nullable About about, boolean open) {
    List<String> kinds =
        Arrays.stream(Flag.Kind.values())
            .filter(page::wants)
            .filter(kind -> kind.stored() || (!open && kind == Flag.Kind.MISSING_BILLING_ID))
            .map(Flag.Kind::code)
            .toList();
    if (kinds.isEmpty()) {
      return List.of();
    }
    String query = storedSql(about != null, open);
    Place from = from(page.after(), STORED);
    Query asked = handle.createQuery(query);
    if (about != null) {
      asked.bindArray("parts", UUID.class, about.parts());
    }
    return asked
        .bindArray("kinds", String.class, kinds)
        .bind("space", space.number())
        .bind("at", from.openedAt())
        .bind("position", from.position())
        .bind("ordinal", from.ordinal())
        .bind("limit", page.limit())
        .map((row, context) -> stored(row))
        .list();
  }

  static String storedSql(boolean ofUser, boolean open) {
    String state = open ? "IS NULL" : "IS NOT NULL";
    return ofUser
        ? """
        SELECT %s FROM (SELECT DISTINCT position, ordinal FROM selfsame.flag_user WHERE part = ANY(:parts) AND space = :space) u
        JOIN selfsame.flag f ON f.space = :space AND f.position = u.position AND f.ordinal = u.ordinal
        WHERE f.kind = ANY(:kinds) AND f.closed_at %s AND (f.opened_at, f.position, f.ordinal) < (:at, :position, :ordinal)
        ORDER BY f.opened_at DESC, f.position DESC, f.ordinal DESC LIMIT :limit
        """
            .formatted(FLAG, state)
        : """
        SELECT %s FROM unnest(:kinds::text[]) AS k (kind) CROSS JOIN LATERAL (
          SELECT * FROM selfsame.flag WHERE kind = k.kind AND space = :space AND closed_at %s
            AND (opened_at, position, ordinal) < (:at, :position, :ordinal)
          ORDER BY opened_at DESC, position DESC, ordinal DESC LIMIT :limit) f
        ORDER BY f.opened_at DESC, f.position DESC, f.ordinal DESC LIMIT :limit
        """
            .formatted(FLAG, state);
  }

  private static Raw stored(ResultSet row) throws SQLException {
    Flag.Kind kind = Objects.requireNonNull(Flag.Kind.of(row.getString(3)));
    List<UUID> users = List.of((UUID[]) row.getArray(4).getArray());
    String type = row.getString(5);
    long closed = row.getLong(9);
    boolean open = row.wasNull();
    Place place = new Place(row.getLong(8), STORED, row.getLong(1), row.getInt(2), FIRST);
    return new Raw(
        kind == Flag.Kind.MISSING_BILLING_ID
            ? new FlagId.MissingBillingId(users.getFirst())
            : new FlagId.Stored(row.getLong(1), row.getInt(2)),
        kind,
        users,
        type == null ? null : new Identifier(IdentifierType.of(type), row.getString(6)),
        kind.stored() ? row.getString(7) : null,
        open ? null : (Long) closed,
        row.getLong(10),
        row.getString(11),
        place);
  }

  // ---- emails that users share ----

  private static final String EMAIL =
      "f.key, f.email, f.opened_at, f.closed_at, f.closed_position, f.closed_how, f.users";

  private static List<Raw> sameEmails(
      Handle handle, SpaceSettings space, Page page, @Nullable About about, boolean open) {
    Place from = from(page.after(), SAME_EMAIL);
    Query query = handle.createQuery(sameEmailSql(about != null, open));
    if (about != null) {
      query.bindArray("keys", UUID.class, about.emails());
    }
    return query
        .bind("space", space.number())
        .bind("at", from.openedAt())
        .bind("key", from.key())
        .bind("limit", page.limit())
        .map((row, context) -> sameEmail(row))
        .list();
  }

  static String sameEmailSql(boolean ofUser, boolean open) {
    return """
    SELECT %s FROM selfsame.same_email f WHERE space = :space AND closed_at %s AND (opened_at, key) < (:at, :key)%s
    ORDER BY opened_at DESC, key DESC LIMIT :limit
    """
        .formatted(EMAIL, open ? "IS NULL" : "IS NOT NULL", ofUser ? " AND key = ANY(:keys)" : "");
  }

  private static Raw sameEmail(ResultSet row) throws SQLException {
    UUID key = row.getObject(1, UUID.class);
    long closed = row.getLong(4);
    boolean open = row.wasNull();
    return new Raw(
        new FlagId.SameEmail(key),
        Flag.Kind.SAME_EMAIL,
        open ? null : List.of((UUID[]) row.getArray(7).getArray()),
        Identifier.email(row.getString(2)),
        null,
        open ? null : (Long) closed,
        row.getLong(5),
        row.getString(6),
        new Place(row.getLong(3), SAME_EMAIL, 0, 0, key));
  }

  // ---- users without a billing id ----

  private static List<Raw> missingBilling(
      Handle handle, SpaceSettings space, Page page, @Nullable About about) {
    Place from = from(page.after(), MISSING_BILLING);
    Query query = handle.createQuery(missingBillingSql(about != null));
    if (about != null) {
      query.bind("user", about.user());
    }
    return query
        .bind("space", space.number())
        .bind("at", from.openedAt())
        .bind("key", from.key())
        .bind("limit", page.limit())
        .map((row, context) -> {
          UUID user = row.getObject(1, UUID.class);
          return new Raw(
              new FlagId.MissingBillingId(user),
              Flag.Kind.MISSING_BILLING_ID,
              List.of(user),
              null,
              null,
              null,
              0,
              null,
              new Place(row.getLong(2), MISSING_BILLING, 0, 0, user));
        })
        .list();
  }

  static String missingBillingSql(boolean ofUser) {
    String one =
        """
        (SELECT id, created_at FROM selfsame.%s
        WHERE space = :space AND external_id IS NOT NULL AND billing_id IS NULL AND NOT billing_dismissed%s
          AND (created_at, id) < (:at, :key)%s ORDER BY created_at DESC, id DESC LIMIT :limit)
        """;
    String user = ofUser ? " AND id = :user" : "";
    return one.formatted("part", " AND merged_into IS NULL AND NOT compound", user)
        + "UNION ALL "
        + one.formatted("folded", "", user)
        + "ORDER BY created_at DESC, id DESC LIMIT :limit";
  }

  // ---- all kinds ----

  /** From where to read flags of one sort: those of the same time come in the order of sorts. */
  private static Place from(@Nullable Place after, int sort) {
    if (after == null) {
      return new Place(Long.MAX_VALUE, sort, Long.MAX_VALUE, Short.MAX_VALUE, LAST);
    }
    if (after.sort() == sort) {
      return after;
    }
    return after.sort() > sort
        ? new Place(after.openedAt(), sort, Long.MIN_VALUE, 0, FIRST)
        : new Place(after.openedAt(), sort, Long.MAX_VALUE, Short.MAX_VALUE, LAST);
  }

  private static About about(Handle handle, SpaceSettings space, UUID user) {
    Set<UUID> parts = new LinkedHashSet<>(List.of(user));
    Set<UUID> emails = new LinkedHashSet<>();
    handle
        .createQuery(
            """
            SELECT id, email FROM selfsame.part WHERE space = :space AND id = :user
            UNION ALL SELECT id, email FROM selfsame.part WHERE space = :space AND merged_into = :user
            """)
        .bind("space", space.number())
        .bind("user", user)
        .map((row, context) -> {
          String email = row.getString(2);
          if (email != null) {
            emails.add(FlagId.SameEmail.of(email).key());
          }
          return parts.add(row.getObject(1, UUID.class));
        })
        .list();
    return new About(user, List.copyOf(parts), List.copyOf(emails));
  }

  private static List<FoundFlag> whole(Handle handle, SpaceSettings space, List<Raw> raw) {
    if (raw.isEmpty()) {
      return List.of();
    }
    Map<String, Members> members = members(handle, space, raw);
    Set<UUID> ids = new LinkedHashSet<>();
    for (Raw one : raw) {
      ids.addAll(named(one, members).users());
    }
    Map<UUID, FlaggedUser> users = users(handle, space, ids);
    Map<Long, String> payloads = payloads(handle, space, raw);
    List<FoundFlag> found = new ArrayList<>(raw.size());
    for (Raw one : raw) {
      Members named = named(one, members);
      String payload = payloads.get(one.closedPosition());
      Long closedAt = one.closedAt();
      found.add(
          new FoundFlag(
              one.id(),
              one.kind(),
              named.users().stream().map(users::get).filter(Objects::nonNull).toList(),
              named.more(),
              one.about(),
              one.rule(),
              UserQueries.time(one.place().openedAt()),
              closedAt == null
                  ? null
                  : new Closed(
                      String.valueOf(one.closedHow()),
                      UserQueries.time(closedAt),
                      said(payload, "by"),
                      said(payload, "reason")),
              one.place()));
    }
    return found;
  }

  private static Members named(Raw flag, Map<String, Members> members) {
    List<UUID> users = flag.users();
    if (users == null) {
      String email = Objects.requireNonNull(flag.about()).value();
      return members.getOrDefault(email, new Members(List.of(), false));
    }
    return new Members(users.stream().limit(USERS_TOLD).toList(), users.size() > USERS_TOLD);
  }

  /** Whom open same_email flags are about today. */
  private static Map<String, Members> members(Handle handle, SpaceSettings space, List<Raw> raw) {
    List<String> emails =
        raw.stream()
            .filter(one -> one.users() == null)
            .map(one -> Objects.requireNonNull(one.about()).value())
            .distinct()
            .toList();
    if (emails.isEmpty()) {
      return Map.of();
    }
    Map<String, Set<UUID>> found = new LinkedHashMap<>();
    Map<String, Integer> read = new HashMap<>();
    handle
        .createQuery(
            """
            SELECT k.email, coalesce(p.merged_into, p.id) FROM unnest(:emails::text[]) AS k (email)
            CROSS JOIN LATERAL (
              SELECT id, merged_into FROM selfsame.part WHERE email = k.email AND space = :space LIMIT :limit) p
            ORDER BY 1, 2
            """)
        .bindArray("emails", String.class, emails)
        .bind("space", space.number())
        .bind("limit", PARTS_READ)
        .map((row, context) -> {
          read.merge(row.getString(1), 1, Integer::sum);
          return found
              .computeIfAbsent(row.getString(1), email -> new LinkedHashSet<>())
              .add(row.getObject(2, UUID.class));
        })
        .list();
    Map<String, Members> members = new HashMap<>();
    found.forEach((email, users) ->
        members.put(
            email,
            new Members(
                users.stream().limit(USERS_TOLD).toList(),
                users.size() > USERS_TOLD
                    || Objects.requireNonNull(read.get(email)) == PARTS_READ)));
    return members;
  }

  private static Map<UUID, FlaggedUser> users(
      Handle handle, SpaceSettings space, Collection<UUID> ids) {
    Map<UUID, FlaggedUser> users = new HashMap<>();
    handle
        .createQuery(
            """
            SELECT p.id, p.merged_into,
              CASE WHEN p.compound THEN f.external_id ELSE p.external_id END,
              CASE WHEN p.compound THEN f.email ELSE p.email END,
              CASE WHEN p.compound THEN f.name ELSE p.name END
            FROM selfsame.part p LEFT JOIN selfsame.folded f ON p.compound AND f.space = p.space AND f.id = p.id
            WHERE p.space = :space AND p.id = ANY(:ids)
            """)
        .bind("space", space.number())
        .bindArray("ids", UUID.class, List.copyOf(ids))
        .map((row, context) -> {
          UUID id = row.getObject(1, UUID.class);
          return users.put(
              id,
              new FlaggedUser(
                  id,
                  row.getString(3),
                  row.getString(4),
                  row.getString(5),
                  row.getObject(2, UUID.class)));
        })
        .list();
    return users;
  }

  /** What people said who closed flags, by ledger position. */
  private static Map<Long, String> payloads(Handle handle, SpaceSettings space, List<Raw> raw) {
    List<Raw> acts =
        raw.stream()
            .filter(one -> one.closedAt() != null && !"itself".equals(one.closedHow()))
            .toList();
    Map<Long, String> payloads = new HashMap<>();
    if (!acts.isEmpty()) {
      handle
          .createQuery(
              """
              SELECT l.position, l.payload FROM unnest(:positions::int8[], :ats::int8[]) AS k (position, at)
              JOIN selfsame.ledger l ON l.space = :space AND l.position = k.position AND l.at = k.at
              WHERE l.payload IS NOT NULL
              """)
          .bind("space", space.number())
          .bindArray("positions", Long.class, acts.stream().map(Raw::closedPosition).toList())
          .bindArray("ats", Long.class, acts.stream().map(Raw::closedAt).toList())
          .map((row, context) -> payloads.put(row.getLong(1), row.getString(2)))
          .list();
    }
    return payloads;
  }
}
