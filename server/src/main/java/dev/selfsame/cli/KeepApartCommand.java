package dev.selfsame.cli;

import dev.selfsame.review.KeepApartRequest;
import java.io.PrintWriter;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Keeps users apart, or lifts that. */
@Command(
    name = "keep-apart",
    description = {
      "Say that no two of these users are one: no rule joins them from then on. --lift takes it",
      "back; so does merging them by hand.",
    },
    mixinStandardHelpOptions = true)
final class KeepApartCommand implements Callable<Integer> {

  @Mixin private SpacedOptions hub;
  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "USER",
      arity = "2..*",
      description = "A user's id, or TYPE:VALUE such as external_id:42 or stripe_id:cus_1.")
  private List<String> users;

  @Option(names = "--lift", description = "They may be joined again.")
  private boolean lift;

  @Option(names = "--reason", paramLabel = "TEXT", description = "Why; the ledger keeps it.")
  private @Nullable String reason;

  @Option(
      names = {"--dry-run", "--preview"},
      description = "Write nothing; say whether it would change anything.")
  private boolean dryRun;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    try (Reviewing review = new Reviewing(hub, spec.commandLine().getErr())) {
      List<UUID> ids =
          users.stream()
              .map(user -> NamedUser.of(user, review.lookup(), spec.commandLine()))
              .toList();
      KeepApartRequest request = new KeepApartRequest(ids, lift, Operator.actor(), reason);
      boolean changed = dryRun ? review.bars().preview(request) : review.bars().keepApart(request);
      out.println(
          (dryRun ? "Nothing was written. " : "")
              + (lift
                  ? changed ? "They may be joined again." : "Nobody kept them apart."
                  : changed ? "They are kept apart." : "They were kept apart already."));
      out.flush();
    }
    return 0;
  }
}
