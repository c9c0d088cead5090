package dev.selfsame.store;

/** Live users in the order of their ids, which is about that of their creation. */
final class LiveUsers {

  private LiveUsers() {}

  /**
   * So many of live_user's rows in order. Each of its sides is cut by itself: of the view the
   * planner sorts everybody before it takes the first.
   *
   * @param columns that both sides have, each of {@code u}
   * @param conditions to follow others, or empty
   * @param limit a number or a parameter
   */
  static String inOrder(String columns, String conditions, boolean newestFirst, String limit) {
    return """
    SELECT * FROM (
      (SELECT %1$s FROM selfsame.part u
       WHERE u.space = :space AND u.merged_into IS NULL AND NOT u.compound%2$s ORDER BY u.id %3$s LIMIT %4$s)
      UNION ALL
      (SELECT %1$s FROM selfsame.folded u WHERE u.space = :space%2$s ORDER BY u.id %3$s LIMIT %4$s)) u
    ORDER BY u.id %3$s LIMIT %4$s
    """
        .formatted(columns, conditions, newestFirst ? "DESC" : "ASC", limit);
  }
}
