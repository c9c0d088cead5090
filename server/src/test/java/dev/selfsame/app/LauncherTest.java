package dev.selfsame.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The launcher {@code ./selfsame} and its {@code tools/find-jdk}, run in a small tree of their own
 * with a {@code mvn} that counts its runs and a JDK whose {@code java} prints how it was called.
 */
@Tag("slow")
final class LauncherTest {
  @TempDir private Path temp;
  private Path tree;
  private final Map<String, String> environment = new HashMap<>();

  @BeforeEach
  void layOutATree() throws IOException {
    tree = temp.resolve("a tree");
    Path repository = Path.of("..").toAbsolutePath().normalize();
    copy(repository.resolve("selfsame"), tree.resolve("selfsame"));
    copy(repository.resolve("tools/find-jdk"), tree.resolve("tools/find-jdk"));
    for (String file :
        List.of(
            "pom.xml",
            "engine/pom.xml",
            "server/pom.xml",
            "engine/src/main/E.java",
            "server/src/main/an odd name.java")) {
      write(tree.resolve(file), "one");
    }
    program(
        "bin/mvn",
        """
        echo run >> "$BUILDS"
        echo "[INFO] --- maven-compiler-plugin:3.16.0:compile (default-compile) @ selfsame-engine ---"
        sleep 0.1
        if grep -q broken engine/src/main/E.java; then echo "[ERROR] E.java:[1,1] broken"; exit 1; fi
        mkdir -p server/target/launcher && echo jar > server/target/launcher/selfsame.jar
        """);
    jdk("jdk", "25.0.3");
    environment.put("BUILDS", temp.resolve("builds").toString());
    environment.put("PATH", temp.resolve("bin") + ":/usr/bin:/bin");
    environment.put("SELFSAME_JAVA_HOME", temp.resolve("jdk").toString());
    environment.put("SELFSAME_JDK_FOLDERS", "");
  }

  @Test
  void the_first_use_builds_and_the_next_does_not() throws Exception {
    Run first = launch("query", "two words");
    assertThat(first.err())
        .contains("Building Selfsame, once.")
        .contains("engine: compile")
        .contains("Built in");
    assertThat(first.out())
        .endsWith(
            "-jar "
                + tree.toRealPath().resolve("target/launcher/selfsame.jar")
                + " query two words\n");

    Run second = launch();
    assertThat(second.err()).isEmpty();
    assertThat(builds()).isEqualTo(1);
  }

  @Test
  void the_commands_exit_status_is_the_launchers() throws Exception {
    environment.put("STATUS", "3");
    assertThat(launch().status()).isEqualTo(3);
  }

  @Test
  void any_change_of_the_sources_builds_again() throws Exception {
    Path source = tree.resolve("engine/src/main/E.java");
    FileTime before = Files.getLastModifiedTime(source);
    launch();

    write(source, "two");
    Files.setLastModifiedTime(source, before);
    assertThat(launch().err()).as("same size, same time").contains("its sources have changed");

    write(tree.resolve("server/src/main/New.java"), "new");
    launch();
    Files.delete(tree.resolve("server/src/main/New.java"));
    launch();
    Files.move(source, tree.resolve("engine/src/main/F.java"));
    launch();
    write(tree.resolve("pom.xml"), "two");
    launch();
    assertThat(builds()).isEqualTo(6);

    Files.setLastModifiedTime(
        tree.resolve("pom.xml"), FileTime.fromMillis(System.currentTimeMillis() + 60_000));
    launch();
    assertThat(builds()).as("a touched file is no change").isEqualTo(6);
  }

  @Test
  void a_moved_folder_is_up_to_date_and_a_deleted_jar_is_not() throws Exception {
    launch();
    Path moved = temp.resolve("elsewhere");
    Files.move(tree, moved);
    tree = moved;
    assertThat(launch().err()).isEmpty();

    Files.delete(tree.resolve("target/launcher/selfsame.jar"));
    launch();
    assertThat(builds()).isEqualTo(2);
  }

  @Test
  void it_runs_through_a_link() throws Exception {
    Files.createSymbolicLink(temp.resolve("bin/hub"), Path.of("../a tree/selfsame"));
    Run run = start(List.of(temp.resolve("bin/hub").toString(), "x")).end();
    assertThat(run.out()).endsWith(" x\n");
  }

  @Test
  void two_first_uses_at_once_build_once() throws Exception {
    startTwoAtOnce();
  }

  private void startTwoAtOnce() throws Exception {
    Running one = start(List.of(tree.resolve("selfsame").toString()));
    Running other = start(List.of(tree.resolve("selfsame").toString()));
    assertThat(List.of(one.end(), other.end())).allMatch(run -> run.status() == 0);
    assertThat(builds()).isEqualTo(1);
  }

  @Test
  void two_first_uses_at_once_build_once_without_flock() throws Exception {
    for (String tool :
        List.of(
            "bash",
            "sh",
            "env",
            "cat",
            "cksum",
            "find",
            "grep",
            "mkdir",
            "mv",
            "readlink",
            "dirname",
            "rm",
            "sed",
            "sleep",
            "sort",
            "tail")) {
      Path where =
          Files.exists(Path.of("/bin", tool)) ? Path.of("/bin", tool) : Path.of("/usr/bin", tool);
      program("bin/" + tool, "exec " + where + " \"$@\"");
    }
    environment.put("PATH", temp.resolve("bin").toString());
    startTwoAtOnce();
    assertThat(tree.resolve("target/launcher/lock")).doesNotExist();
  }

  @Test
  void a_failed_build_shows_the_end_of_its_log_and_runs_nothing() throws Exception {
    launch();
    write(tree.resolve("engine/src/main/E.java"), "broken");
    for (int i = 0; i < 2; i++) {
      Run run = launch();
      assertThat(run.status()).isEqualTo(1);
      assertThat(run.out()).isEmpty();
      assertThat(run.err()).contains("E.java:[1,1] broken").contains("target/launcher/build.log");
    }
    write(tree.resolve("engine/src/main/E.java"), "mended");
    assertThat(launch().status()).isZero();
  }

  @Test
  void the_users_java_options_come_last_and_may_choose_the_collector() throws Exception {
    assertThat(launch().out())
        .startsWith(
            "-Xmx512m -XX:+UseSerialGC -Xmn340m -XX:SurvivorRatio=6 -XX:MaxInlineLevel=5"
                + " -XX:InlineSmallCode=1000 --enable-native-access=ALL-UNNAMED -jar ");
    environment.put("SELFSAME_JAVA_OPTS", "-Xmx2g");
    assertThat(launch().out())
        .as("what is measured for one heap says nothing of another")
        .startsWith("-Xmx512m -XX:+UseSerialGC -XX:NewRatio=1 -XX:MaxInlineLevel=5");
    environment.put("SELFSAME_JAVA_OPTS", "-Xmx2g -XX:+UseG1GC");
    assertThat(launch().out())
        .startsWith(
            "-Xmx512m -XX:MaxInlineLevel=5 -XX:InlineSmallCode=1000"
                + " --enable-native-access=ALL-UNNAMED -Xmx2g -XX:+UseG1GC -jar ");
  }

  @Test
  void a_start_is_rehearsed_once_for_each_build() throws Exception {
    program(
        "jdk/bin/java",
        """
        echo "$@" >> "$STARTS"
        for word in "$@"; do case $word in -XX:AOTCacheOutput=*) cache=${word#*=} ;; esac; done
        if [ -z "$cache" ]; then echo "$@"; exit; fi
        echo "on ${SELFSAME_DATABASE_URL:-no} database, with ${SELFSAME_WRITE_KEY:-no} key" > "$cache"
        """);
    environment.put("STARTS", temp.resolve("starts").toString());
    environment.put("SELFSAME_DATABASE_URL", "postgresql://the-users-own");
    environment.put("SELFSAME_WRITE_KEY", "the-users-own");
    assertThat(launch("query").out()).doesNotContain("AOT");
    environment.put("SELFSAME_REHEARSE", "no");
    launch("serve");
    assertThat(rehearsing()).as("not wanted").isFalse();
    assertThat(caches()).isEmpty();
    environment.remove("SELFSAME_REHEARSE");
    assertThat(launch("rehearse").status()).isZero();

    Path cache = caches().getFirst();
    assertThat(cache).hasContent("on no database, with no key");
    assertThat(Files.readString(temp.resolve("starts"))).contains(" rehearse --data ");
    assertThat(launch("query").out())
        .contains(" -XX:AOTCache=" + cache.toRealPath() + " -Xlog:aot*=off -Xlog:cds*=off -jar ");
    launch("rehearse");
    assertThat(rehearsals()).isEqualTo(1);
    assertThat(rehearsing()).isFalse();

    write(tree.resolve("pom.xml"), "two");
    assertThat(launch("query").out()).as("of the build before").doesNotContain("AOT");
    launch("serve");
    for (int i = 0; i < 200 && (caches().isEmpty() || rehearsing()); i++) {
      Thread.sleep(50);
    }
    assertThat(caches()).as("made beside the first server").hasSize(1).doesNotContain(cache);
    environment.put("SELFSAME_JAVA_OPTS", "-XX:+UseG1GC");
    assertThat(launch("query").out()).as("of other options").doesNotContain("AOT");
    assertThat(rehearsals()).isEqualTo(2);
  }

  private List<Path> caches() throws IOException {
    try (Stream<Path> files = Files.list(tree.resolve("target/launcher"))) {
      return files.filter(file -> file.toString().endsWith(".aot")).toList();
    }
  }

  private boolean rehearsing() {
    String[] names = tree.resolve("target/launcher").toFile().list();
    return names != null && Arrays.stream(names).anyMatch(name -> name.startsWith("rehearsal"));
  }

  private long rehearsals() throws IOException {
    return Files.readAllLines(temp.resolve("starts")).stream()
        .filter(start -> start.contains("AOTCacheOutput"))
        .count();
  }

  @Test
  void a_java_that_cannot_rehearse_is_left_alone() throws Exception {
    jdk("jdk", "24.0.2");
    assertThat(launch("rehearse").out()).isEmpty();
    assertThat(launch("serve").out()).doesNotContain("AOT");
    assertThat(rehearsing()).isFalse();
  }

  @Test
  void the_jdk_is_looked_for_in_order() throws Exception {
    jdk("old", "17.0.15");
    jdk("folder/a", "21.0.2");
    jdk("folder/b", "26");
    environment.remove("SELFSAME_JAVA_HOME");
    environment.put("SELFSAME_JDK_FOLDERS", temp.resolve("none") + ":" + temp.resolve("folder"));
    environment.put("JAVA_HOME", temp.resolve("old").toString());
    assertThat(findJdk().out())
        .as("the newest of the folders")
        .isEqualTo(temp.resolve("folder/b") + "\n");

    Files.createSymbolicLink(temp.resolve("bin/java"), temp.resolve("folder/a/bin/java"));
    assertThat(findJdk().out())
        .as("the one on PATH")
        .isEqualTo(temp.toRealPath().resolve("folder/a") + "\n");

    environment.put("JAVA_HOME", temp.resolve("jdk").toString());
    assertThat(findJdk().out()).as("JAVA_HOME").isEqualTo(temp.resolve("jdk") + "\n");
  }

  @Test
  void without_a_jdk_it_says_which_it_wants_and_where_it_looked() throws Exception {
    jdk("old", "17.0.15");
    jdk("folder/ancient", "1.8.0_392");
    environment.remove("SELFSAME_JAVA_HOME");
    environment.put("JAVA_HOME", temp.resolve("gone").toString());
    environment.put("SELFSAME_JDK_FOLDERS", temp.resolve("folder").toString());
    Files.createSymbolicLink(temp.resolve("bin/java"), temp.resolve("old/bin/java"));
    Run run = launch();
    assertThat(run.status()).isEqualTo(1);
    assertThat(run.out()).isEmpty();
    assertThat(run.err())
        .contains("wants a JDK, version 21 or newer")
        .contains("JAVA_HOME: " + temp.resolve("gone") + " does not exist")
        .contains("java on PATH: " + temp.toRealPath().resolve("old") + " is version 17")
        .contains(temp.resolve("folder") + "/*: 8");
    assertThat(temp.resolve("builds")).doesNotExist();
  }

  @Test
  void a_jdk_that_was_named_is_not_passed_over() throws Exception {
    jdk("old", "17.0.15");
    environment.put("JAVA_HOME", temp.resolve("jdk").toString());
    environment.put("SELFSAME_JAVA_HOME", temp.resolve("old").toString());
    Run run = launch();
    assertThat(run.status()).isEqualTo(1);
    assertThat(run.err()).contains("SELFSAME_JAVA_HOME: " + temp.resolve("old") + " is version 17");
  }

  // ---- The tree ----

  private void jdk(String name, String version) throws IOException {
    program(name + "/bin/java", "echo \"$@\"; exit ${STATUS:-0}");
    program(name + "/bin/javac", "exit 1");
    write(
        temp.resolve(name).resolve("release"),
        "IMPLEMENTOR=\"Any\"\nJAVA_VERSION=\"" + version + "\"\n");
  }

  private void program(String name, String script) throws IOException {
    Path file = temp.resolve(name);
    write(file, "#!/bin/sh\n" + script);
    assertThat(file.toFile().setExecutable(true)).isTrue();
  }

  private static void write(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to.getParent());
    Files.copy(from, to, StandardCopyOption.COPY_ATTRIBUTES);
  }

  private long builds() throws IOException {
    return Files.readAllLines(temp.resolve("builds")).size();
  }

  // ---- Running ----

  private record Run(int status, String out, String err) {}

  /** A process that writes to two files, so that neither end waits for the other. */
  private record Running(Process process, Path out, Path err) {
    Run end() throws Exception {
      assertThat(process.waitFor(30, TimeUnit.SECONDS)).as("ended in time").isTrue();
      return new Run(
          process.exitValue(), Files.readString(out, UTF_8), Files.readString(err, UTF_8));
    }
  }

  private Run launch(String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of(tree.resolve("selfsame").toString()));
    command.addAll(List.of(arguments));
    return start(command).end();
  }

  private Run findJdk() throws Exception {
    return start(List.of(tree.resolve("tools/find-jdk").toString())).end();
  }

  private Running start(List<String> command) throws IOException {
    Path out = Files.createTempFile(temp, "run", ".out");
    Path err = Files.createTempFile(temp, "run", ".err");
    var builder = new ProcessBuilder(command).directory(temp.toFile());
    builder.redirectOutput(out.toFile()).redirectError(err.toFile());
    builder.environment().clear();
    builder.environment().putAll(environment);
    return new Running(builder.start(), out, err);
  }
}
