package dev.selfsame.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.selfsame.ask.Chart;
import dev.selfsame.ask.PngChart;
import dev.selfsame.ask.Question;
import dev.selfsame.ask.Questions;
import dev.selfsame.ask.Reply;
import dev.selfsame.ask.SvgChart;
import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.store.ReaderQuery;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Asks a saved question, or tells which there are. */
@Command(
    name = "ask",
    description =
        "Ask a saved question: its answer as a table with a chart. Without a name: which there"
            + " are.",
    mixinStandardHelpOptions = true)
final class AskCommand implements Callable<Integer> {
  private static final int LONGEST_SECONDS = 86_400;
  private static final int MOST_ROWS = 10_000;
  private static final int STDOUT = 1;
  private static final int NARROWEST = 20;
  private static final int WIDEST = 1_000;

  /** Where nobody knows how wide the terminal is. */
  private static final int USUAL_WIDTH = 100;

  @Mixin private HubOptions hub;
  @Spec private CommandSpec spec;

  @Option(
      names = "--questions",
      paramLabel = "DIR",
      description =
          "The directory of your own questions (default: questions in the data directory).")
  private @Nullable Path directory;

  @Option(names = "--csv", description = "Print the answer as CSV.")
  private boolean csv;

  @Option(names = "--json", description = "Print the answer as JSON.")
  private boolean json;

  @Option(names = "--sql", description = "Print the question's file instead of asking it.")
  private boolean sql;

  @Option(
      names = "--chart",
      paramLabel = "FILE",
      description = "Draw the answer's chart into FILE.svg or FILE.png, too.")
  private @Nullable Path chart;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      defaultValue = "60",
      description = "How long the database may work on it (default: ${DEFAULT-VALUE}).")
  private int timeout;

  @Option(
      names = "--width",
      paramLabel = "COLUMNS",
      description = "How wide a line of the table may be (default: the terminal's; elsewhere 100).")
  private @Nullable Integer width;

  @Parameters(arity = "0..1", paramLabel = "NAME", description = "The question.")
  private @Nullable String name;

  @Override
  public Integer call() {
    check();
    Questions questions =
        directory == null
            ? Questions.in(hub.data.resolve("questions"))
            : Questions.given(directory);
    PrintWriter out = spec.commandLine().getOut();
    if (name == null) {
      return list(questions, out);
    }
    Question question = questions.named(name);
    if (sql) {
      out.print(question.sql());
      out.flush();
      return 0;
    }
    if (chart != null) {
      Chart.check(question);
    }
    try (StopHook hook = new StopHook();
        OpenHub open = OpenHub.of(hub, spec.commandLine().getErr())) {
      ReaderQuery query = open.database().readerQuery();
      hook.stops(query::cancel);
      answer(Reply.to(question, query, Duration.ofSeconds(timeout), MOST_ROWS), out);
    }
    return 0;
  }

  private void check() {
    Integer wide = width;
    if (timeout < 1 || timeout > LONGEST_SECONDS) {
      throw usage("--timeout is %d; expected 1 to %d seconds".formatted(timeout, LONGEST_SECONDS));
    }
    if (wide != null && (wide < NARROWEST || wide > WIDEST)) {
      throw usage("--width is %d; expected %d to %d".formatted(wide, NARROWEST, WIDEST));
    }
    if ((csv ? 1 : 0) + (json ? 1 : 0) + (sql ? 1 : 0) > 1) {
      throw usage("Expected one of --csv, --json and --sql");
    }
    if (name == null && (csv || json || sql || chart != null)) {
      throw usage("Name the question: selfsame ask lists them");
    }
    if (chart != null && ending(chart).isEmpty()) {
      throw usage("--chart is %s; expected a name that ends in .svg or .png".formatted(chart));
    }
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  private static String ending(Path file) {
    String lower = file.toString().toLowerCase(Locale.ROOT);
    return lower.endsWith(".svg") ? "svg" : lower.endsWith(".png") ? "png" : "";
  }

  /** Files that are not usable go to stderr, and make the status 1. */
  private int list(Questions questions, PrintWriter out) {
    int longest = 0;
    for (Questions.Listed each : questions.list()) {
      longest = Math.max(longest, each.name().length());
    }
    boolean problems = false;
    for (Questions.Listed each : questions.list()) {
      Question question = each.question();
      if (question == null) {
        problems = true;
        spec.commandLine().getErr().println("selfsame: " + each.problem());
      } else {
        String origin =
            question.origin() == Question.Origin.BUILT_IN
                ? ""
                : "  (" + question.origin().words() + ")";
        out.println(
            each.name()
                + " ".repeat(longest + 2 - each.name().length())
                + question.title()
                + origin);
      }
    }
    out.flush();
    spec.commandLine().getErr().flush();
    return problems ? 1 : 0;
  }

  private void answer(Reply reply, PrintWriter out) {
    Path file = chart;
    if (file != null) {
      draw(Chart.of(reply), file);
    }
    if (csv || json) {
      RowPrinter printer = csv ? new CsvPrinter(out) : new JsonPrinter(out);
      printer.columns(reply.columns());
      reply.rows().forEach(printer::row);
      printer.end();
    } else {
      Integer wide = width;
      new ReplyPrinter(out, wide == null ? terminalWidth() : wide).print(reply);
    }
    if (reply.more()) {
      PrintWriter err = spec.commandLine().getErr();
      err.println(
          "selfsame: There are more than %d rows; these are the first. For all of them: selfsame ask %s --sql, and run that with selfsame query"
              .formatted(MOST_ROWS, reply.question().name()));
      err.flush();
    }
  }

  private static void draw(Chart chart, Path file) {
    byte[] drawn =
        ending(file).equals("svg") ? SvgChart.of(chart).getBytes(UTF_8) : PngChart.of(chart);
    try {
      Files.write(file, drawn);
    } catch (IOException e) {
      throw new Failure(Problem.FILE_UNUSABLE, "%s cannot be written: %s".formatted(file, e), 0, e);
    }
  }

  private int terminalWidth() {
    // The shell's own word where it passes it on; else whatever stty knows.
    String said = System.getenv("COLUMNS");
    if (said != null && said.matches("[0-9]{2,4}")) {
      return Math.clamp(Integer.parseInt(said), NARROWEST, WIDEST);
    }
    return ProgressLine.isTerminal(STDOUT)
        ? Math.clamp(spec.usageMessage().autoWidth(true).width(), NARROWEST, WIDEST)
        : USUAL_WIDTH;
  }
}
