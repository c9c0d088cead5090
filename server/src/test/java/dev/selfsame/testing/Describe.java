package dev.selfsame.testing;

import dev.selfsame.identity.Field;
import dev.selfsame.identity.Held;
import dev.selfsame.identity.Merge;
import dev.selfsame.identity.Part;
import dev.selfsame.identity.User;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Users in full as text, one line each, with the minted ids left out: a part is called by the
 * ledger position that created it, so that what two runs of the same claims left can be compared.
 */
public final class Describe {

  private Describe() {}

  /**
   * What only one of the two has, a line for each thing under its user's; empty: they are the same.
   */
  public static List<String> differences(Collection<User> one, Collection<User> other) {
    List<String> ours = users(one);
    List<String> theirs = users(other);
    List<String> differences = new ArrayList<>();
    ours.stream()
        .filter(user -> !theirs.contains(user))
        .limit(3)
        .forEach(user -> differences.add("only one: " + user));
    theirs.stream()
        .filter(user -> !ours.contains(user))
        .limit(3)
        .forEach(user -> differences.add("only other: " + user));
    return differences;
  }

  private static List<String> users(Collection<User> users) {
    Map<UUID, Long> names = new HashMap<>();
    for (User user : users) {
      user.parts().forEach(part -> names.put(part.id(), part.createdPosition()));
    }
    List<String> lines = new ArrayList<>();
    for (User user : users) {
      StringBuilder line = new StringBuilder("user ").append(names.get(user.id()));
      for (Part part : user.parts()) {
        line.append("\n  part ")
            .append(part.createdPosition())
            .append(" at ")
            .append(part.createdAt());
        line.append(" name ").append(field(part.name()));
        part.identifiers().stream()
            .sorted(Comparator.comparing(held -> held.id().toString()))
            .forEach(held -> line.append("\n    ").append(held(held)));
      }
      for (Merge merge : user.merges()) {
        line.append("\n  merge ").append(merge.id()).append(' ').append(merge.rule()).append(' ');
        line.append(names.get(merge.survivor())).append(" <- ").append(names.get(merge.absorbed()));
        merge.settled().entrySet().stream()
            .sorted(Map.Entry.comparingByKey())
            .forEach(entry ->
                line.append(' ')
                    .append(entry.getKey())
                    .append('=')
                    .append(names.get(entry.getValue())));
      }
      lines.add(line.toString());
    }
    lines.sort(Comparator.naturalOrder());
    return lines;
  }

  private static String field(@Nullable Field field) {
    return field == null
        ? "-"
        : "%s@%d#%d/%d%s"
            .formatted(
                field.value(),
                field.at(),
                field.position(),
                field.source(),
                field.weak() ? "w" : "");
  }

  private static String held(Held held) {
    return "%s (%s)%s%s%s @%d#%d/%d seen %d-%d"
        .formatted(
            held.id(),
            held.display(),
            held.current() ? " current" : "",
            held.deleted() ? " deleted" : "",
            held.weak() ? " weak" : "",
            held.at(),
            held.position(),
            held.source(),
            held.firstSeen(),
            held.lastSeen());
  }
}
