package dev.selfsame.cli;

import dev.selfsame.access.Access;
import dev.selfsame.access.GivenSecrets;
import dev.selfsame.access.Grants;
import dev.selfsame.access.StoredAccess;
import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.store.StoredGrants;
import java.io.PrintWriter;
import java.time.InstantSource;
import java.util.List;
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

/** Write keys and tokens: makes, lists and ends them. */
@Command(
    name = "keys",
    description = "Make, list and revoke write keys and tokens.",
    mixinStandardHelpOptions = true,
    subcommands = {KeysCommand.Create.class, KeysCommand.ListAll.class, KeysCommand.Revoke.class})
final class KeysCommand implements Runnable {
  private static final String SPACE = "default";

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Say create, list or revoke.");
  }

  private static StoredAccess access(StoredGrants grants) {
    return new StoredAccess(grants, GivenSecrets.NONE, InstantSource.system());
  }

  /** Makes a write key or a token and shows it, this once. */
  @Command(
      name = "create",
      description = "Make a write key, or a token; it is shown this once.",
      mixinStandardHelpOptions = true)
  static final class Create implements Callable<Integer> {
    @Mixin private HubOptions hub;
    @Spec private CommandSpec spec;

    @Option(
        names = "--source",
        paramLabel = "NAME",
        description =
            "The source that the write key writes to, made where there is none (default: segment).")
    private @Nullable String source;

    @Option(
        names = "--untrusted",
        description =
            "For a key that browsers hold: what it says about emails, names and billing ids merges"
                + " nobody.")
    private boolean untrusted;

    @Option(names = "--token", description = "Make a token for REST instead of a write key.")
    private boolean token;

    @Option(
        names = "--scope",
        paramLabel = "SCOPE",
        description = "What the token may do: read (default), write or admin.")
    private @Nullable String scope;

    @Option(names = "--name", paramLabel = "NAME", description = "What to call it in lists.")
    private @Nullable String name;

    @Override
    public Integer call() {
      check();
      try (OpenHub open = OpenHub.of(hub, spec.commandLine().getErr())) {
        StoredGrants grants = new StoredGrants(open.database());
        StoredAccess.Issued issued;
        if (token) {
          Access.Scope allowed = scope();
          issued =
              access(grants)
                  .issueToken(
                      name == null ? allowed.name().toLowerCase(Locale.ROOT) : name, allowed);
        } else {
          String to = source == null ? "segment" : source;
          grants.ensureSource(SPACE, to, !untrusted);
          issued = access(grants).issueWriteKey(name == null ? to : name, SPACE, to);
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println(issued.secret());
        out.flush();
        return 0;
      }
    }

    private void check() {
      if (token && (source != null || untrusted)) {
        throw new ParameterException(
            spec.commandLine(),
            "--source and --untrusted are for write keys; a token takes --scope.");
      }
      if (!token && scope != null) {
        throw new ParameterException(spec.commandLine(), "--scope is for tokens; add --token.");
      }
      if (source != null && !source.matches("[a-z][a-z0-9_-]{0,62}")) {
        throw new ParameterException(
            spec.commandLine(),
            "A source's name is up to 63 of a-z, 0-9, - and _, starting with a letter.");
      }
      scope();
    }

    private Access.Scope scope() {
      String wanted = scope == null ? "read" : scope;
      for (Access.Scope one : Access.Scope.values()) {
        if (one.name().toLowerCase(Locale.ROOT).equals(wanted)) {
          return one;
        }
      }
      throw new ParameterException(
          spec.commandLine(), "--scope is %s; expected read, write or admin.".formatted(wanted));
    }
  }

  /** Lists all, the revoked ones too. */
  @Command(
      name = "list",
      description = "List write keys and tokens.",
      mixinStandardHelpOptions = true)
  static final class ListAll implements Callable<Integer> {
    @Mixin private HubOptions hub;
    @Spec private CommandSpec spec;

    @Override
    public Integer call() {
      try (OpenHub open = OpenHub.of(hub, spec.commandLine().getErr())) {
        TablePrinter table = new TablePrinter(spec.commandLine().getOut());
        table.columns(
            List.of("id", "kind", "name", "source or scope", "ends in", "created", "revoked")
                .stream()
                .map(title -> new dev.selfsame.store.ReaderQuery.Column(title, "text"))
                .toList());
        for (Grants.Grant grant : new StoredGrants(open.database()).list()) {
          table.row(
              new @Nullable String[] {
                grant.id(),
                grant.kind().name().toLowerCase(Locale.ROOT).replace('_', ' '),
                grant.name(),
                grant.scope() == null
                    ? grant.source()
                    : grant.scope().name().toLowerCase(Locale.ROOT),
                grant.hint(),
                grant.createdAt().toString(),
                grant.revokedAt() == null ? null : grant.revokedAt().toString()
              });
        }
        table.end();
        return 0;
      }
    }
  }

  /** Ends one. */
  @Command(
      name = "revoke",
      description = "End a write key or token; it stops working within a second.",
      mixinStandardHelpOptions = true)
  static final class Revoke implements Callable<Integer> {
    @Mixin private HubOptions hub;
    @Spec private CommandSpec spec;

    @Parameters(paramLabel = "ID", description = "Its id, as keys list shows it.")
    private String id;

    @Override
    public Integer call() {
      try (OpenHub open = OpenHub.of(hub, spec.commandLine().getErr())) {
        if (!access(new StoredGrants(open.database())).revoke(id)) {
          throw new Failure(
              Problem.NOT_FOUND,
              "No write key or token in force has the id " + id + "; see: keys list");
        }
        return 0;
      }
    }
  }
}
