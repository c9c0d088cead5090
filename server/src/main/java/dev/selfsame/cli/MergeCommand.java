package dev.selfsame.cli;

import dev.selfsame.intake.IntakeSettings;
import dev.selfsame.intake.Pipeline;
import dev.selfsame.intake.Preview;
import dev.selfsame.lookup.Lookup;
import dev.selfsame.review.MergeChanges;
import dev.selfsame.review.MergeField;
import dev.selfsame.review.MergeRequest;
import dev.selfsame.review.Merged;
import dev.selfsame.review.Merges;
import dev.selfsame.store.Database;
import dev.selfsame.store.MergeQueries;
import dev.selfsame.store.MergeQueries.OpenFlag;
import dev.selfsame.store.UserQueries;
import java.io.PrintWriter;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Merges users by hand, or shows what that would make. */
@Command(
    name = "merge",
    description = {
      "Merge users that are one person. The one created first survives, its fields show, and the",
      "others fill its gaps, unless you say otherwise. Every identifier keeps finding the user."
    },
    mixinStandardHelpOptions = true)
final class MergeCommand implements Callable<Integer> {
  @Mixin private SpacedOptions hub;
  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "USER",
      arity = "2..*",
      description = "A user's id, or TYPE:VALUE such as external_id:42 or stripe_id:cus_1.")
  private List<String> users;

  @Option(names = "--survivor", paramLabel = "USER", description = "The user that stays.")
  private @Nullable String survivor;

  @Option(
      names = "--pick",
      paramLabel = "FIELD=USER",
      description = {
        "Whose value of a field shows: name, email, externalId or billingId.",
        "Several picks: several times."
      })
  private Map<String, String> picks = new LinkedHashMap<>();

  @Option(
      names = {"--dry-run", "--preview"},
      description = "Write nothing; show the user that it would make.")
  private boolean dryRun;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    try (OpenHub open = OpenHub.of(hub, spec.commandLine().getErr())) {
      Database database = open.database();
      UserQueries queries = new UserQueries(database, hub.space());
      MergeRequest request = request(new Lookup(queries));
      try (Pipeline intake =
          new Pipeline(
              hub.space(), database.sessions("merge"), IntakeSettings.DEFAULT, traits -> {})) {
        intake.start();
        Merges merges =
            new Merges(
                intake,
                () -> Preview.open(hub.space(), database.sessions("preview")),
                queries,
                new MergeQueries(database, hub.space()),
                InstantSource.system());
        print(out, dryRun ? merges.preview(request) : merges.merge(request));
      }
    }
    return 0;
  }

  private MergeRequest request(Lookup lookup) {
    Map<MergeField, UUID> picked = new EnumMap<>(MergeField.class);
    picks.forEach((title, user) -> {
      MergeField field = MergeField.titled(title);
      if (field == null) {
        throw new ParameterException(
            spec.commandLine(),
            "--pick %s=…: there is no such field; it is one of %s"
                .formatted(title, String.join(", ", MergeField.titles())));
      }
      picked.put(field, NamedUser.of(user, lookup, spec.commandLine()));
    });
    List<UUID> ids = new ArrayList<>();
    users.forEach(user -> ids.add(NamedUser.of(user, lookup, spec.commandLine())));
    return new MergeRequest(
        ids,
        survivor == null ? null : NamedUser.of(survivor, lookup, spec.commandLine()),
        picked,
        Operator.actor());
  }

  private void print(PrintWriter out, Merged merged) {
    String absorbed = String.join(", ", merged.absorbed().stream().map(UUID::toString).toList());
    if (dryRun) {
      out.println("Nothing was written. This would be merged into the user below: " + absorbed);
    } else {
      out.println(
          "Merged into the user below: %s (merge %s)"
              .formatted(absorbed, String.join(", ", merged.mergeIds())));
    }
    out.println();
    UserText.print(out, merged.user(), merged.identifiers());
    printChanges(out, merged.changes());
    out.flush();
  }

  static void printChanges(PrintWriter out, @Nullable MergeChanges changes) {
    if (changes == null) {
      return;
    }
    out.println("  What changes");
    for (MergeChanges.IdentifierChange one : changes.identifiers()) {
      out.println(
          "    %s:%s  of %s%s"
              .formatted(
                  one.type(),
                  UserText.plain(one.value()),
                  one.user(),
                  one.current() == one.becomesCurrent()
                      ? ""
                      : one.becomesCurrent() ? ", becomes current" : ", becomes former"));
    }
    for (MergeChanges.AccountChange one : changes.accounts()) {
      out.println("    account %s  of %s".formatted(UserText.plain(one.externalId()), one.user()));
    }
    for (OpenFlag flag : changes.flags()) {
      out.println("    flag %s (%s), between these users alone".formatted(flag.kind(), flag.id()));
    }
    out.println();
  }
}
