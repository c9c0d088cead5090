package dev.selfsame.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
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

  @Option(
      names = "--verbose",
      scope = ScopeType.INHERIT,
      description = "Show where in the program an error arose.")
  private boolean verbose;

  private SelfsameCommand() {}

  /** The whole command line, ready to execute. */
  public static CommandLine commandLine(Program program) {
    SelfsameCommand root = new SelfsameCommand();
    return new CommandLine(root)
        .addSubcommand(new ServeCommand(program))
        .addSubcommand(new RehearseCommand(program))
        .addSubcommand(new QueryCommand())
        .addSubcommand(new LookupCommand())
        .addSubcommand(new AskCommand())
        .addSubcommand(new ExplainCommand())
        .addSubcommand(new MergeCommand())
        .addSubcommand(new EraseCommand())
        .addSubcommand(new SuppressionsCommand())
        .addSubcommand(new AuditCommand())
        .addSubcommand(new MergesCommand())
        .addSubcommand(new UndoCommand())
        .addSubcommand(new MoveIdentifierCommand())
        .addSubcommand(new FlagsCommand())
        .addSubcommand(new KeepApartCommand())
        .addSubcommand(new BarsCommand())
        .addSubcommand(new LandCommand())
        .addSubcommand(new ConnectionCommand())
        .addSubcommand(new SourceCommand())
        .addSubcommand(new PublishCommand())
        .addSubcommand(new ImportCommand())
        .addSubcommand(new ExportCommand())
        .addSubcommand(new KeysCommand())
        .addSubcommand(new SpacesCommand())
        .addSubcommand(new PolicyCommand())
        .addSubcommand(new DoctorCommand())
        .addSubcommand(new BackupCommand())
        .addSubcommand(new RestoreCommand())
        .addSubcommand(new ConnectCommand())
        .setExecutionExceptionHandler(new Failures(root));
  }

  /** Whether a failure is shown with where in the program it arose. */
  boolean verbose() {
    return verbose;
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Name a command.");
  }

  /** The version that the jar's manifest names; classes outside a jar have none. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"selfsame " + number()};
    }

    static String number() {
      String version = SelfsameCommand.class.getPackage().getImplementationVersion();
      return version == null ? "(not packaged)" : version;
    }
  }
}
