package dev.selfsame.cli;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.lookup.BadSearch;
import dev.selfsame.lookup.Lookup;
import dev.selfsame.lookup.Search;
import dev.selfsame.store.FoundUser;
import java.util.List;
import java.util.UUID;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** A user as a command line names it: by its id, or as TYPE:VALUE. */
final class NamedUser {

  private NamedUser() {}

  static UUID of(String named, Lookup lookup, CommandLine command) {
    if (!named.contains(":")) {
      try {
        return UUID.fromString(named);
      } catch (IllegalArgumentException e) {
        throw new ParameterException(
            command, "A user is named by its id, or as TYPE:VALUE; got " + named, e);
      }
    }
    List<FoundUser> found;
    try {
      found = lookup.find(new Search(null, null, null, named, false, null, 10, null)).page();
    } catch (BadSearch bad) {
      throw new ParameterException(command, bad.getMessage(), bad);
    }
    if (found.isEmpty()) {
      throw new Failure(Problem.UNKNOWN_USER, "Nobody holds " + named);
    }
    if (found.size() > 1) {
      throw new Failure(
          Problem.INVALID_PARAMETER,
          "Several users hold %s; name one by its id: %s"
              .formatted(
                  named, String.join(", ", found.stream().map(user -> user.id() + "").toList())));
    }
    return found.getFirst().id();
  }
}
