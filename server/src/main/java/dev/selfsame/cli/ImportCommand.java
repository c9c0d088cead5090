package dev.selfsame.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.identity.Source;
import dev.selfsame.intake.Intake;
import dev.selfsame.intake.IntakeSettings;
import dev.selfsame.intake.Pipeline;
import dev.selfsame.intake.Preview;
import dev.selfsame.resolution.Outcome;
import dev.selfsame.source.csv.CsvFile;
import dev.selfsame.source.csv.CsvImport;
import dev.selfsame.source.csv.CsvImport.Summary;
import dev.selfsame.source.csv.CsvResult;
import dev.selfsame.source.csv.CsvSource;
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
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Imports users from a CSV file, or shows what that would do. */
@Command(
    name = "import",
    description = {
      "Create, update and merge users from a CSV file, by the rules of channel csv.",
      "The whole file is checked before anything of it is written."
    },
    mixinStandardHelpOptions = true)
final class ImportCommand implements Callable<Integer> {
  private static final int ROWS_REJECTED = 3;

  /** What a preview keeps of each row stays in memory. */
  private static final long PREVIEWED = 100_000;

  @Mixin private SpacedOptions hub;
  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "FILE",
      description = {
        "Columns: id, external_id, name, email, billing_id; created_at and as_of of an export are"
            + " read only. UTF-8 or UTF-16; comma, semicolon or tab. - is stdin."
      })
  private String file;

  @Option(
      names = {"--preview", "--dry-run"},
      description = "Write nothing; say what the file would do.")
  private boolean preview;

  @Option(
      names = "--result",
      paramLabel = "FILE",
      description = "Write every row there with what became of it.")
  private @Nullable Path result;

  @Option(names = "--strict", description = "Exit with 3 if any row was rejected.")
  private boolean strict;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    Path spooled = null;
    try {
      if (file.equals("-")) {
        spooled = Files.createTempFile("selfsame-import", ".csv");
        Files.copy(System.in, spooled, StandardCopyOption.REPLACE_EXISTING);
      }
      Path path = spooled == null ? Path.of(file) : spooled;
      if (!Files.isRegularFile(path)) {
        throw new Failure(Problem.NOT_FOUND, "There is no file %s".formatted(path));
      }
      CsvFile csv = CsvFile.open(path);
      long rows;
      try (ProgressLine progress = new ProgressLine(err)) {
        progress.step("Checking the file", Unit.BYTES, csv.size());
        rows = csv.check(progress::at);
      }
      Summary summary;
      try (OpenHub open = OpenHub.of(hub, err)) {
        summary = decide(csv, rows, open.database(), err);
      }
      print(out, summary, rows);
      return strict && summary.of(Outcome.REJECTED) > 0 ? ROWS_REJECTED : 0;
    } finally {
      if (spooled != null) {
        Files.deleteIfExists(spooled);
      }
    }
  }

  private Summary decide(CsvFile csv, long rows, Database database, PrintWriter err)
      throws IOException {
    Source source = CsvSource.of(database, hub.space());
    if (preview) {
      try (Preview intake = Preview.open(hub.space(), database.sessions("preview"))) {
        return run(csv, Math.min(rows, PREVIEWED), intake, source, "Previewing", err);
      }
    }
    try (Pipeline intake =
        new Pipeline(
            hub.space(), database.sessions("import"), IntakeSettings.DEFAULT, traits -> {})) {
      intake.start();
      return run(csv, rows, intake, source, "Importing", err);
    }
  }

  private Summary run(
      CsvFile csv, long rows, Intake intake, Source source, String title, PrintWriter err)
      throws IOException {
    try (ProgressLine progress = new ProgressLine(err)) {
      progress.step(title, Unit.ROWS, rows);
      Path to = result;
      if (to == null) {
        return CsvImport.run(csv, intake, source, Instant.now(), rows, null, progress::at);
      }
      try (Writer writer = Files.newBufferedWriter(to, UTF_8)) {
        CsvResult results = new CsvResult(csv, writer);
        return CsvImport.run(csv, intake, source, Instant.now(), rows, results, progress::at);
      }
    }
  }

  private void print(PrintWriter out, Summary summary, long rows) {
    if (preview) {
      out.println(
          summary.rows() < rows
              ? String.format(
                  Locale.ROOT,
                  "Preview of the first %,d of %,d rows, nothing was written; what the others would"
                      + " do was not looked at",
                  summary.rows(),
                  rows)
              : "Preview, nothing was written");
    }
    line(out, "rows", summary.rows(), "");
    for (Outcome outcome : Outcome.values()) {
      if (summary.of(outcome) > 0) {
        line(
            out,
            outcome.code(),
            summary.of(outcome),
            outcome == Outcome.REJECTED ? listed(summary.rejected()) : "");
      }
    }
    if (summary.flagged() > 0) {
      line(out, "flagged", summary.flagged(), "for a person to look at");
    }
    out.flush();
  }

  private static void line(PrintWriter out, String name, long count, String note) {
    out.println(String.format(Locale.ROOT, "%-10s %,12d  %s", name, count, note).stripTrailing());
  }

  private static String listed(Map<String, Long> reasons) {
    return String.join(
        ", ",
        reasons.entrySet().stream()
            .map(reason -> "%s %d".formatted(reason.getKey(), reason.getValue()))
            .toList());
  }
}
