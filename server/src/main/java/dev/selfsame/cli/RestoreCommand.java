package dev.selfsame.cli;

import dev.selfsame.store.Restore;
import dev.selfsame.store.StoreSettings;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Brings a backup into an empty data directory or database. */
@Command(
    name = "restore",
    description = "Bring a backup into an empty data directory or database.",
    mixinStandardHelpOptions = true)
final class RestoreCommand implements Callable<Integer> {
  @Mixin private HubOptions hub;
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "FILE", description = "What selfsame backup wrote.")
  private Path file;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    Restore.Restored restored;
    // The file first: a damaged one must not leave as much as a directory.
    try (StopHook hook = new StopHook();
        ProgressLine progress = new ProgressLine(err);
        Restore restore = Restore.of(file, progress);
        OpenHub open = OpenHub.toFill(hub, err)) {
      hook.stops(restore::stop);
      restored = restore.into(open.address(), StoreSettings.DEFAULT, Instant.now());
    }
    out.println(
        String.format(
            Locale.ROOT,
            "%s of %s: restored %,d rows of %d tables, to ledger position %,d",
            file,
            restored.madeAt(),
            restored.rows(),
            restored.tables(),
            restored.position()));
    out.flush();
    return 0;
  }
}
