package dev.selfsame.cli;

import dev.selfsame.access.Access;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which hub a command is about. */
class HubOptions {
  static final String DATABASE_URL = "SELFSAME_DATABASE_URL";

  @Option(
      names = "--data",
      paramLabel = "DIR",
      defaultValue = "./selfsame-data",
      description = "The hub's data directory (default: ${DEFAULT-VALUE}).")
  Path data;

  @Option(
      names = "--database-url",
      paramLabel = "URL",
      defaultValue = "${env:" + DATABASE_URL + "}",
      description =
          "A PostgreSQL (15 or later) of your own instead of the one in the data directory:"
              + " postgresql://user:password@host:port/database. Also: "
              + DATABASE_URL
              + ".")
  @Nullable String databaseUrl;

  /** The space that the command is about. */
  String space() {
    return Access.DEFAULT_SPACE;
  }
}
