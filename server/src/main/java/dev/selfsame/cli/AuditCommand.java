package dev.selfsame.cli;

import dev.selfsame.error.Nearest;
import dev.selfsame.store.ActLog;
import dev.selfsame.store.ActLog.Act;
import java.io.PrintWriter;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Who did what, when, and from where. */
@Command(
    name = "audit",
    description = "List what people did: who, when, from where and what; the newest first.",
    mixinStandardHelpOptions = true)
final class AuditCommand implements Callable<Integer> {
  private static final int MOST = 100_000;

  @Mixin private SpacedOptions hub;
  @Spec private CommandSpec spec;

  @Option(names = "--actor", paramLabel = "WHO", description = "Such as token:NAME or cli:USER.")
  private @Nullable String actor;

  @Option(names = "--act", paramLabel = "ACT", description = "Such as merge, erase, create_key.")
  private @Nullable String act;

  @Option(
      names = "--from",
      paramLabel = "TIME",
      description = "Not before, such as 2026-03-01T12:00:00Z.")
  private @Nullable String from;

  @Option(names = "--to", paramLabel = "TIME", description = "Before.")
  private @Nullable String to;

  @Option(names = "--limit", paramLabel = "N", description = "So many at most (default: 100).")
  private int limit = 100;

  @Override
  public Integer call() {
    if (limit < 1 || limit > MOST) {
      throw new ParameterException(
          spec.commandLine(), "--limit is %d; expected 1 to %d".formatted(limit, MOST));
    }
    if (act != null && !ActLog.NAMES.contains(act)) {
      throw new ParameterException(
          spec.commandLine(),
          "--act: there is no act %s; did you mean %s? Known: %s"
              .formatted(act, Nearest.of(act, ActLog.NAMES), String.join(", ", ActLog.NAMES)));
    }
    ActLog.Wanted wanted = new ActLog.Wanted(actor, act, time("--from", from), time("--to", to));
    try (OpenHub open = OpenHub.of(hub, spec.commandLine().getErr())) {
      PrintWriter out = spec.commandLine().getOut();
      for (Act one : new ActLog(open.database(), hub.space()).list(wanted, null, limit)) {
        out.println(line(one));
      }
      out.flush();
      return 0;
    }
  }

  /** Nothing of it is cut short, as in a table. */
  private static String line(Act act) {
    List<String> words = new ArrayList<>(List.of(act.at().toString(), act.act(), "by " + act.by()));
    if (act.from() != null) {
      words.add("from " + act.from());
    }
    if (act.position() != null) {
      words.add("at " + act.position());
    }
    if (act.outcome() != null) {
      words.add(act.outcome());
    }
    if (act.reason() != null) {
      words.add("because " + act.reason());
    }
    words.add(act.details().toString());
    return String.join("  ", words);
  }

  private @Nullable Instant time(String option, @Nullable String text) {
    try {
      return text == null ? null : Instant.parse(text);
    } catch (DateTimeParseException e) {
      throw new ParameterException(
          spec.commandLine(),
          "%s is %s; expected a time such as 2026-03-01T12:00:00Z".formatted(option, text),
          e);
    }
  }
}
