package dev.selfsame.cli;

import dev.selfsame.lookup.BadSearch;
import dev.selfsame.lookup.Found;
import dev.selfsame.resolution.Flag;
import dev.selfsame.review.Flagged;
import dev.selfsame.review.MergeField;
import dev.selfsame.review.Merged;
import dev.selfsame.store.FoundFlag;
import dev.selfsame.store.FoundFlag.FlaggedUser;
import dev.selfsame.store.ReaderQuery.Column;
import java.io.PrintWriter;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Lists what there is for a person to look at, and settles it. */
@Command(
    name = "flags",
    description = {
      "List what there is for a person to look at, newest first. Settle one with: flags resolve.",
    },
    mixinStandardHelpOptions = true,
    subcommands = FlagsCommand.ResolveCommand.class)
final class FlagsCommand implements Callable<Integer> {

  private static final List<Column> COLUMNS =
      List.of(
          new Column("id", "text"),
          new Column("kind", "text"),
          new Column("about", "text"),
          new Column("users", "text"),
          new Column("code", "text"),
          new Column("opened_at", "text"),
          new Column("state", "text"),
          new Column("by", "text"));

  @Mixin private SpacedOptions hub;
  @Spec private CommandSpec spec;

  @Option(
      names = "--kind",
      paramLabel = "KIND",
      description = "Only these, such as same_email; several separated by commas.")
  private @Nullable String kind;

  @Option(
      names = "--state",
      paramLabel = "STATE",
      description = "open (the default), closed or all.")
  private @Nullable String state;

  @Option(
      names = "--user",
      paramLabel = "USER",
      description = "Only those about this user: its id, or TYPE:VALUE.")
  private @Nullable String user;

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "So many at most (${DEFAULT-VALUE}; up to 1000).")
  private int limit = Flagged.DEFAULT_LIMIT;

  @Option(names = "--json", description = "An array with an object for each flag.")
  private boolean json;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    try (Reviewing review = new Reviewing(hub, err)) {
      UUID of = user == null ? null : NamedUser.of(user, review.lookup(), spec.commandLine());
      Found<FoundFlag> found =
          review.flagged().list(new Flagged.Search(kind, state, of, limit, null));
      print(out, found);
      Map<Flag.Kind, Long> counts = review.flagged().counts(state);
      if (!json) {
        out.println(
            counts.isEmpty()
                ? "Nothing to look at."
                : "In all: "
                    + counts.entrySet().stream()
                        .map(count -> count.getValue() + " " + count.getKey().code())
                        .collect(Collectors.joining(", ")));
        out.flush();
      }
      if (found.next() != null) {
        err.println("There are more; --limit shows up to 1000, REST all of them");
        err.flush();
      }
    } catch (BadSearch bad) {
      throw new ParameterException(
          spec.commandLine(), "--%s: %s".formatted(bad.parameter(), bad.getMessage()), bad);
    }
    return 0;
  }

  private void print(PrintWriter out, Found<FoundFlag> found) {
    RowPrinter printer = json ? new JsonPrinter(out) : new TablePrinter(out);
    printer.columns(COLUMNS);
    for (FoundFlag flag : found.page()) {
      printer.row(
          new @Nullable String[] {
            flag.id().toString(),
            flag.kind().code(),
            flag.about() == null ? null : flag.about().toString(),
            flag.users().stream().map(FlagsCommand::name).collect(Collectors.joining(", "))
                + (flag.moreUsers() ? ", …" : ""),
            flag.rule(),
            flag.openedAt().toString(),
            flag.closed() == null ? "open" : flag.closed().how(),
            flag.closed() == null ? null : flag.closed().by()
          });
    }
    printer.end();
  }

  /** What is short and finds it. */
  private static String name(FlaggedUser user) {
    return user.externalId() == null ? user.id().toString() : "external_id:" + user.externalId();
  }

  /** Settles a flag. */
  @Command(
      name = "resolve",
      description = {
        "Settle a flag: merge its users, say that they are not one, or dismiss it.",
      },
      mixinStandardHelpOptions = true)
  static final class ResolveCommand implements Callable<Integer> {

    @Mixin private SpacedOptions hub;
    @Spec private CommandSpec spec;

    @Parameters(paramLabel = "ID", description = "The flag, as selfsame flags lists it.")
    private String flag;

    @ArgGroup(multiplicity = "1")
    private Action action = new Action();

    /** What is done about it. */
    static final class Action {
      @Option(names = "--merge", description = "Its users are one.")
      private boolean merge;

      @Option(names = "--keep-apart", description = "No two of its users are one.")
      private boolean keepApart;

      @Option(names = "--dismiss", description = "Nothing is to be done.")
      private boolean dismiss;

      private Flagged.Action chosen() {
        if (merge) {
          return Flagged.Action.MERGE;
        }
        if (keepApart) {
          return Flagged.Action.KEEP_APART;
        }
        if (dismiss) {
          return Flagged.Action.DISMISS;
        }
        throw new IllegalStateException("No action is chosen. Indicates a bug");
      }
    }

    @Option(names = "--survivor", paramLabel = "USER", description = "Of a merge: who stays.")
    private @Nullable String survivor;

    @Option(
        names = "--pick",
        paramLabel = "FIELD=USER",
        description = {
          "Of a merge: whose value of a field shows: name, email, externalId or billingId.",
        })
    private Map<String, String> picks = new LinkedHashMap<>();

    @Option(names = "--reason", paramLabel = "TEXT", description = "Why; the ledger keeps it.")
    private @Nullable String reason;

    @Option(
        names = {"--dry-run", "--preview"},
        description = "Write nothing; show what it would make.")
    private boolean dryRun;

    @Override
    public Integer call() {
      PrintWriter out = spec.commandLine().getOut();
      try (Reviewing review = new Reviewing(hub, spec.commandLine().getErr())) {
        Map<MergeField, UUID> picked = new EnumMap<>(MergeField.class);
        picks.forEach((title, user) -> {
          MergeField field = MergeField.titled(title);
          if (field == null) {
            throw new ParameterException(
                spec.commandLine(),
                "--pick %s=…: there is no such field; it is one of %s"
                    .formatted(title, String.join(", ", MergeField.titles())));
          }
          picked.put(field, NamedUser.of(user, review.lookup(), spec.commandLine()));
        });
        Flagged.Resolve request =
            new Flagged.Resolve(
                flag,
                action.chosen(),
                survivor == null
                    ? null
                    : NamedUser.of(survivor, review.lookup(), spec.commandLine()),
                picked,
                Operator.actor(),
                reason);
        print(out, dryRun ? review.flagged().preview(request) : review.flagged().resolve(request));
      }
      return 0;
    }

    private void print(PrintWriter out, Flagged.Resolved resolved) {
      FoundFlag now = resolved.flag();
      String state =
          now.closed() == null
              ? "open"
              : "closed (%s, %s)".formatted(now.closed().how(), now.closed().by());
      out.println(
          (dryRun ? "Nothing was written. The flag %s (%s) is %s" : "The flag %s (%s) is %s")
              .formatted(now.id(), now.kind().code(), state));
      Merged merged = resolved.merged();
      if (merged != null) {
        out.println(
            (dryRun ? "This would be merged into the user below: " : "Merged into the user below: ")
                + merged.absorbed().stream().map(UUID::toString).collect(Collectors.joining(", ")));
        out.println();
        UserText.print(out, merged.user(), merged.identifiers());
        MergeCommand.printChanges(out, merged.changes());
      }
      Flagged.KeptApart apart = resolved.keptApart();
      if (dryRun && apart != null) {
        out.println(
            (apart.changed() ? "These would be kept apart: " : "These are kept apart already: ")
                + apart.users().stream().map(UUID::toString).collect(Collectors.joining(", ")));
      }
      out.flush();
    }
  }
}
