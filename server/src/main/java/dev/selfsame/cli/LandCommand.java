package dev.selfsame.cli;

import dev.selfsame.error.Failure;
import dev.selfsame.intake.IntakeSettings;
import dev.selfsame.intake.Pipeline;
import dev.selfsame.intake.Preview;
import dev.selfsame.resolution.Outcome;
import dev.selfsame.source.land.Landed;
import dev.selfsame.source.land.Landed.Decided;
import dev.selfsame.source.land.Landing;
import dev.selfsame.source.land.LandingNote;
import dev.selfsame.source.land.LandingRequest;
import dev.selfsame.source.land.LandingStatus;
import dev.selfsame.source.land.LandingWatch;
import dev.selfsame.source.land.RowSource;
import dev.selfsame.store.Database;
import dev.selfsame.store.LandingLog;
import dev.selfsame.store.TraitColumns;
import dev.selfsame.store.TransferProgress.Unit;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Lands a tool's records, or shows what that would do. */
@Command(
    name = "land",
    description = {
      "Put a tool's records into its table, for SQL; records of people become users by the rules.",
      "All rows land or none; landing the same rows again changes nothing."
    },
    mixinStandardHelpOptions = true)
final class LandCommand implements Callable<Integer> {
  private static final String SPACE = "default";

  /** What a preview would do to its users stays in memory. */
  private static final long PREVIEWED = 10_000;

  @Mixin private HubOptions hub;
  @Spec private CommandSpec spec;

  @Parameters(
      index = "0",
      paramLabel = "TOOL.TABLE",
      description = {
        "Such as zendesk.users or stripe.charges. Any other tool works too, such as marketo.leads:"
            + " it gets a schema, and with --email or --external-id its people become users."
      })
  private String table;

  @Parameters(
      index = "1..*",
      paramLabel = "FILE",
      description = {
        "CSV (.csv .tsv), JSON lines (.jsonl .ndjson .json), each also with .gz, or Parquet"
            + " (.parquet); or a directory of them; - is stdin, with --format."
      })
  private List<Path> files = List.of();

  @Option(
      names = "--id",
      paramLabel = "COLUMN",
      description = "Tells the records apart, if it is not called id.")
  private @Nullable String id;

  @Option(
      names = "--email",
      paramLabel = "COLUMN",
      description = "Holds the person's email, if it is not called as the table calls it.")
  private @Nullable String email;

  @Option(
      names = "--external-id",
      paramLabel = "COLUMN",
      description = "Holds your own id of the person.")
  private @Nullable String externalId;

  @Option(
      names = "--updated-at",
      paramLabel = "COLUMN",
      description = "Says when the tool last changed the record.")
  private @Nullable String updatedAt;

  @Option(
      names = "--format",
      paramLabel = "csv|jsonl|parquet",
      description = "What the files are, whatever their names say.")
  private @Nullable String format;

  @Option(
      names = "--from",
      paramLabel = "ADDRESS",
      description = {
        "Land a query on another database instead of files: postgresql://user@host/db,"
            + " mysql://user@host/db, mariadb://… or duckdb:/path/file.db. The password may stand"
            + " in SELFSAME_LAND_PASSWORD."
      })
  private @Nullable String from;

  @Option(names = "--query", paramLabel = "SQL", description = "One statement, with --from.")
  private @Nullable String query;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      defaultValue = "3600",
      description = "How long the other database may take; ${DEFAULT-VALUE} if not said.")
  private int timeout;

  @Option(
      names = {"--preview", "--dry-run"},
      description = "Write nothing; say what the first 10,000 rows would do.")
  private boolean preview;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    LandingRequest request = LandingRequest.of(table, id, email, externalId, updatedAt);
    RowSource rows = rows();
    Landed landed;
    try (OpenHub open = OpenHub.of(hub, err);
        ProgressLine progress = new ProgressLine(err)) {
      landed = land(open.database(), request, rows, new Shown(progress));
    }
    print(out, landed);
    return 0;
  }

  private RowSource rows() {
    if (from == null && query == null) {
      if (files.isEmpty()) {
        throw misused("Name a file or a directory to land, or a query with --from and --query.");
      }
      return RowSource.files(files, format, System.in);
    }
    if (from == null || query == null) {
      throw misused("--from and --query belong together.");
    }
    if (!files.isEmpty()) {
      throw misused("Land files or a query, not both.");
    }
    return RowSource.query(
        from, System.getenv(RowSource.PASSWORD), query, Duration.ofSeconds(timeout));
  }

  private ParameterException misused(String why) {
    return new ParameterException(spec.commandLine(), why);
  }

  private Landed land(
      Database database, LandingRequest request, RowSource rows, LandingWatch watch) {
    LandingNote note = note(database, request, rows, watch);
    try {
      note.started();
      Landed landed = run(database, request, rows, note);
      note.done(landed);
      return landed;
    } catch (Failure failure) {
      note.failed(failure);
      throw failure;
    }
  }

  private Landed run(
      Database database, LandingRequest request, RowSource rows, LandingWatch watch) {
    Landing landing = new Landing(database, SPACE, InstantSource.system());
    if (preview) {
      try (Preview only = Preview.open(SPACE, database.sessions("preview"))) {
        return landing.preview(request, rows, PREVIEWED, only, watch);
      }
    }
    try (Pipeline intake =
        new Pipeline(
            SPACE,
            database.sessions("land"),
            IntakeSettings.DEFAULT,
            new TraitColumns(database)::ensure)) {
      intake.start();
      return landing.land(
          request, rows, intake, () -> Preview.open(SPACE, database.sessions("preview")), watch);
    }
  }

  /** So that whoever looks at the landings over REST finds this one too. */
  private LandingNote note(
      Database database, LandingRequest request, RowSource rows, LandingWatch watch) {
    LandingStatus.Asked asked =
        from == null || query == null
            ? LandingStatus.Asked.file(request, preview, rows.name(), format)
            : LandingStatus.Asked.query(request, preview, from, query);
    return LandingNote.begin(
        new LandingLog(database),
        UUID.randomUUID(),
        request,
        asked,
        "cli",
        Operator.actor().by(),
        null,
        InstantSource.system(),
        watch);
  }

  private void print(PrintWriter out, Landed landed) {
    if (preview) {
      out.println("Preview of at most %,d rows, nothing was written".formatted(PREVIEWED));
    }
    out.println(landed.table());
    line(out, "new", landed.counts().added(), "rows");
    line(out, "changed", landed.counts().changed(), "");
    line(out, "unchanged", landed.counts().unchanged(), "");
    if (landed.counts().repeated() > 0) {
      line(out, "repeated", landed.counts().repeated(), "whose id came again: the last counts");
    }
    landed
        .newColumns()
        .forEach((column, type) -> out.println("new column %s, %s".formatted(column, type.sql())));
    landed
        .renamed()
        .forEach((name, column) -> out.println("%s is %s in the table".formatted(name, column)));
    landed
        .leftOut()
        .forEach((name, why) -> out.println("%s did not land: %s".formatted(name, why)));
    Decided decided = landed.decided();
    if (decided != null) {
      print(out, decided);
    }
    out.flush();
  }

  private static void print(PrintWriter out, Decided decided) {
    out.println("people");
    line(out, "claims", decided.claims(), listed(decided.codes()));
    for (Outcome outcome : Outcome.values()) {
      if (decided.of(outcome) > 0) {
        line(
            out,
            outcome.code(),
            decided.of(outcome),
            outcome == Outcome.REJECTED ? listed(decided.rejected()) : "");
      }
    }
    if (decided.flagged() > 0) {
      line(out, "flagged", decided.flagged(), "for a person to look at");
    }
    if (decided.again() > 0) {
      line(out, "unsettled", decided.again(), "tried again when the tool lands next");
    }
  }

  private static void line(PrintWriter out, String name, long count, String note) {
    out.println(String.format(Locale.ROOT, "  %-10s %,12d  %s", name, count, note).stripTrailing());
  }

  private static String listed(Map<String, Long> counts) {
    return counts.entrySet().stream()
        .map(each -> String.format(Locale.ROOT, "%s %,d", each.getKey(), each.getValue()))
        .collect(Collectors.joining(", "));
  }

  /** Shows how far it is. */
  private static final class Shown implements LandingWatch {
    private final ProgressLine progress;
    private long size = -1;
    private boolean deciding;

    Shown(ProgressLine progress) {
      this.progress = progress;
    }

    @Override
    public void reading(long read, long of) {
      if (size != of) {
        size = of;
        progress.step("Reading", Unit.BYTES, of);
      }
      progress.at(read);
    }

    @Override
    public void landing(long rows) {
      progress.step("Landing", Unit.ROWS, rows);
    }

    @Override
    public void deciding(long decided, long claims) {
      if (!deciding) {
        deciding = true;
        progress.step("Deciding", Unit.ROWS, claims);
      }
      progress.at(decided);
    }

    @Override
    public boolean stopped() {
      return false;
    }
  }
}
