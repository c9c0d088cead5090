package dev.selfsame.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Accounts by their external ids, and who is linked to them. */
public final class ProfileQueries {

  /**
   * An account.
   *
   * @param source that linked the first user to it; null: nobody is linked
   */
  public record Account(
      UUID id,
      String externalId,
      @Nullable String name,
      @Nullable String domain,
      Instant createdAt,
      Instant updatedAt,
      @Nullable String source) {}

  /**
   * A live user that is linked to an account.
   *
   * @param source that linked it
   */
  public record Linked(
      UUID user,
      @Nullable String externalId,
      @Nullable String email,
      String source,
      Instant since) {}

  private static final String ACCOUNTS =
      """
      SELECT a.id, a.external_id, a.name, a.domain, a.created_at, a.updated_at,
        (SELECT o.name FROM selfsame.account_part f JOIN selfsame.source o ON o.space = f.space AND o.number = f.source
         WHERE f.space = a.space AND f.account = a.id ORDER BY f.position LIMIT 1)
      FROM selfsame.account a JOIN selfsame.space s ON s.number = a.space AND s.name = :space
      WHERE %s ORDER BY a.external_id LIMIT :limit
      """;

  private final Database database;
  private final String space;

  public ProfileQueries(Database database, String space) {
    this.database = database;
    this.space = space;
  }

  /** The account of this external id, or null. */
  public @Nullable Account account(String externalId) {
    return database.read(handle ->
        handle
            .createQuery(ACCOUNTS.formatted("a.external_id = :external"))
            .bind("space", space)
            .bind("external", externalId)
            .bind("limit", 1)
            .map((row, context) -> account(row))
            .findOne()
            .orElse(null));
  }

  /** The account of this id, or null. */
  public @Nullable Account account(UUID id) {
    return database.read(handle ->
        handle
            .createQuery(ACCOUNTS.formatted("a.id = :id"))
            .bind("space", space)
            .bind("id", id)
            .bind("limit", 1)
            .map((row, context) -> account(row))
            .findOne()
            .orElse(null));
  }

  /**
   * The accounts of a live user, by their external ids.
   *
   * @param from the external id to begin with; blank: the first
   */
  public List<Account> accounts(UUID user, String from, int limit) {
    return database.read(handle ->
        handle
            .createQuery(
                ACCOUNTS.formatted(
                    "a.external_id >= :from AND EXISTS (SELECT FROM selfsame.account_part l JOIN"
                        + " selfsame.part p ON p.space = l.space AND p.id = l.part WHERE l.space ="
                        + " a.space AND l.account = a.id AND (p.id = :user OR p.merged_into ="
                        + " :user))"))
            .bind("space", space)
            .bind("user", user)
            .bind("from", from)
            .bind("limit", limit)
            .map((row, context) -> account(row))
            .list());
  }

  private static Account account(ResultSet row) throws SQLException {
    return new Account(
        row.getObject(1, UUID.class),
        row.getString(2),
        row.getString(3),
        row.getString(4),
        time(row.getLong(5)),
        time(row.getLong(6)),
        row.getString(7));
  }

  /**
   * The live users of an account, by their ids.
   *
   * @param from the id to begin with, or null
   */
  public List<Linked> users(UUID account, @Nullable UUID from, int limit) {
    return database.read(handle ->
        handle
            .createQuery(
                """
                SELECT DISTINCT ON (u.id) u.id, u.external_id, u.email, o.name, l.first_seen
                FROM selfsame.account_part l JOIN selfsame.space s ON s.number = l.space AND s.name = :space
                JOIN selfsame.part p ON p.space = l.space AND p.id = l.part
                CROSS JOIN LATERAL (
                  SELECT * FROM selfsame.live_user WHERE space = l.space AND id = coalesce(p.merged_into, p.id) OFFSET 0) u
                JOIN selfsame.source o ON o.space = l.space AND o.number = l.source
                WHERE l.account = :account AND (:from::uuid IS NULL OR u.id >= :from::uuid)
                ORDER BY u.id, l.position LIMIT :limit
                """)
            .bind("space", space)
            .bind("account", account)
            .bind("from", from)
            .bind("limit", limit)
            .map((row, context) ->
                new Linked(
                    row.getObject(1, UUID.class),
                    row.getString(2),
                    row.getString(3),
                    row.getString(4),
                    time(row.getLong(5))))
            .list());
  }

  private static Instant time(long micros) {
    return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
  }
}
