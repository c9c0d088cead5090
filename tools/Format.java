import com.google.googlejavaformat.java.Main;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs google-java-format over every source file: {@code --dry-run} names the files that it would
 * change and fails, {@code --replace} changes them. Started by the root pom as a source file, on
 * the tool chain's JDK.
 */
final class Format {
  public static void main(String[] args) throws Exception {
    String mode = args[0];
    List<String> command = new ArrayList<>(List.of(mode));
    if (mode.equals("--dry-run")) {
      command.add("--set-exit-if-changed");
    }
    try (var files = Files.walk(Path.of("."))) {
      files
          .filter(file -> file.toString().endsWith(".java"))
          .filter(file ->
              !file.toString().contains("/target/") && !file.toString().contains("/node_modules/"))
          .map(Path::toString)
          .sorted()
          .forEach(command::add);
    }
    var out = new PrintWriter(System.out, true);
    var err = new PrintWriter(System.err, true);
    int result = new Main(out, err, System.in).format(command.toArray(String[]::new));
    if (result != 0) {
      err.println(
          "The files above are not formatted (or do not parse). Format them with: ./check"
              + " --format");
    }
    out.flush();
    err.flush();
    System.exit(result);
  }
}
