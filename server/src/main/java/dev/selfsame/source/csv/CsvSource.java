package dev.selfsame.source.csv;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.identity.Channel;
import dev.selfsame.identity.Source;
import dev.selfsame.store.Database;
import dev.selfsame.store.UserQueries;

/** The source that a space's imported rows belong to. */
public final class CsvSource {

  private CsvSource() {}

  public static Source of(Database database, String space) {
    return new UserQueries(database, space)
        .settings().sources().values().stream()
            .filter(source -> source.channel() == Channel.CSV)
            .findFirst()
            .orElseThrow(() ->
                new Failure(
                    Problem.INVALID_SETTING, "Space %s has no source csv".formatted(space)));
  }
}
