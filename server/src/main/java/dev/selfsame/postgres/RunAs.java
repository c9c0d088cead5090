package dev.selfsame.postgres;

import com.sun.security.auth.module.UnixSystem;
import dev.selfsame.postgres.PostgresFailure.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The account that PostgreSQL runs under. It refuses root, and initdb refuses accounts without a
 * name. Then a command that is put before its own changes the account ({@code setpriv}), or how it
 * looks ({@code unshare}: a user namespace in which every account looks like nobody).
 *
 * @param prefix the words to put before a PostgreSQL command
 * @param uid the account that must own PostgreSQL's files
 * @param gid the group of PostgreSQL's files
 */
record RunAs(List<String> prefix, int uid, int gid) {
  private static final int ROOT = 0;
  private static final int NOBODY = 65534;

  /** Takes the first way that works, tried with the real binary in the real directory. */
  static RunAs choose(Layout layout, Binaries binaries) throws IOException {
    UnixSystem self = new UnixSystem();
    int uid = (int) self.getUid();
    int gid = (int) self.getGid();
    RunAs disguised = new RunAs(List.of("unshare", "-U"), uid, gid);
    List<RunAs> ways;
    if (uid == ROOT) {
      letOthersPass(layout.directory());
      ways = waysForRoot(layout, disguised);
    } else {
      ways = List.of(new RunAs(List.of(), uid, gid), disguised);
    }

    List<String> refusals = new ArrayList<>();
    for (RunAs way : ways) {
      Command.Result result = way.tryOut(layout, binaries);
      if (result.succeeded()) {
        return way;
      }
      refusals.add("  %s: %s".formatted(way.describe(), result.output().replace('\n', ' ')));
    }
    throw noWay(layout, uid, refusals);
  }

  /** A PostgreSQL command, put to run under this account. */
  List<String> command(List<String> words) {
    List<String> command = new ArrayList<>(prefix);
    command.addAll(words);
    return command;
  }

  /** Makes PostgreSQL's account the owner of a file or a tree, if it is not yet. */
  void own(Path path) throws IOException {
    if (Disk.owner(path) != uid) {
      Disk.give(path, uid, gid);
    }
  }

  /**
   * Whoever owns the data keeps them, so that a directory of an ordinary account stays usable to it
   * after root has run the program once, and no start has to hand over a large tree.
   */
  private static List<RunAs> waysForRoot(Layout layout, RunAs disguised) throws IOException {
    boolean fresh = !Files.exists(layout.data());
    Path owned = fresh ? layout.directory() : layout.data();
    int owner = Disk.owner(owned);
    RunAs nobody = as(NOBODY, NOBODY);
    if (owner == ROOT) {
      return fresh ? List.of(nobody, disguised) : List.of(disguised, nobody);
    }
    int group = Disk.group(owned);
    RunAs theirs = as(owner, group == ROOT ? NOBODY : group);
    return theirs.equals(nobody) ? List.of(nobody, disguised) : List.of(theirs, nobody, disguised);
  }

  private static RunAs as(int uid, int gid) {
    return new RunAs(
        List.of(
            "setpriv",
            "--reuid=" + uid,
            "--regid=" + gid,
            "--clear-groups",
            "--inh-caps=-all",
            "--no-new-privs"),
        uid,
        gid);
  }

  private Command.Result tryOut(Layout layout, Binaries binaries) {
    String line = "cd -- \"$1\" && id -un && exec \"$2\" --version";
    return Command.run(
        command(
            List.of("sh", "-c", line, "sh", layout.directory().toString(), binaries.postgres())),
        Path.of("/"),
        Duration.ofSeconds(30));
  }

  private String describe() {
    return prefix.isEmpty()
        ? "as it is"
        : String.join(" ", prefix.subList(0, Math.min(2, prefix.size())));
  }

  /** The directory is ours, and what is secret in it is closed by itself. */
  private static void letOthersPass(Path directory) throws IOException {
    if (Disk.owner(directory) == ROOT) {
      Set<PosixFilePermission> permissions =
          EnumSet.copyOf(Files.getPosixFilePermissions(directory));
      if (permissions.add(PosixFilePermission.OTHERS_EXECUTE)) {
        Files.setPosixFilePermissions(directory, permissions);
      }
    }
  }

  private static PostgresFailure noWay(Layout layout, int uid, List<String> refusals)
      throws IOException {
    String closed =
        closedParent(layout.directory())
            .map(p ->
                p
                    + " cannot be entered by other accounts: chmod o+x it, or choose another"
                    + " directory with --data.\n")
            .orElse("");
    return new PostgresFailure(
        Reason.CANNOT_DROP_PRIVILEGES,
        """
        PostgreSQL does not run under %s, and no way to another account works here:
        %s
        %sStart the program as an ordinary account with a name, or let it use setpriv (CAP_SETUID, CAP_SETGID) or user namespaces, or \
        give it a PostgreSQL of your own with --database-url.\
        """
            .formatted(
                uid == ROOT ? "root" : "an account without a name (" + uid + ")",
                String.join("\n", refusals),
                closed));
  }

  private static Optional<Path> closedParent(Path directory) throws IOException {
    for (int names = 1; names < directory.getNameCount(); names++) {
      Path parent = directory.getRoot().resolve(directory.subpath(0, names));
      if (!Files.getPosixFilePermissions(parent).contains(PosixFilePermission.OTHERS_EXECUTE)) {
        return Optional.of(parent);
      }
    }
    return Optional.empty();
  }
}
