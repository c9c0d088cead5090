package dev.selfsame.cli;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.postgres.PostgresFailure;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParseResult;

/** The one place where failures become a line on stderr and an exit status. */
final class Failures implements IExecutionExceptionHandler {
  private static final int FAILED = 1;
  private static final int REFUSED = 3;

  private final SelfsameCommand root;

  Failures(SelfsameCommand root) {
    this.root = root;
  }

  @Override
  public int handleExecutionException(Exception e, CommandLine command, ParseResult parsed) {
    PrintWriter err = command.getErr();
    boolean foreseen =
        e instanceof Failure
            || e instanceof PostgresFailure
            || e instanceof IllegalArgumentException
            || e instanceof IllegalStateException;
    String message = String.valueOf(e.getMessage());
    err.println(
        "selfsame: "
            + (foreseen ? message : "unforeseen error: " + e + " (--verbose shows where)"));
    if (root.verbose()) {
      e.printStackTrace(err);
    }
    err.flush();
    return e instanceof Failure failure ? status(failure.problem()) : FAILED;
  }

  static int status(Problem problem) {
    return switch (problem.kind()) {
      case FORBIDDEN, UNAUTHENTICATED, CONFLICT -> REFUSED;
      case BAD_INPUT, NOT_FOUND, GONE, TRY_LATER, UNAVAILABLE, BUG -> FAILED;
    };
  }
}
