package dev.selfsame.store;

import dev.selfsame.store.SpaceSettings.Written;
import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * A space's settings as they stand, for those who ask many times a second: always read, and
 * understood anew only when they say something else. Thread-safe.
 */
final class CurrentSettings {

  private record Known(Written written, SpaceSettings settings) {}

  private final String space;
  private volatile @Nullable Known known;

  CurrentSettings(String space) {
    this.space = space;
  }

  SpaceSettings read(Connection connection) throws SQLException {
    Written now = SpaceSettings.written(connection, space, 0);
    Known last = known;
    if (last == null || !last.written().says(now)) {
      last = new Known(now, SpaceSettings.of(space, now, false));
      known = last;
    }
    return last.settings().at(now.position(), now.suppressions());
  }
}
