package dev.selfsame.cli;

import dev.selfsame.lookup.Lookup;
import dev.selfsame.review.Undos;
import dev.selfsame.store.MergeQueries;
import dev.selfsame.store.MergeQueries.Place;
import dev.selfsame.store.MergeQueries.StoredMerge;
import dev.selfsame.store.UserQueries;
import java.io.PrintWriter;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
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
  private static final String SPACE = "default";

  @Mixin private HubOptions hub;
  @Spec private CommandSpec spec;

  @Option(
      names = "--user",
      paramLabel = "USER",
      description = "Only this user's: its id, or TYPE:VALUE such as external_id:42.")
  private @Nullable String user;

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
    try (OpenHub open = OpenHub.of(hub, spec.commandLine().getErr())) {
      Lookup lookup = new Lookup(new UserQueries(open.database(), SPACE));
      UUID of = user == null ? null : NamedUser.of(user, lookup, spec.commandLine());
      UUID live = of == null ? null : lookup.live(of);
      List<StoredMerge> merges =
          new MergeQueries(open.database(), SPACE)
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
