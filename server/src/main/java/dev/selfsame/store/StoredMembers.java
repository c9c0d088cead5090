package dev.selfsame.store;

import dev.selfsame.access.Actor;
import dev.selfsame.access.SecretHash;
import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** The dashboard's members in the store, where they are signed in, and links that let them in. */
public final class StoredMembers {

  /**
   * Someone who may sign in.
   *
   * @param role viewer, operator or admin
   * @param password its hash; null: none was chosen
   * @param entered whether it was ever signed in; else it is invited alone
   */
  public record StoredMember(
      UUID id,
      String email,
      String name,
      String role,
      @Nullable String password,
      boolean entered,
      Instant createdAt) {}

  /** A browser where a member is signed in. */
  public record StoredSession(
      StoredMember member, String formToken, Instant createdAt, Instant seenAt) {}

  /**
   * A link that was not used yet.
   *
   * @param member whom it is for; null: whoever sets up the hub
   */
  public record StoredLink(@Nullable StoredMember member, Instant expiresAt) {}

  private static final String COLUMNS =
      "m.id, m.email, m.name, m.role, m.password, m.entered_at IS NOT NULL, m.created_at ";

  private final Database database;

  public StoredMembers(Database database) {
    this.database = database;
  }

  /** Whether nobody has set up the hub yet. */
  public boolean none() {
    return database.read(StoredMembers::none);
  }

  private static boolean none(Handle handle) {
    return handle
        .createQuery("SELECT NOT EXISTS (SELECT FROM selfsame.member WHERE entered_at IS NOT NULL)")
        .mapTo(Boolean.class)
        .one();
  }

  /** All who were not removed, in the order in which they came. */
  public List<StoredMember> list() {
    return database.read(handle ->
        handle
            .createQuery(
                "SELECT "
                    + COLUMNS
                    + "FROM selfsame.member m WHERE m.removed_at IS NULL ORDER BY m.created_at,"
                    + " m.id")
            .map((row, context) -> member(row))
            .list());
  }

  /** The member with that email, in lower case; null if there is none. */
  public @Nullable StoredMember member(String email) {
    return database.read(handle -> byEmail(handle, email));
  }

  private static @Nullable StoredMember byEmail(Handle handle, String email) {
    return handle
        .createQuery(
            "SELECT "
                + COLUMNS
                + "FROM selfsame.member m WHERE m.email = :email AND m.removed_at IS NULL")
        .bind("email", email)
        .map((row, context) -> member(row))
        .findOne()
        .orElse(null);
  }

  /**
   * Keeps a new member, and the link that lets it in.
   *
   * @throws Failure {@code MEMBER_EXISTS} if one has that email
   */
  public void invite(
      StoredMember member, SecretHash link, Instant expiresAt, Actor actor, Instant now) {
    database.write(handle -> {
      insert(handle, member);
      link(handle, link, member.id(), expiresAt);
      note(handle, "invite_member", member, actor, now);
      return true;
    });
  }

  /** Keeps a link for whoever sets up the hub. */
  public void firstLink(SecretHash link, Instant expiresAt, Instant now) {
    database.write(handle -> {
      handle
          .createUpdate("DELETE FROM selfsame.sign_in_link WHERE expires_at < :now")
          .bind("now", Timestamp.from(now))
          .execute();
      link(handle, link, null, expiresAt);
      return true;
    });
  }

  /**
   * Keeps a link for a member, in place of those that it has.
   *
   * @throws Failure {@code UNKNOWN_MEMBER}
   */
  public void renew(UUID id, SecretHash link, Instant expiresAt, Actor actor, Instant now) {
    database.write(handle -> {
      StoredMember member =
          handle
              .createQuery(
                  "SELECT "
                      + COLUMNS
                      + "FROM selfsame.member m WHERE m.id = :id AND m.removed_at IS NULL FOR"
                      + " UPDATE")
              .bind("id", id)
              .map((row, context) -> member(row))
              .findOne()
              .orElseThrow(StoredMembers::unknown);
      handle
          .createUpdate("DELETE FROM selfsame.sign_in_link WHERE member = :id")
          .bind("id", id)
          .execute();
      link(handle, link, id, expiresAt);
      note(handle, "renew_link", member, actor, now);
      return true;
    });
  }

  private static Failure unknown() {
    return new Failure(Problem.UNKNOWN_MEMBER, "There is no member of that id");
  }

  private static void link(
      Handle handle, SecretHash link, @Nullable UUID member, Instant expiresAt) {
    handle
        .createUpdate(
            "INSERT INTO selfsame.sign_in_link (hash, member, expires_at) VALUES (:hash,"
                + " :member::uuid, :expires)")
        .bind("hash", link.bytes())
        .bind("member", member)
        .bind("expires", Timestamp.from(expiresAt))
        .execute();
  }

  /** A link that can still be used, or null. */
  public @Nullable StoredLink link(SecretHash link, Instant now) {
    return database.read(handle -> link(handle, link, now));
  }

  private static @Nullable StoredLink link(Handle handle, SecretHash link, Instant now) {
    StoredLink found =
        handle
            .createQuery(
                "SELECT "
                    + COLUMNS
                    + """
                    , l.expires_at FROM selfsame.sign_in_link l LEFT JOIN selfsame.member m ON m.id = l.member
                    WHERE l.hash = :hash AND l.expires_at > :now AND m.removed_at IS NULL
                    """)
            .bind("hash", link.bytes())
            .bind("now", Timestamp.from(now))
            .map((row, context) ->
                new StoredLink(
                    row.getString(1) == null ? null : member(row), row.getTimestamp(8).toInstant()))
            .findOne()
            .orElse(null);
    return found != null && found.member() == null && !none(handle) ? null : found;
  }

  /**
   * Uses a link: the first member is made, or an invited one gets its password. Nobody can use it a
   * second time.
   *
   * @param member as it is to be
   * @return false if the link can no longer be used; nothing was done then
   */
  public boolean enter(SecretHash link, StoredMember member, Actor actor, Instant now) {
    return database.write(handle -> {
      // Two who set up the hub at once are one after the other.
      handle.createUpdate("LOCK TABLE selfsame.sign_in_link IN EXCLUSIVE MODE").execute();
      StoredLink found = link(handle, link, now);
      if (found == null) {
        return false;
      }
      StoredMember invited = found.member();
      if (invited == null) {
        insert(handle, member);
        note(handle, "first_member", member, actor, now);
      } else {
        handle
            .createUpdate(
                "UPDATE selfsame.member SET password = :password, name = :name, entered_at ="
                    + " coalesce(entered_at, :now) WHERE id = :id")
            .bind("password", member.password())
            .bind("name", member.name())
            .bind("now", Timestamp.from(now))
            .bind("id", invited.id())
            .execute();
        handle
            .createUpdate("DELETE FROM selfsame.member_session WHERE member = :id")
            .bind("id", invited.id())
            .execute();
        note(handle, "set_password", member, actor, now);
      }
      handle
          .createUpdate("DELETE FROM selfsame.sign_in_link WHERE hash = :hash OR member IS NULL")
          .bind("hash", link.bytes())
          .execute();
      return true;
    });
  }

  /**
   * Lets someone in whom the company's own provider vouches for: a member who was invited has come,
   * whoever is none becomes one.
   *
   * @param member as it is to be where no member has its email
   * @param newcomers whether someone who was not invited becomes a member
   * @return who it is; null: nobody was let in
   */
  public @Nullable StoredMember admit(
      StoredMember member, boolean newcomers, Actor actor, Instant now) {
    return database.write(handle -> {
      // Nobody becomes the first by this way, who is an admin; and two are one after the other.
      handle.createUpdate("LOCK TABLE selfsame.sign_in_link IN EXCLUSIVE MODE").execute();
      if (none(handle)) {
        return null;
      }
      StoredMember known = byEmail(handle, member.email());
      if (known == null) {
        if (!newcomers) {
          return null;
        }
        insert(handle, member);
        note(handle, "join_member", member, actor, now);
        return member;
      }
      if (!known.entered()) {
        handle
            .createUpdate("UPDATE selfsame.member SET entered_at = :now WHERE id = :id")
            .bind("now", Timestamp.from(now))
            .bind("id", known.id())
            .execute();
        note(handle, "join_member", known, actor, now);
      }
      return known;
    });
  }

  private static void insert(Handle handle, StoredMember member) {
    int made =
        handle
            .createUpdate(
                """
                INSERT INTO selfsame.member (id, email, name, role, password, created_at, entered_at)
                VALUES (:id, :email, :name, :role, :password, :at, CASE WHEN :entered THEN :at::timestamptz END)
                ON CONFLICT DO NOTHING
                """)
            .bind("id", member.id())
            .bind("email", member.email())
            .bind("name", member.name())
            .bind("role", member.role())
            .bind("password", member.password())
            .bind("at", Timestamp.from(member.createdAt()))
            .bind("entered", member.entered())
            .execute();
    if (made != 1) {
      throw new Failure(Problem.MEMBER_EXISTS, "%s is a member already".formatted(member.email()));
    }
  }

  /**
   * Gives a member another role; null: takes it out, wherever it is signed in.
   *
   * @throws Failure {@code UNKNOWN_MEMBER}; {@code LAST_ADMIN} if no admin would be left who can
   *     sign in
   */
  public void change(UUID id, @Nullable String role, Actor actor, Instant now) {
    database.write(handle -> {
      List<StoredMember> all =
          handle
              .createQuery(
                  "SELECT "
                      + COLUMNS
                      + "FROM selfsame.member m WHERE m.removed_at IS NULL ORDER BY m.id FOR"
                      + " UPDATE")
              .map((row, context) -> member(row))
              .list();
      StoredMember member =
          all.stream()
              .filter(each -> each.id().equals(id))
              .findFirst()
              .orElseThrow(StoredMembers::unknown);
      boolean admins =
          all.stream()
              .anyMatch(each ->
                  each.entered()
                      && (each.id().equals(id)
                          ? Objects.equals(role, "admin")
                          : each.role().equals("admin")));
      if (!admins) {
        throw new Failure(
            Problem.LAST_ADMIN,
            "%s is the last admin who can sign in; make another one first"
                .formatted(member.email()));
      }
      if (role == null) {
        handle
            .createUpdate("DELETE FROM selfsame.member_session WHERE member = :id")
            .bind("id", id)
            .execute();
        handle
            .createUpdate("DELETE FROM selfsame.sign_in_link WHERE member = :id")
            .bind("id", id)
            .execute();
      }
      handle
          .createUpdate(
              role == null
                  ? "UPDATE selfsame.member SET removed_at = :now, password = NULL WHERE id = :id"
                  : "UPDATE selfsame.member SET role = :role WHERE id = :id")
          .bindMap(
              role == null
                  ? Map.of("now", Timestamp.from(now), "id", id)
                  : Map.of("role", role, "id", id))
          .execute();
      if (role == null) {
        handle
            .createUpdate("DELETE FROM selfsame.asked WHERE member = :id")
            .bind("id", id)
            .execute();
      }
      note(
          handle,
          role == null ? "remove_member" : "change_role",
          new StoredMember(
              id,
              member.email(),
              member.name(),
              role == null ? member.role() : role,
              null,
              member.entered(),
              member.createdAt()),
          actor,
          now);
      return true;
    });
  }

  /** Keeps that a member signed in, and lets go of what nobody used since. */
  public void signIn(
      SecretHash session, UUID member, String formToken, Instant now, Instant unusedSince) {
    database.write(handle -> {
      handle
          .createUpdate("DELETE FROM selfsame.member_session WHERE seen_at < :unused")
          .bind("unused", Timestamp.from(unusedSince))
          .execute();
      return handle
          .createUpdate(
              """
              INSERT INTO selfsame.member_session (hash, member, form_token, created_at, seen_at)
              VALUES (:hash, :member, :token, :now, :now)
              """)
          .bind("hash", session.bytes())
          .bind("member", member)
          .bind("token", formToken)
          .bind("now", Timestamp.from(now))
          .execute();
    });
  }

  /** Where that cookie is signed in; null: nowhere. */
  public @Nullable StoredSession session(SecretHash session) {
    return database.read(handle ->
        handle
            .createQuery(
                "SELECT "
                    + COLUMNS
                    + """
                    , s.form_token, s.created_at, s.seen_at FROM selfsame.member_session s
                    JOIN selfsame.member m ON m.id = s.member WHERE s.hash = :hash AND m.removed_at IS NULL
                    """)
            .bind("hash", session.bytes())
            .map((row, context) ->
                new StoredSession(
                    member(row),
                    row.getString(8),
                    row.getTimestamp(9).toInstant(),
                    row.getTimestamp(10).toInstant()))
            .findOne()
            .orElse(null));
  }

  public void seen(SecretHash session, Instant now) {
    database.write(handle ->
        handle
            .createUpdate("UPDATE selfsame.member_session SET seen_at = :now WHERE hash = :hash")
            .bind("now", Timestamp.from(now))
            .bind("hash", session.bytes())
            .execute());
  }

  public void signOut(SecretHash session) {
    database.write(handle ->
        handle
            .createUpdate("DELETE FROM selfsame.member_session WHERE hash = :hash")
            .bind("hash", session.bytes())
            .execute());
  }

  private static void note(
      Handle handle, String act, StoredMember member, Actor actor, Instant now) {
    ActLog.note(
        handle,
        act,
        actor,
        now,
        new TreeMap<>(
            Map.of("id", member.id().toString(), "email", member.email(), "role", member.role())));
  }

  private static StoredMember member(ResultSet row) throws SQLException {
    return new StoredMember(
        row.getObject(1, UUID.class),
        row.getString(2),
        row.getString(3),
        row.getString(4),
        row.getString(5),
        row.getBoolean(6),
        row.getTimestamp(7).toInstant());
  }
}
