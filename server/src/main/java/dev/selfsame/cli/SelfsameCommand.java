package dev.selfsame.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * The command {@code selfsame}, under which all others stand. Alone it has nothing to do but say
 * so.
 */
@Command(
    name = "selfsame",
    description =
        "A self-hosted identity hub: who is who, among all the tools that know your users.",
    mixinStandardHelpOptions = true,
    versionProvider = SelfsameCommand.Version.class)
public final class SelfsameCommand implements Runnable {
  @Spec private CommandSpec spec;

  private SelfsameCommand() {}

  /** The whole command line, ready to execute. */
  public static CommandLine commandLine() {
    return new CommandLine(new SelfsameCommand());
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Name a command.");
  }

  /** The version that the jar's manifest names; classes outside a jar have none. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = SelfsameCommand.class.getPackage().getImplementationVersion();
      return new String[] {"selfsame " + (version == null ? "(not packaged)" : version)};
    }
  }
}
