package dev.selfsame.store;

import dev.selfsame.identity.Identifier;
import dev.selfsame.identity.IdentifierType;
import dev.selfsame.identity.Source;
import dev.selfsame.identity.User;
import dev.selfsame.resolution.Rule;
import dev.selfsame.resolution.Split;
import dev.selfsame.store.MergeQueries.Named;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Reads adoptions and links: claims that brought an identifier to a user who was there before (K4,
 * S2, R3, R3b, P7).
 */
public final class LinkQueries {

  /**
   * An adoption or link as the ledger has it.
   *
   * @param position of the claim
   * @param part that it was written to
   * @param user the live user of that part
   * @param identifiers those that it brought
   * @param undoneAt null while it stands, as are the three that follow
   * @param newUser who has the identifiers since
   */
  public record StoredLink(
      long position,
      UUID part,
      UUID user,
      String code,
      Instant linkedAt,
      String source,
      List<Named> identifiers,
      @Nullable Instant undoneAt,
      @Nullable Long undonePosition,
      @Nullable UUID newUser,
      @Nullable String undoneBy) {
    public StoredLink {
      identifiers = List.copyOf(identifiers);
    }
  }

  private static final List<String> CODES =
      Arrays.stream(Rule.values()).filter(Rule::links).map(Rule::code).toList();

  private static final String LINKS =
      """
      SELECT l.position, l.part, coalesce(p.merged_into, p.id), l.rule, l.at, l.source, l.before,
        u.undone_at, u.undone_position, coalesce(n.merged_into, n.id), a.payload
      FROM selfsame.ledger l
      JOIN selfsame.part p ON p.space = l.space AND p.id = l.part
      LEFT JOIN selfsame.unlinking u ON u.space = l.space AND u.position = l.position
      LEFT JOIN selfsame.part n ON n.space = u.space AND n.id = u.new_part
      LEFT JOIN selfsame.ledger a ON a.space = u.space AND a.position = u.undone_position AND a.at = u.undone_at
      WHERE l.space = :space AND l.rule = ANY(:codes) AND l.before IS NOT NULL AND %s
      ORDER BY l.position DESC LIMIT :limit
      """;

  private final Database database;
  private final String spaceName;

  public LinkQueries(Database database, String space) {
    this.database = database;
    this.spaceName = space;
  }

  /** The one of that ledger position; null where the claim there brought nothing to anybody. */
  public @Nullable StoredLink link(long position) {
    return database.read(handle -> {
      SpaceSettings space = SpaceSettings.read(handle.getConnection(), spaceName);
      return handle
          .createQuery(LINKS.formatted("l.position = :position"))
          .bind("space", space.number())
          .bindArray("codes", String.class, CODES)
          .bind("position", position)
          .bind("limit", 1)
          .map((row, context) -> link(row, space))
          .filter(link -> !link.identifiers().isEmpty())
          .findFirst()
          .orElse(null);
    });
  }

  /**
   * Those of a live user and of the users that it was made of, the newest first.
   *
   * @param undone whether they are taken back; null: both
   * @param before of ledger positions before this one
   */
  public List<StoredLink> list(UUID user, @Nullable Boolean undone, long before, int limit) {
    return database.read(handle -> {
      SpaceSettings space = SpaceSettings.read(handle.getConnection(), spaceName);
      String state =
          undone == null ? "" : undone ? " AND u.position IS NOT NULL" : " AND u.position IS NULL";
      return handle
          .createQuery(
              LINKS.formatted(
                  "l.part IN (SELECT id FROM selfsame.part WHERE space = :space AND (id = :user OR"
                      + " merged_into = :user)) AND l.position < :before"
                      + state))
          .bind("space", space.number())
          .bindArray("codes", String.class, CODES)
          .bind("user", user)
          .bind("before", before)
          .bind("limit", limit)
          .map((row, context) -> link(row, space))
          .list();
    });
  }

  private static StoredLink link(ResultSet row, SpaceSettings space) throws SQLException {
    UUID part = row.getObject(2, UUID.class);
    int number = row.getInt(6);
    Source source = space.sources().get(number);
    long undoneAt = row.getLong(8);
    boolean undone = !row.wasNull();
    long undonePosition = row.getLong(9);
    return new StoredLink(
        row.getLong(1),
        part,
        row.getObject(3, UUID.class),
        row.getString(4),
        UserQueries.time(row.getLong(5)),
        source == null ? Integer.toString(number) : source.name(),
        brought(row.getString(7), part),
        undone ? UserQueries.time(undoneAt) : null,
        undone ? undonePosition : null,
        row.getObject(10, UUID.class),
        MergeQueries.by(row.getString(11)));
  }

  private static List<Named> brought(String before, UUID part) {
    List<Named> brought = new ArrayList<>();
    JsonNode identifiers = Json.MAPPER.readTree(before).path(part.toString()).path("identifiers");
    identifiers.forEachEntry((name, was) -> {
      Identifier identifier = Before.identifier(name);
      if (was.isNull() && !identifier.type().equals(IdentifierType.EMAIL)) {
        brought.add(new Named(identifier.type().name(), identifier.value()));
      }
    });
    return brought;
  }

  /**
   * What was written to a part, in its order.
   *
   * @param from the ledger position to begin with
   * @param to the last position
   */
  public List<LedgerLine> written(UUID part, long from, long to, int limit) {
    return database.read(handle ->
        handle
            .createQuery(
                """
                SELECT %s FROM selfsame.ledger l JOIN selfsame.space s ON s.number = l.space
                WHERE s.name = :space AND l.part = :part AND l.position >= :from AND l.position <= :to
                ORDER BY l.position LIMIT :limit
                """
                    .formatted(StoredLedger.COLUMNS))
            .bind("space", spaceName)
            .bind("part", part)
            .bind("from", from)
            .bind("to", to)
            .bind("limit", limit)
            .map((row, context) -> StoredLedger.row(row))
            .list());
  }

  /**
   * What a claim changed of a part.
   *
   * @param position of the claim
   */
  public record Change(long position, Split.Was was) {}

  /** What the same rows changed, read alone. */
  public List<Change> changes(UUID part, long from, long to, int limit) {
    return database.read(handle ->
        handle
            .createQuery(
                """
                SELECT l.position, l.before FROM selfsame.ledger l JOIN selfsame.space s ON s.number = l.space
                WHERE s.name = :space AND l.part = :part AND l.position >= :from AND l.position <= :to
                ORDER BY l.position LIMIT :limit
                """)
            .bind("space", spaceName)
            .bind("part", part)
            .bind("from", from)
            .bind("to", to)
            .bind("limit", limit)
            .map((row, context) -> new Change(row.getLong(1), Before.of(row.getString(2), part)))
            .list());
  }

  /**
   * An account that is linked to a part.
   *
   * @param position the ledger position of the claim that said so first
   */
  public record LinkedAccount(UUID id, String externalId, long position) {}

  /** The accounts that are linked to the part. */
  public List<LinkedAccount> accounts(UUID part) {
    return database.read(handle ->
        handle
            .createQuery(
                "SELECT l.account, a.external_id, l.position FROM selfsame.account_part l JOIN"
                    + " selfsame.space s ON s.number = l.space JOIN selfsame.account a ON a.space ="
                    + " l.space AND a.id = l.account WHERE s.name = :space AND l.part = :part ORDER"
                    + " BY l.account")
            .bind("space", spaceName)
            .bind("part", part)
            .map((row, context) ->
                new LinkedAccount(row.getObject(1, UUID.class), row.getString(2), row.getLong(3)))
            .list());
  }

  /**
   * A note that is about a part.
   *
   * @param position the ledger position of its claim
   */
  public record LinkedNote(UUID id, long position) {}

  /** The notes that are about the part and came with the claim at that position or later. */
  public List<LinkedNote> notes(UUID part, long from) {
    return database.read(handle ->
        handle
            .createQuery(
                "SELECT n.id, n.position FROM selfsame.note n JOIN selfsame.space s ON s.number ="
                    + " n.space WHERE s.name = :space AND n.part = :part AND n.position >= :from"
                    + " ORDER BY n.position")
            .bind("space", spaceName)
            .bind("part", part)
            .bind("from", from)
            .map((row, context) -> new LinkedNote(row.getObject(1, UUID.class), row.getLong(2)))
            .list());
  }

  /** Reads how a user stands at one moment, and the last ledger position of it. */
  public Standing standing(UUID part) {
    return new UserHistory(database, spaceName)
        .at(now -> new Standing(now.user(part), now.position()));
  }

  /**
   * A user at one moment.
   *
   * @param user null: there is none of that part
   * @param position the last of the ledger
   */
  public record Standing(@Nullable User user, long position) {}
}
