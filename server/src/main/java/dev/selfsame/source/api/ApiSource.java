package dev.selfsame.source.api;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.identity.Channel;
import dev.selfsame.identity.Source;
import dev.selfsame.store.Database;
import dev.selfsame.store.StoredSources;
import dev.selfsame.store.UserQueries;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The source that stands for programs which write by ids; made by the first of their writes. */
final class ApiSource {

  /** One of the two is free, or somebody made sources of both names to be in the way. */
  private static final List<String> NAMES = List.of("api", "users api");

  private final String space;
  private final Database database;
  private final UserQueries users;

  ApiSource(String space, Database database, UserQueries users) {
    this.space = space;
    this.database = database;
    this.users = users;
  }

  /** To write under. */
  Source ensured() {
    Source source = known();
    for (String name : source == null ? NAMES : List.<String>of()) {
      Source made = StoredSources.ensure(database, space, Source.api(0, name));
      if (made.channel() == Channel.API) {
        return made;
      }
    }
    if (source == null) {
      throw new Failure(
          Problem.INVALID_SETTING,
          "Sources of other kinds are called %s; the Users API has no name left"
              .formatted(String.join(" and ", NAMES)));
    }
    return source;
  }

  /** To try under: before the first write there is none, and what a preview says nobody keeps. */
  Source foreseen() {
    Source source = known();
    return source == null ? Source.api(Short.MAX_VALUE, NAMES.getFirst()) : source;
  }

  private @Nullable Source known() {
    return users.settings().sources().values().stream()
        .filter(source -> source.channel() == Channel.API)
        .findFirst()
        .orElse(null);
  }
}
