package dev.selfsame.cli;

import dev.selfsame.lookup.BadSearch;
import dev.selfsame.lookup.Found;
import dev.selfsame.store.FoundBar;
import dev.selfsame.store.ReaderQuery.Column;
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

/** Lists who is kept apart. */
@Command(
    name = "bars",
    description = "List which users are kept apart, since when and by whom, newest first.",
    mixinStandardHelpOptions = true)
final class BarsCommand implements Callable<Integer> {

  private static final List<Column> COLUMNS =
      List.of(
          new Column("user", "text"),
          new Column("other", "text"),
          new Column("code", "text"),
          new Column("position", "int8"),
          new Column("by", "text"),
          new Column("at", "text"));

  @Mixin private SpacedOptions hub;
  @Spec private CommandSpec spec;

  @Option(
      names = "--user",
      paramLabel = "USER",
      description = "Only from this user: its id, or TYPE:VALUE.")
  private @Nullable String user;

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "So many at most (${DEFAULT-VALUE}; up to 1000).")
  private int limit = 100;

  @Option(names = "--json", description = "An array with an object for each pair.")
  private boolean json;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    try (Reviewing review = new Reviewing(hub, spec.commandLine().getErr())) {
      UUID of = user == null ? null : NamedUser.of(user, review.lookup(), spec.commandLine());
      Found<FoundBar> found = review.bars().list(of, limit, null);
      RowPrinter printer = json ? new JsonPrinter(out) : new TablePrinter(out);
      printer.columns(COLUMNS);
      for (FoundBar bar : found.page()) {
        printer.row(
            new @Nullable String[] {
              bar.one().toString(),
              bar.other().toString(),
              bar.code(),
              Long.toString(bar.position()),
              bar.by(),
              bar.at().toString()
            });
      }
      printer.end();
    } catch (BadSearch bad) {
      throw new ParameterException(
          spec.commandLine(), "--%s: %s".formatted(bad.parameter(), bad.getMessage()), bad);
    }
    return 0;
  }
}
