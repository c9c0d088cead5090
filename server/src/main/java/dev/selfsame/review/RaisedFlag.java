package dev.selfsame.review;

import dev.selfsame.identity.Identifier;
import dev.selfsame.resolution.Flag;
import dev.selfsame.store.MergeQueries.Named;
import dev.selfsame.store.MergeQueries.OpenFlag;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Something that an act leaves for a person to look at.
 *
 * @param identifier what it is about, or null
 */
public record RaisedFlag(String kind, List<UUID> users, @Nullable Named identifier) {
  public RaisedFlag {
    users = List.copyOf(users);
  }

  static RaisedFlag of(OpenFlag flag) {
    return new RaisedFlag(flag.kind(), flag.users(), flag.identifier());
  }

  static RaisedFlag of(Flag flag) {
    Identifier about = flag.about();
    return new RaisedFlag(
        flag.kind().code(),
        flag.users(),
        about == null ? null : new Named(about.type().name(), about.value()));
  }
}
