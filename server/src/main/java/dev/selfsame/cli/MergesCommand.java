package dev.selfsame.cli;

import dev.selfsame.lookup.Lookup;
import dev.selfsame.review.Undos;
import dev.selfsame.store.LinkQueries;
import dev.selfsame.store.LinkQueries.StoredLink;
import dev.selfsame.store.MergeQueries;
import dev.selfsame.store.MergeQueries.Place;
import dev.selfsame.store.MergeQueries.StoredMerge;
import dev.selfsame.store.UserQueries;
import java.io.PrintWriter;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Lists merges, the newest first. */
@Command(
    name = "merges",
    description = "List merges, live and undone, the newest first: what undo takes back.",
    mixinStandardHelpOptions = true)
final class MergesCommand implements Callable<Integer> {
  @Mixin private SpacedOptions hub;
  @Spec private CommandSpec spec;

  @Option(
      names = "--user",
      paramLabel = "USER",
      description = "Only this user's: its id, or TYPE:VALUE such as external_id:42.")
  private @Nullable String user;

  @Option(
      names = "--links",
      description =
          "Instead of merges, the claims by which a rule gave the user of --user an identifier.")
  private boolean links;

  @Option(names = "--state", paramLabel = "STATE", description = "Only live or undone ones.")
  private @Nullable String state;

  @Option(
      names = "--limit",
      paramLabel = "COUNT",
      description = "So many at most (default: ${DEFAULT-VALUE}).",
      defaultValue = "100")
  private int limit;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    Undos.State only = state == null ? null : Undos.State.titled(state);
    if (state != null && only == null) {
      throw new ParameterException(
          spec.commandLine(), "--state must be live or undone; got " + state);
    }
    if (limit < 1 || limit > Undos.MOST) {
      throw new ParameterException(
          spec.commandLine(), "--limit must be 1 to %d; got %d".formatted(Undos.MOST, limit));
    }
    if (links && user == null) {
      throw new ParameterException(
          spec.commandLine(), "--links lists those of one user; name it with --user");
    }
    try (OpenHub open = OpenHub.of(hub, spec.commandLine().getErr())) {
      Lookup lookup = new Lookup(new UserQueries(open.database(), hub.space()));
      UUID of = user == null ? null : NamedUser.of(user, lookup, spec.commandLine());
      UUID live = of == null ? null : lookup.live(of);
      if (links) {
        printLinks(open, live == null ? of : live, only, out);
        return 0;
      }
      List<StoredMerge> merges =
          new MergeQueries(open.database(), hub.space())
              .list(
                  live == null ? of : live,
                  null,
                  only == null ? null : (Boolean) (only == Undos.State.UNDONE),
                  Place.NEWEST,
                  limit + 1);
      for (StoredMerge merge : merges.subList(0, Math.min(limit, merges.size()))) {
        out.println(line(merge));
      }
      out.flush();
      if (merges.isEmpty()) {
        spec.commandLine().getErr().println("There are no such merges.");
      } else if (merges.size() > limit) {
        spec.commandLine().getErr().println("There are more; --limit shows them.");
      }
    }
    return 0;
  }

  private void printLinks(
      OpenHub open, @Nullable UUID of, Undos.@Nullable State only, PrintWriter out) {
    Boolean undone = only == null ? null : (Boolean) (only == Undos.State.UNDONE);
    List<StoredLink> found =
        of == null
            ? List.of()
            : new LinkQueries(open.database(), hub.space())
                .list(of, undone, Long.MAX_VALUE, limit + 1);
    for (StoredLink link : found.subList(0, Math.min(limit, found.size()))) {
      out.println(line(link));
    }
    out.flush();
    if (found.isEmpty()) {
      spec.commandLine().getErr().println("There are no such links.");
    } else if (found.size() > limit) {
      spec.commandLine().getErr().println("There are more; --limit shows them.");
    }
  }

  private static String line(StoredLink link) {
    return "%d  %s  %s  brought %s, by %s%s"
        .formatted(
            link.position(),
            link.linkedAt(),
            link.code(),
            link.identifiers().stream()
                .map(each -> each.type() + ":" + UserText.plain(each.value()))
                .collect(Collectors.joining(", ")),
            link.source(),
            link.undoneAt() == null
                ? ""
                : "; undone %s%s"
                    .formatted(
                        link.undoneAt(),
                        link.undoneBy() == null ? "" : " by " + UserText.plain(link.undoneBy())));
  }

  private static String line(StoredMerge merge) {
    return "%s  %s  %s  %s became part of %s, by %s%s"
        .formatted(
            merge.place().id(),
            merge.mergedAt(),
            merge.code(),
            merge.absorbed(),
            merge.survivor(),
            merge.by() == null ? merge.source() : UserText.plain(merge.by()),
            merge.undoneAt() == null
                ? ""
                : "; undone %s%s"
                    .formatted(
                        merge.undoneAt(),
                        merge.undoneBy() == null ? "" : " by " + UserText.plain(merge.undoneBy())));
  }
}
