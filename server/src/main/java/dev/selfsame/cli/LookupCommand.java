package dev.selfsame.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.lookup.Asked;
import dev.selfsame.lookup.BadValue;
import dev.selfsame.lookup.Lookup;
import dev.selfsame.lookup.Match;
import dev.selfsame.store.UserQueries;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Tells whom each of many values finds, with every tool's id for them. */
@Command(
    name = "lookup",
    description = "Tell whom each email or other identifier finds, with every tool's id for them.",
    mixinStandardHelpOptions = true)
final class LookupCommand implements Callable<Integer> {

  /** All lines are checked before the first is looked up, and so are held in memory. */
  private static final int MOST_LINES = 100_000;

  @Mixin private SpacedOptions hub;
  @Spec private CommandSpec spec;

  @Parameters(
      arity = "1..*",
      paramLabel = "VALUE",
      description = "An email, or TYPE:VALUE such as zendesk_id:77. -: one a line, from stdin.")
  private List<String> values;

  @ArgGroup private @Nullable Format format;

  /** How it is printed, where not for the eye. */
  static final class Format {
    @Option(names = "--csv", description = "A row for each value and user.")
    private boolean csv;

    @Option(names = "--json", description = "An array with an object for each value.")
    private boolean json;
  }

  /**
   * A value that is asked for.
   *
   * @param place what to call it when it is wrong
   */
  private record Wanted(String place, String text) {
    Asked asked() {
      return Asked.text(text);
    }
  }

  @Override
  public Integer call() throws IOException {
    List<Wanted> wanted = values.equals(List.of("-")) ? lines() : arguments();
    PrintWriter out = spec.commandLine().getOut();
    try (OpenHub open = OpenHub.of(hub, spec.commandLine().getErr())) {
      Lookup lookup = new Lookup(new UserQueries(open.database(), hub.space()));
      try {
        lookup.check(wanted.stream().map(Wanted::asked).toList());
      } catch (BadValue bad) {
        throw refused(wanted, bad);
      }
      MatchPrinter printer = printer(out, lookup);
      for (int from = 0; from < wanted.size(); from += Lookup.MOST_ASKED) {
        print(
            lookup,
            wanted.subList(from, Math.min(wanted.size(), from + Lookup.MOST_ASKED)),
            printer);
        if (out.checkError()) {
          // As in: selfsame lookup … | head
          return 1;
        }
      }
      printer.end();
      out.flush();
    }
    return 0;
  }

  private MatchPrinter printer(PrintWriter out, Lookup lookup) {
    if (format != null && format.csv) {
      return new MatchPrinter.Csv(out, lookup.types());
    }
    return format != null && format.json
        ? new MatchPrinter.JsonArray(out)
        : new MatchPrinter.Text(out);
  }

  private void print(Lookup lookup, List<Wanted> wanted, MatchPrinter printer) {
    List<Match> matches;
    try {
      matches = lookup.matches(wanted.stream().map(Wanted::asked).toList());
    } catch (BadValue bad) {
      throw refused(wanted, bad);
    }
    for (int i = 0; i < matches.size(); i++) {
      Match match = matches.get(i);
      printer.print(wanted.get(i).text().strip(), match);
      if (match.more()) {
        PrintWriter err = spec.commandLine().getErr();
        err.println(
            "%s: more than %d users have it; the others are not shown"
                .formatted(wanted.get(i).place(), match.users().size()));
        err.flush();
      }
    }
  }

  private static Failure refused(List<Wanted> wanted, BadValue bad) {
    return new Failure(
        Problem.INVALID_PARAMETER,
        "%s: %s"
            .formatted(
                wanted.get(bad.index()).place(), UserText.plain(String.valueOf(bad.getMessage()))),
        0,
        bad);
  }

  private List<Wanted> arguments() {
    if (values.contains("-")) {
      throw new ParameterException(
          spec.commandLine(), "- reads the values from stdin; give it alone.");
    }
    List<Wanted> wanted = new ArrayList<>(values.size());
    for (String value : values) {
      wanted.add(new Wanted("Value " + (wanted.size() + 1), value));
    }
    return wanted;
  }

  /** The lines of stdin but for blank ones. */
  private static List<Wanted> lines() throws IOException {
    List<Wanted> wanted = new ArrayList<>();
    int number = 0;
    try {
      BufferedReader in = new BufferedReader(new InputStreamReader(System.in, UTF_8.newDecoder()));
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        number++;
        String text = number == 1 && line.startsWith("\uFEFF") ? line.substring(1) : line;
        if (text.isBlank()) {
          continue;
        }
        if (wanted.size() == MOST_LINES) {
          throw new Failure(
              Problem.INVALID_PARAMETER,
              "Line %d: more than %,d values; split them, or join user_identifiers in SQL"
                  .formatted(number, MOST_LINES));
        }
        wanted.add(new Wanted("Line " + number, text));
      }
    } catch (CharacterCodingException e) {
      throw new Failure(
          Problem.INVALID_PARAMETER,
          "What comes from stdin is not UTF-8, somewhere after line %d".formatted(number),
          0,
          e);
    }
    return wanted;
  }
}
