package dev.selfsame.cli;

import dev.selfsame.access.Access;
import dev.selfsame.access.GivenSecrets;
import dev.selfsame.access.Grants;
import dev.selfsame.access.StoredAccess;
import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.identity.Channel;
import dev.selfsame.source.api.NoteWrites;
import dev.selfsame.store.ActLog;
import dev.selfsame.store.ReaderQuery;
import dev.selfsame.store.StoredGrants;
import dev.selfsame.store.StoredSources;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Write keys, tokens and webhooks: makes, lists and ends them. */
@Command(
    name = "keys",
    description = "Make, list and revoke write keys, tokens and webhooks.",
    mixinStandardHelpOptions = true,
    subcommands = {
      KeysCommand.Create.class,
      KeysCommand.ListAll.class,
      KeysCommand.Pages.class,
      KeysCommand.Revoke.class
    })
final class KeysCommand implements Runnable {
  private static final String SPACE = Access.DEFAULT_SPACE;
  private static final String SIGNATURE = "signature";
  private static final String AUTHORIZATION = "authorization";
  private static final String ON = "on";
  private static final String OFF = "off";

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Say create, list, pages or revoke.");
  }

  private static StoredAccess access(StoredGrants grants) {
    return new StoredAccess(grants, GivenSecrets.NONE, InstantSource.system());
  }

  /** Makes a write key, a token or a webhook's secrets and shows them, this once. */
  @Command(
      name = "create",
      description = "Make a write key, a token or a webhook; its secret is shown this once.",
      mixinStandardHelpOptions = true)
  static final class Create implements Callable<Integer> {
    @Mixin private HubOptions hub;
    @Spec private CommandSpec spec;

    @Option(
        names = "--source",
        paramLabel = "NAME",
        description =
            "The source that the write key writes to, made where there is none (default: segment;"
                + " browser for a key that browsers hold).")
    private @Nullable String source;

    @Option(
        names = {"--untrusted", "--browser"},
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

    @Option(
        names = "--hook",
        paramLabel = "SOURCE",
        description =
            "Make a webhook for Segment's Webhook destination to post to: the source of that name,"
                + " the secret that signs its bodies and the Authorization header of its requests.")
    private @Nullable String hook;

    @Option(
        names = "--note-hook",
        paramLabel = "INTEGRATION",
        description =
            "Make a webhook of which each post makes a note: of the integration of that name, such"
                + " as zendesk.")
    private @Nullable String noteHook;

    @Option(
        names = "--only",
        paramLabel = "PROOF",
        description =
            "What the webhook's requests are known by, where not by both: signature or"
                + " authorization.")
    private @Nullable String only;

    @Option(
        names = "--secret-file",
        paramLabel = "FILE",
        description = "A file that holds the webhook's shared secret, instead of one made here.")
    private @Nullable Path secretFile;

    @Option(
        names = "--authorization-file",
        paramLabel = "FILE",
        description =
            "A file that holds the Authorization header's value, instead of one made here.")
    private @Nullable Path authorizationFile;

    @Option(names = "--name", paramLabel = "NAME", description = "What to call it in lists.")
    private @Nullable String name;

    @Option(
        names = "--space",
        paramLabel = "SPACE",
        defaultValue = SPACE,
        description = "The space that it is of (default: ${DEFAULT-VALUE}).")
    private String space;

    @Override
    public Integer call() {
      check();
      try (OpenHub open = OpenHub.of(hub, spec.commandLine().getErr())) {
        StoredGrants grants = new StoredGrants(open.database(), Operator.actor());
        if (hook != null) {
          return hook(grants, Channel.SEGMENT, hook, hook, "/hooks/segment/" + hook);
        }
        if (noteHook != null) {
          return hook(
              grants,
              Channel.INSIGHTS,
              NoteWrites.source(noteHook).name(),
              noteHook,
              "/hooks/notes/%s/json, or …/zendesk, or …/intercom".formatted(noteHook));
        }
        StoredAccess.Issued issued;
        if (token) {
          Access.Scope allowed = scope();
          issued =
              access(grants)
                  .issueToken(
                      name == null ? allowed.name().toLowerCase(Locale.ROOT) : name,
                      space,
                      allowed);
        } else {
          String to = source != null ? source : untrusted ? "browser" : "segment";
          grants.ensureSource(space, to, !untrusted);
          issued = access(grants).issueWriteKey(name == null ? to : name, space, to);
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println(issued.secret());
        out.flush();
        return 0;
      }
    }

    private int hook(
        StoredGrants grants, Channel channel, String source, String called, String path) {
      String secret = given(secretFile);
      String authorization = given(authorizationFile);
      StoredAccess.IssuedHook issued =
          access(grants)
              .issueHook(
                  name == null ? called : name,
                  space,
                  source,
                  channel,
                  !AUTHORIZATION.equals(only),
                  !SIGNATURE.equals(only),
                  secret,
                  authorization);
      PrintWriter out = spec.commandLine().getOut();
      out.println("Path: " + path);
      if (issued.secret() != null && secret == null) {
        out.println("Shared secret: " + issued.secret());
      }
      if (issued.authorization() != null && authorization == null) {
        out.println("Authorization: " + issued.authorization());
      }
      out.flush();
      return 0;
    }

    /** The secret in a file, without the line's end; null: no file. */
    private static @Nullable String given(@Nullable Path file) {
      if (file == null) {
        return null;
      }
      String text;
      try {
        text = Files.readString(file).strip();
      } catch (IOException e) {
        throw new Failure(
            Problem.INVALID_PARAMETER, "The file %s cannot be read: %s".formatted(file, e), 0, e);
      }
      if (!text.chars().allMatch(c -> c >= ' ' && c < 127)) {
        throw new Failure(
            Problem.INVALID_PARAMETER,
            "The file %s must hold one line of plain ASCII".formatted(file));
      }
      return text;
    }

    private void checkHook() {
      if (hook != null && noteHook != null) {
        throw new ParameterException(
            spec.commandLine(), "--hook and --note-hook make one webhook each; say one of them.");
      }
      String made = hook != null ? hook : noteHook;
      if (made == null) {
        if (only != null || secretFile != null || authorizationFile != null) {
          throw new ParameterException(
              spec.commandLine(),
              "--only, --secret-file and --authorization-file are for webhooks; add --hook or"
                  + " --note-hook.");
        }
        return;
      }
      if (token || untrusted || source != null) {
        throw new ParameterException(
            spec.commandLine(),
            "%s names its source itself; --source, --untrusted and --token are not for it."
                .formatted(hook != null ? "--hook" : "--note-hook"));
      }
      checkSource(made);
      if (only != null && !only.equals(SIGNATURE) && !only.equals(AUTHORIZATION)) {
        throw new ParameterException(
            spec.commandLine(),
            "--only is %s; expected signature or authorization.".formatted(only));
      }
      if ((secretFile != null && AUTHORIZATION.equals(only))
          || (authorizationFile != null && SIGNATURE.equals(only))) {
        throw new ParameterException(
            spec.commandLine(), "The file that is given is not for --only " + only + ".");
      }
    }

    private void checkSource(String named) {
      if (!named.matches("[a-z][a-z0-9_-]{0,62}")) {
        throw new ParameterException(
            spec.commandLine(),
            "A source's name is up to 63 of a-z, 0-9, - and _, starting with a letter.");
      }
    }

    private void check() {
      checkHook();
      if (token && (source != null || untrusted)) {
        throw new ParameterException(
            spec.commandLine(),
            "--source and --untrusted are for write keys; a token takes --scope.");
      }
      if (!token && scope != null) {
        throw new ParameterException(spec.commandLine(), "--scope is for tokens; add --token.");
      }
      if (source != null) {
        checkSource(source);
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
      description = "List write keys, tokens and webhooks.",
      mixinStandardHelpOptions = true)
  static final class ListAll implements Callable<Integer> {
    @Mixin private HubOptions hub;
    @Spec private CommandSpec spec;

    @Override
    public Integer call() {
      try (OpenHub open = OpenHub.of(hub, spec.commandLine().getErr())) {
        TablePrinter table = new TablePrinter(spec.commandLine().getOut());
        table.titled(
            "id", "kind", "name", "space", "source or scope", "ends in", "created", "revoked");
        for (Grants.Grant grant : new StoredGrants(open.database()).list()) {
          table.row(
              new @Nullable String[] {
                grant.id(),
                kind(grant.kind()),
                grant.name(),
                grant.space(),
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

    private static String kind(Grants.Kind kind) {
      return switch (kind) {
        case WRITE_KEY -> "write key";
        case TOKEN -> "token";
        case HOOK -> "webhook";
      };
    }
  }

  /** Says whether page and screen events of a source become rows, or lists which do. */
  @Command(
      name = "pages",
      description = {
        "Land page and screen events of a source in segment.pages and segment.screens, or not (the",
        "default). Without parameters: which sources do."
      },
      mixinStandardHelpOptions = true)
  static final class Pages implements Callable<Integer> {
    @Mixin private HubOptions hub;
    @Spec private CommandSpec spec;

    @Parameters(
        arity = "0..2",
        paramLabel = "on|off SOURCE",
        description = "From now on; running servers notice it within a second.")
    private List<String> wanted = List.of();

    @Override
    public Integer call() {
      PrintWriter out = spec.commandLine().getOut();
      if (!wanted.isEmpty()
          && (wanted.size() != 2 || !List.of(ON, OFF).contains(wanted.getFirst()))) {
        throw new ParameterException(
            spec.commandLine(), "Say: keys pages on SOURCE, keys pages off SOURCE, or keys pages.");
      }
      try (OpenHub open = OpenHub.of(hub, spec.commandLine().getErr())) {
        if (wanted.isEmpty()) {
          list(out, StoredSources.visited(open.database(), SPACE));
        } else {
          boolean lands = wanted.getFirst().equals(ON);
          boolean changed =
              StoredSources.landVisits(open.database(), SPACE, wanted.getLast(), lands);
          if (changed) {
            new ActLog(open.database())
                .note(
                    "land_pages",
                    Operator.actor(),
                    Instant.now(),
                    Map.of("source", wanted.getLast(), "lands", lands));
          }
          out.println(
              "Page and screen events of %s %s%s"
                  .formatted(
                      wanted.getLast(),
                      lands ? "land" : "do not land",
                      changed ? " from now on" : ", as before"));
        }
        out.flush();
        return 0;
      }
    }

    private static void list(PrintWriter out, List<StoredSources.Visited> sources) {
      TablePrinter table = new TablePrinter(out);
      table.columns(
          List.of(
              new ReaderQuery.Column("source", "text"), new ReaderQuery.Column("pages", "text")));
      for (StoredSources.Visited source : sources) {
        table.row(new @Nullable String[] {source.source(), source.lands() ? ON : OFF});
      }
      table.end();
    }
  }

  /** Ends one. */
  @Command(
      name = "revoke",
      description = "End a write key, token or webhook; it stops working within a second.",
      mixinStandardHelpOptions = true)
  static final class Revoke implements Callable<Integer> {
    @Mixin private HubOptions hub;
    @Spec private CommandSpec spec;

    @Parameters(paramLabel = "ID", description = "Its id, as keys list shows it.")
    private String id;

    @Override
    public Integer call() {
      try (OpenHub open = OpenHub.of(hub, spec.commandLine().getErr())) {
        if (!access(new StoredGrants(open.database(), Operator.actor())).revoke(id)) {
          throw new Failure(
              Problem.NOT_FOUND,
              "No write key, token or webhook in force has the id " + id + "; see: keys list");
        }
        return 0;
      }
    }
  }
}
