package dev.selfsame.store;

import dev.selfsame.identity.Source;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A {@link UserFilter} as SQL about a row {@code u} of live_user. Numbers stand in it as they are:
 * COPY takes no parameters.
 */
final class UserConditions {

  private static final long MICROS_PER_SECOND = 1_000_000L;

  /** By how much an id may stand beside the time of creation: clocks are set. */
  private static final long SLACK_DAYS = 1;

  /** What a UUID of version 7 has beside its milliseconds. */
  private static final int ID_SHIFT = 16;

  private UserConditions() {}

  /** Empty where nothing must hold, else to follow other conditions. */
  static String sql(SpaceSettings space, UserFilter filter) {
    StringBuilder sql = new StringBuilder();
    if (filter.withoutBillingId()) {
      sql.append(" AND u.billing_id IS NULL");
    }
    if (filter.createdFrom() != null) {
      sql.append(" AND u.created_at >= ").append(micros(filter.createdFrom()));
    }
    if (filter.createdTo() != null) {
      sql.append(" AND u.created_at < ").append(micros(filter.createdTo().plusDays(1)));
    }
    if (filter.source() != null) {
      sql.append(" AND ").append(knownTo(space, filter.source()));
    }
    if (filter.flagged()) {
      sql.append(" AND ").append(flagged(space.number()));
    }
    return sql.toString();
  }

  /** The least id that a user of the filter can have; null: any. */
  static @Nullable UUID lowest(UserFilter filter) {
    return filter.createdFrom() == null ? null : id(filter.createdFrom().minusDays(SLACK_DAYS));
  }

  /** An id above all that a user of the filter can have; null: any. */
  static @Nullable UUID beyond(UserFilter filter) {
    return filter.createdTo() == null ? null : id(filter.createdTo().plusDays(1 + SLACK_DAYS));
  }

  private static UUID id(LocalDate day) {
    return new UUID((Math.max(0, seconds(day)) * 1_000) << ID_SHIFT, 0);
  }

  private static long micros(LocalDate day) {
    return seconds(day) * MICROS_PER_SECOND;
  }

  private static long seconds(LocalDate day) {
    return day.atStartOfDay(ZoneOffset.UTC).toEpochSecond();
  }

  // The unions in EXISTS keep the planner from reading the tables whole to hash them.

  private static String knownTo(SpaceSettings space, String name) {
    int source =
        space.sources().values().stream()
            .filter(one -> one.name().equals(name))
            .mapToInt(Source::number)
            .findFirst()
            .orElse(-1);
    return """
    EXISTS (
      SELECT 1 FROM selfsame.part p WHERE p.space = %1$d AND p.id = u.id
        AND %2$d IN (p.source, p.external_source, p.email_source, p.name_source, p.billing_source)
      UNION ALL
      SELECT 1 FROM selfsame.part p WHERE p.space = %1$d AND p.merged_into = u.id
        AND %2$d IN (p.source, p.external_source, p.email_source, p.name_source, p.billing_source)
      UNION ALL
      SELECT 1 FROM selfsame.identifier i WHERE i.part = u.id AND i.space = %1$d AND i.source = %2$d
      UNION ALL
      SELECT 1 FROM selfsame.part p JOIN selfsame.identifier i ON i.part = p.id AND i.space = p.space
      WHERE p.space = %1$d AND p.merged_into = u.id AND i.source = %2$d)\
    """
        .formatted(space.number(), source);
  }

  private static String flagged(int space) {
    return """
    EXISTS (
      SELECT 1 FROM selfsame.part p WHERE p.space = %1$d AND p.id = u.id AND %2$s
      UNION ALL
      SELECT 1 FROM selfsame.part p WHERE p.space = %1$d AND p.merged_into = u.id AND %2$s
      UNION ALL
      SELECT 1 FROM selfsame.part p WHERE p.space = %1$d AND p.id = u.id AND NOT p.compound
        AND p.external_id IS NOT NULL AND p.billing_id IS NULL AND NOT p.billing_dismissed
      UNION ALL
      SELECT 1 FROM selfsame.folded p WHERE p.space = %1$d AND p.id = u.id
        AND p.external_id IS NOT NULL AND p.billing_id IS NULL AND NOT p.billing_dismissed)\
    """
        .formatted(space, stored(space));
  }

  /** A stored flag that names the part, or one about its email. */
  private static String stored(int space) {
    return """
    (p.flagged AND EXISTS (
      SELECT 1 FROM selfsame.flag_user n JOIN selfsame.flag f USING (space, position, ordinal)
      WHERE n.part = p.id AND n.space = %1$d AND f.closed_at IS NULL UNION ALL SELECT 1 WHERE false)
    OR p.email_shared AND EXISTS (
      SELECT 1 FROM selfsame.same_email s
      WHERE s.key = encode(substr(sha256(convert_to(p.email, 'UTF8')), 1, 16), 'hex')::uuid
        AND s.space = %1$d AND s.closed_at IS NULL UNION ALL SELECT 1 WHERE false))\
    """
        .formatted(space);
  }
}
