package dev.selfsame.cli;

import dev.selfsame.store.ReaderQuery;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs one reading statement. */
@Command(
    name = "query",
    description =
        "Run one SELECT, WITH, VALUES, SHOW or EXPLAIN on the published tables, as a reader who may"
            + " see nothing else.",
    mixinStandardHelpOptions = true)
final class QueryCommand implements Callable<Integer> {
  private static final int LONGEST_SECONDS = 86_400;

  /** How rows are printed. */
  enum Format {
    table,
    csv,
    json
  }

  @Mixin private SpacedOptions hub;
  @Spec private CommandSpec spec;

  @Option(
      names = "--format",
      defaultValue = "table",
      description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  private Format format;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      defaultValue = "60",
      description = "How long the database may work on it (default: ${DEFAULT-VALUE}).")
  private int timeout;

  @Parameters(
      arity = "0..1",
      paramLabel = "SQL",
      defaultValue = "SELECT * FROM user_identities",
      description = "The statement (default: ${DEFAULT-VALUE}).")
  private String sql;

  @Override
  public Integer call() {
    if (timeout < 1 || timeout > LONGEST_SECONDS) {
      throw new ParameterException(
          spec.commandLine(),
          "--timeout is %d; expected 1 to %d seconds".formatted(timeout, LONGEST_SECONDS));
    }
    PrintWriter out = spec.commandLine().getOut();
    try (StopHook hook = new StopHook();
        OpenHub open = OpenHub.of(hub, spec.commandLine().getErr())) {
      ReaderQuery query = open.database().readerQuery(hub.space());
      hook.stops(query::cancel);
      try {
        RowPrinter printer =
            switch (format) {
              case table -> new TablePrinter(out);
              case csv -> new CsvPrinter(out);
              case json -> new JsonPrinter(out);
            };
        query.run(sql, Duration.ofSeconds(timeout), new Heard(printer, out));
        printer.end();
      } catch (NobodyReads e) {
        // As in: selfsame query … | head
        return 1;
      } finally {
        out.flush();
      }
    }
    return 0;
  }

  /** Whoever read the output has gone. */
  private static final class NobodyReads extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  /** Prints as long as somebody reads. */
  private record Heard(RowPrinter printer, PrintWriter out, AtomicLong rows)
      implements ReaderQuery.Sink {
    private static final int ASKED_EVERY = 1_000;

    Heard(RowPrinter printer, PrintWriter out) {
      this(printer, out, new AtomicLong());
    }

    @Override
    public void columns(List<ReaderQuery.Column> columns) {
      printer.columns(columns);
    }

    @Override
    public void row(@Nullable String[] values) {
      printer.row(values);
      // The writer stands on System.out, which keeps errors to itself until it is asked.
      if (rows.incrementAndGet() % ASKED_EVERY == 0
          && (out.checkError() || System.out.checkError())) {
        throw new NobodyReads();
      }
    }
  }
}
