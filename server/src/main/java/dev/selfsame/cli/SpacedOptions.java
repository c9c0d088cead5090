package dev.selfsame.cli;

import dev.selfsame.access.Access;
import picocli.CommandLine.Option;

/** Which hub a command is about, and which of its spaces. */
final class SpacedOptions extends HubOptions {
  @Option(
      names = "--space",
      paramLabel = "SPACE",
      defaultValue = Access.DEFAULT_SPACE,
      description = "The space that it is about (default: ${DEFAULT-VALUE}).")
  private String space;

  @Override
  String space() {
    return space;
  }
}
