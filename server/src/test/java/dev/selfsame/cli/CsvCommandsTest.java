package dev.selfsame.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.testing.Sweep;
import dev.selfsame.testing.TestDatabase;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** {@code selfsame import} and {@code selfsame export}. */
final class CsvCommandsTest {
  @RegisterExtension static final TestDatabase hub = TestDatabase.migrated();
  @TempDir Path directory;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @AfterEach
  void sweep() {
    Sweep.invariants(hub);
  }

  @Test
  void a_file_is_previewed_imported_and_exported() throws IOException {
    hub.open();
    Path file = file("external_id,name,email\nid1,Ann,ann@x.org\n,Bob,bob@x.org\nnull,Cid,\n");
    Path result = directory.resolve("result.csv");

    assertThat(run("import", file.toString(), "--preview")).isZero();
    assertThat(said())
        .isEqualTo(
            """
            Preview, nothing was written
            rows                  3
            created               2
            rejected              1  value_blocked 1
            """);
    assertThat(hub.rows("SELECT count(*) FROM users")).containsExactly("0");

    assertThat(run("import", file.toString(), "--result", result.toString())).isZero();
    assertThat(said()).startsWith("rows                  3\ncreated               2\n");
    assertThat(Files.readString(result))
        .startsWith("external_id,name,email,result_line,result,result_code,")
        .contains("id1,Ann,ann@x.org,2,created,C5,,")
        .contains("null,Cid,,4,rejected,C7,value_blocked,");
    assertThat(hub.rows("SELECT external_id, name FROM users ORDER BY id"))
        .containsExactly("id1|Ann", "|Bob");
    assertThat(run("import", file.toString(), "--strict")).isEqualTo(3);
    said();

    Path exported = directory.resolve("exported.csv");
    Files.writeString(exported, "what was there before");
    assertThat(run("export", exported.toString())).isZero();
    assertThat(said()).isEqualTo("2 users in %s\n".formatted(exported));
    assertThat(run("export", "-")).isZero();
    assertThat(said()).startsWith("id,external_id,name,email,billing_id,created_at,as_of\r\n");
    assertThat(run("import", exported.toString())).isZero();
    assertThat(said()).isEqualTo("rows                  2\nunchanged             2\n");
    try (var files = Files.list(directory)) {
      assertThat(files).as("nothing half is left").hasSize(3);
    }
    assertThat(err.toString().lines().distinct())
        .containsExactly("Checking the file", "Previewing", "Importing", "Exporting");
  }

  @Test
  void a_file_that_cannot_be_read_is_refused_in_one_line_and_nothing_is_written()
      throws IOException {
    hub.open();
    List<String> before = hub.rows("SELECT count(*) FROM selfsame.ledger");
    assertThat(run("import", file("external_id,plan\nid7,x\n").toString())).isEqualTo(1);
    assertThat(run("import", file("external_id,name\nid7,x\nid8,\"y\n").toString())).isEqualTo(1);
    assertThat(run("import", directory.resolve("none.csv").toString())).isEqualTo(1);
    assertThat(run("export", directory.resolve("none/users.csv").toString())).isEqualTo(1);
    assertThat(run("import")).isEqualTo(2);
    assertThat(err.toString().lines().filter(line -> line.startsWith("selfsame: ")))
        .hasSize(4)
        .anyMatch(line -> line.contains("column 2 of the file is called \"plan\""))
        .anyMatch(line -> line.contains("Line 3, column 2 (name)"))
        .anyMatch(line -> line.contains("There is no file"))
        .anyMatch(line -> line.contains("There is no directory"));
    assertThat(out.toString()).isEmpty();
    assertThat(hub.rows("SELECT count(*) FROM selfsame.ledger")).isEqualTo(before);
  }

  private Path file(String text) throws IOException {
    return Files.writeString(directory.resolve("users.csv"), text);
  }

  private String said() {
    String text = out.toString();
    out.getBuffer().setLength(0);
    return text;
  }

  private int run(String... words) {
    List<String> all = new ArrayList<>(List.of(words));
    all.addAll(1, List.of("--database-url", hub.address().full()));
    return SelfsameCommand.commandLine(
            (start, progress) -> {
              throw new AssertionError("nothing is served");
            })
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(all.toArray(String[]::new));
  }
}
