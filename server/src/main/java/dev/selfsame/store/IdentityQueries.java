package dev.selfsame.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code user_identities} page by page. A page costs the same however many users there are:
 * it looks through so many at most, and says where it ended.
 */
public final class IdentityQueries {

  /** How many users one page looks through. */
  static final int LOOKED_THROUGH = 20_000;

  /**
   * A live user with its id in every tool.
   *
   * @param ids one a tool, in the order of {@link #tools}
   */
  public record Identity(
      UUID user,
      @Nullable String name,
      @Nullable String segmentId,
      @Nullable String email,
      List<@Nullable String> ids) {}

  /**
   * Who was found.
   *
   * @param next the last user that was looked at; null: there are no more
   */
  public record Looked(List<Identity> found, @Nullable UUID next) {}

  /**
   * Whom to show.
   *
   * @param tool segment or one of {@link #tools}
   * @param has whether they have an id there, or have none
   */
  public record Having(String tool, boolean has) {

    private String sql() {
      return "(%s) IS %s".formatted(ToolViews.shown(tool), has ? "NOT NULL" : "NULL");
    }
  }

  private final Database database;
  private final String spaceName;

  public IdentityQueries(Database database, String space) {
    this.database = database;
    this.spaceName = space;
  }

  /** The tools that have a column, in the order of the columns; Segment has one of its own. */
  public List<String> tools() {
    return database.read(handle -> ToolViews.tools(handle.getConnection()));
  }

  /**
   * The users created before one, the newest first.
   *
   * @param tools as {@link #tools} gave them
   * @param having null: all
   * @param before null: from the newest on
   * @param limit how many to show at most
   */
  public Looked before(
      List<String> tools, @Nullable Having having, @Nullable UUID before, int limit) {
    return database.read(handle -> {
      int space = SpaceSettings.read(handle.getConnection(), spaceName).number();
      List<Identity> found =
          bound(handle.createQuery(pageSql(tools, having, before != null)), space, before)
              .bind("looked", LOOKED_THROUGH)
              .bind("limit", limit + 1)
              .map((row, context) -> identity(row, tools.size()))
              .list();
      return found.size() > limit
          ? new Looked(found.subList(0, limit), found.get(limit - 1).user())
          : new Looked(found, having == null ? null : lookedAtLast(handle, space, before));
    });
  }

  /** Where looking through so many ends; null: at the last user of all. */
  private static @Nullable UUID lookedAtLast(Handle handle, int space, @Nullable UUID before) {
    List<UUID> last =
        bound(handle.createQuery(lastSql(before != null)), space, before)
            .bind("skipped", LOOKED_THROUGH - 1)
            .bind("looked", LOOKED_THROUGH + 1)
            .mapTo(UUID.class)
            .list();
    return last.size() == 2 ? last.getFirst() : null;
  }

  static String pageSql(List<String> tools, @Nullable Having having, boolean beyond) {
    return "SELECT %s FROM (%s) looked %s ORDER BY id DESC LIMIT :limit"
        .formatted(
            columns(tools),
            looked(
                "u.id, u.name, u.external_id, u.email, u.billing_type, u.billing_id, u.tools",
                beyond),
            having == null ? "" : "WHERE " + having.sql());
  }

  static String lastSql(boolean beyond) {
    return "SELECT id FROM (%s) looked ORDER BY id DESC OFFSET :skipped LIMIT 2"
        .formatted(looked("u.id", beyond));
  }

  private static String looked(String columns, boolean beyond) {
    return LiveUsers.inOrder(columns, beyond ? " AND u.id < :before" : "", true, ":looked");
  }

  private static Query bound(Query query, int space, @Nullable UUID before) {
    query.bind("space", space);
    return before == null ? query : query.bind("before", before);
  }

  /**
   * These users, in their order, as far as they live.
   *
   * @param having null: all of them
   */
  public List<Identity> of(List<UUID> users, List<String> tools, @Nullable Having having) {
    return database.read(handle -> {
      int space = SpaceSettings.read(handle.getConnection(), spaceName).number();
      return handle
          .createQuery(
              """
              SELECT %s FROM unnest(:ids::uuid[]) WITH ORDINALITY wanted (user_id, ordinal)
              CROSS JOIN LATERAL (SELECT * FROM selfsame.live_user WHERE space = :space AND id = wanted.user_id OFFSET 0) u
              %s ORDER BY wanted.ordinal
              """
                  .formatted(columns(tools), having == null ? "" : "WHERE " + having.sql()))
          .bind("space", space)
          .bindArray("ids", UUID.class, users)
          .map((row, context) -> identity(row, tools.size()))
          .list();
    });
  }

  private static String columns(List<String> tools) {
    return "id, name, external_id, email"
        + tools.stream().map(tool -> ", " + ToolViews.shown(tool)).collect(Collectors.joining());
  }

  private static Identity identity(ResultSet row, int tools) throws SQLException {
    List<@Nullable String> ids = new ArrayList<>(tools);
    for (int i = 0; i < tools; i++) {
      ids.add(row.getString(5 + i));
    }
    return new Identity(
        row.getObject(1, UUID.class), row.getString(2), row.getString(3), row.getString(4), ids);
  }
}
