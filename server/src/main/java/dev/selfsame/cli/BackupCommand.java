package dev.selfsame.cli;

import dev.selfsame.store.ActLog;
import dev.selfsame.store.Backup;
import dev.selfsame.store.StoreSettings;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes everything that the hub knows into one file. */
@Command(
    name = "backup",
    description =
        "Write everything that the hub knows into one file, as of one moment; the server may go on"
            + " meanwhile. The file holds secrets and people's data.",
    mixinStandardHelpOptions = true)
final class BackupCommand implements Callable<Integer> {
  @Mixin private HubOptions hub;
  @Spec private CommandSpec spec;

  @Option(names = "--overwrite", description = "Replace the file if there is one.")
  private boolean overwrite;

  @Parameters(paramLabel = "FILE", description = "The file to write; it appears when it is whole.")
  private Path file;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    Backup.checkName(file, overwrite);
    Backup.Written written;
    try (StopHook hook = new StopHook();
        ProgressLine progress = new ProgressLine(err);
        OpenHub open = OpenHub.of(hub, err)) {
      Backup backup = new Backup(open.address(), StoreSettings.DEFAULT, progress);
      hook.stops(backup::stop);
      written = backup.write(file, overwrite, SelfsameCommand.Version.number(), Instant.now());
      new ActLog(open.database())
          .note(
              "backup",
              Operator.actor(),
              Instant.now(),
              Map.of("file", String.valueOf(file.getFileName()), "position", written.position()));
    }
    out.println(
        String.format(
            Locale.ROOT,
            "%s: %,d rows of %d tables, to ledger position %,d, in %,.1f MB",
            file,
            written.rows(),
            written.tables(),
            written.position(),
            written.bytes() / 1e6));
    out.flush();
    return 0;
  }
}
