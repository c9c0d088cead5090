package dev.selfsame.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.source.csv.CsvExport;
import dev.selfsame.store.Database;
import dev.selfsame.store.TransferProgress.Unit;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes all users to a CSV file. */
@Command(
    name = "export",
    description = {
      "Write all users to a CSV file, to be looked at, corrected and imported again.",
      "Imported as it is, it changes nothing."
    },
    mixinStandardHelpOptions = true)
final class ExportCommand implements Callable<Integer> {
  @Mixin private SpacedOptions hub;
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "FILE", description = "The file to write; - is stdout.")
  private String file;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    try (OpenHub open = OpenHub.of(hub, err)) {
      if (file.equals("-")) {
        write(open.database(), out, err);
        out.flush();
        return 0;
      }
      Path target = Path.of(file).toAbsolutePath();
      Path parent = target.getParent();
      if (parent == null || !Files.isDirectory(parent)) {
        throw new Failure(Problem.INVALID_PARAMETER, "There is no directory %s".formatted(parent));
      }
      // Beside it first: who reads it never sees a half.
      Path half = Files.createTempFile(parent, "." + target.getFileName(), ".part");
      try {
        long users;
        try (Writer to = Files.newBufferedWriter(half, UTF_8)) {
          users = write(open.database(), to, err);
        }
        Files.move(half, target, StandardCopyOption.REPLACE_EXISTING);
        out.println(
            String.format(Locale.ROOT, "%,d %s in %s", users, users == 1 ? "user" : "users", file));
        out.flush();
      } finally {
        Files.deleteIfExists(half);
      }
    }
    return 0;
  }

  private long write(Database database, Writer to, PrintWriter err) {
    try (ProgressLine progress = new ProgressLine(err)) {
      progress.step("Exporting", Unit.ROWS, 0);
      return CsvExport.write(database, hub.space(), Instant.now(), to, progress::at);
    }
  }
}
