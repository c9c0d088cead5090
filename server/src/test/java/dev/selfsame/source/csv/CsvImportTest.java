package dev.selfsame.source.csv;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.identity.Claim;
import dev.selfsame.identity.Source;
import dev.selfsame.intake.IntakeSettings;
import dev.selfsame.intake.Pipeline;
import dev.selfsame.intake.Preview;
import dev.selfsame.intake.Submission;
import dev.selfsame.resolution.Outcome;
import dev.selfsame.testing.Histories;
import dev.selfsame.testing.Sweep;
import dev.selfsame.testing.TestDatabase;
import java.io.IOException;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Files through the intake into PostgreSQL, and out again. */
final class CsvImportTest {

  @RegisterExtension static final TestDatabase database = TestDatabase.migrated();

  private static final Source CSV = Source.csv(2);
  private static final long START = TestDatabase.NOW.toEpochMilli() * 1_000;
  private static final String USERS =
      "SELECT id, external_id, name, email, billing_id, created_at FROM users ORDER BY id";

  @TempDir private Path directory;

  @BeforeEach
  void empty() {
    Histories.empty(database);
  }

  @AfterEach
  void sweep() {
    Sweep.invariants(database);
  }

  @Test
  void every_row_gets_its_decision_and_a_reason() throws Exception {
    Imported first =
        imported(
            """
            external_id,name,email,billing_id
            id1,Ann,ann@x.com,
            ,Stripe's,bob@x.com,cus_2
            id3,Cid,cid@x.com,cus_3
            """);
    assertThat(first.decisions())
        .containsExactly(
            "2 created C5",
            // A billing provider is connected, and does not know them.
            "3 created C5 billing_id_unverified",
            "4 created C5 billing_id_unverified");
    assertThat(first.summary().of(Outcome.CREATED)).isEqualTo(3);

    Imported second =
        imported(
            """
            external_id,name,email,billing_id
            id1,Anna,,cus_1
            id2,,bob@x.com,
            ,,,
            id1,,,cus_3
            id9,,cid@x.com,
            null,x,,
            """);
    assertThat(second.decisions())
        .containsExactly(
            "2 updated C2 billing_id_unverified",
            "3 updated C4",
            "4 rejected C7 no_key",
            "5 rejected C7 different_external_ids",
            "6 created C5 same_email",
            "7 rejected C7 value_blocked");
    assertThat(second.summary().rejected())
        .isEqualTo(Map.of("no_key", 1L, "different_external_ids", 1L, "value_blocked", 1L));
    assertThat(second.summary().flagged()).isEqualTo(2);
    assertThat(database.rows("SELECT external_id, name, billing_id FROM users ORDER BY id"))
        .containsExactly("id1|Anna|cus_1", "id2|Stripe's|cus_2", "id3|Cid|cus_3", "id9||");
  }

  /** The repair that the first users ask for: export, fill in, import. */
  @Test
  void keys_filled_in_say_that_two_users_are_one() throws Exception {
    imported("external_id,name,billing_id\nid1,Ann,\n,,cus_1\n");
    String exported = exported();
    String repaired = exported.replaceFirst("(id1,Ann,,),", "$1cus_1,");
    assertThat(repaired).isNotEqualTo(exported);
    assertThat(imported(repaired).decisions()).containsExactly("2 merged C6", "3 unchanged C1");
    assertThat(database.rows("SELECT external_id, name, billing_id FROM users"))
        .containsExactly("id1|Ann|cus_1");
  }

  @Test
  void importing_what_was_exported_changes_nothing() throws Exception {
    for (long seed = 1; seed <= 4; seed++) {
      empty();
      loaded(seed);
      List<String> before = database.rows(USERS);
      List<String> identifiers =
          database.rows(
              "SELECT user_id, type, value, current FROM user_identifiers ORDER BY 1, 2, 3, 4");
      assertThat(before).hasSizeGreaterThan(5);

      Imported again = imported(exported());
      assertThat(again.summary().outcomes())
          .as("seed %d: %s", seed, again.result())
          .isEqualTo(Map.of(Outcome.UNCHANGED, (long) before.size()));
      assertThat(database.rows(USERS)).as("seed " + seed).isEqualTo(before);
      assertThat(
              database.rows(
                  "SELECT user_id, type, value, current FROM user_identifiers ORDER BY 1, 2, 3, 4"))
          .isEqualTo(identifiers);
      Sweep.invariants(database);
    }
  }

  @Test
  void a_cell_that_still_shows_what_was_exported_is_left_alone() throws Exception {
    imported("external_id,name,email\nid1,Ann,a@x.com\nid2,Bob,b@x.com\n");
    String exported = exported();
    imported("external_id,name,email\nid1,Anna,anna@x.com\n");

    assertThat(imported(exported.replace("Bob", "Robert")).decisions())
        .containsExactly("2 unchanged C1", "3 updated C1");
    assertThat(database.rows("SELECT external_id, name, email FROM users ORDER BY id"))
        .containsExactly("id1|Anna|anna@x.com", "id2|Robert|b@x.com");
  }

  @Test
  void cells_that_spreadsheets_would_calculate_come_back_as_they_were() throws Exception {
    imported("external_id,name\nid1,'=1+1\nid2,''quoted\nid3,O'Neil\nid4,\"a,\"\"b\"\"\nc\"\n");
    String exported = exported();
    assertThat(exported).contains("id1,'=1+1,", "id2,''quoted,", "id3,O'Neil,");
    assertThat(imported(exported).summary().outcomes()).isEqualTo(Map.of(Outcome.UNCHANGED, 4L));
    assertThat(database.rows("SELECT name FROM users ORDER BY id"))
        .containsExactly("=1+1", "'quoted", "O'Neil", "a,\"b\"\nc");
  }

  /** The preview of a file says of every row what the import of it then does. */
  @Test
  void a_preview_is_exact_and_writes_nothing() throws Exception {
    for (long seed = 1; seed <= 4; seed++) {
      empty();
      loaded(seed);
      Path file = file(randomFile(new Random(seed)));
      List<String> before = everything();

      List<String> promised;
      try (Preview preview = Preview.open("default", database.open().sessions("preview"))) {
        StringWriter result = new StringWriter();
        CsvFile csv = CsvFile.open(file);
        CsvImport.run(
            csv,
            preview,
            CSV,
            TestDatabase.NOW,
            Long.MAX_VALUE,
            new CsvResult(csv, result),
            n -> {});
        promised = decisions(result.toString());
      }
      assertThat(everything()).as("seed " + seed).isEqualTo(before);

      List<String> done = imported(Files.readString(file)).decisions();
      assertThat(promised).as("seed " + seed).isEqualTo(done);
      assertThat(String.join(" ", done)).contains("created", "updated", "merged", "rejected");
    }
  }

  @Test
  void a_repaired_result_is_a_file_to_import() throws Exception {
    Imported first = imported("external_id,email\nnull,a@x.com\n");
    assertThat(first.decisions()).containsExactly("2 rejected C7 value_blocked");
    Imported second = imported(first.result().replace("null", "id1"));
    assertThat(second.decisions()).containsExactly("2 created C5");
    assertThat(second.result().lines().findFirst().orElseThrow())
        .isEqualTo(first.result().lines().findFirst().orElseThrow());
  }

  // ---- what it takes ----

  private record Imported(CsvImport.Summary summary, String result) {
    List<String> decisions() throws IOException {
      return CsvImportTest.decisions(result);
    }
  }

  /** Line, outcome, code, reason and flags of each row of a result. */
  private static List<String> decisions(String result) throws IOException {
    Path file = Files.createTempFile("result", ".csv");
    try {
      Files.writeString(file, result);
      CsvFile csv = CsvFile.open(file);
      int first = csv.titles().indexOf(ResultColumn.RESULT_LINE.title());
      List<String> decisions = new ArrayList<>();
      try (CsvRows rows = csv.rows(bytes -> {})) {
        for (CsvRows.Row row = rows.next(); row != null; row = rows.next()) {
          String[] cells = row.cells();
          decisions.add(
              "%s %s %s %s %s"
                  .formatted(
                      cells[first],
                      cells[first + 1],
                      cells[first + 2],
                      cells[first + 3],
                      cells[first + 5])
                  .strip()
                  .replaceAll(" +", " "));
        }
      }
      return decisions;
    } finally {
      Files.delete(file);
    }
  }

  private Imported imported(String text) throws Exception {
    CsvFile csv = CsvFile.open(file(text));
    long rows = csv.check(bytes -> {});
    StringWriter result = new StringWriter();
    try (Pipeline intake =
        new Pipeline(
            "default", database.open().sessions("import"), IntakeSettings.DEFAULT, names -> {})) {
      intake.start();
      CsvImport.Summary summary =
          CsvImport.run(
              csv, intake, CSV, TestDatabase.NOW, rows, new CsvResult(csv, result), n -> {});
      assertThat(summary.rows()).isEqualTo(rows);
      return new Imported(summary, result.toString());
    }
  }

  private Path file(String text) throws IOException {
    return Files.writeString(directory.resolve("users.csv"), text);
  }

  private static String exported() {
    Writer to = new StringWriter();
    CsvExport.write(database.open(), "default", TestDatabase.NOW, to, n -> {});
    return to.toString();
  }

  private static List<String> everything() {
    List<String> all = new ArrayList<>(database.rows(USERS));
    all.addAll(database.rows("SELECT position, code FROM user_decisions ORDER BY position"));
    all.addAll(database.rows("SELECT position FROM selfsame.space"));
    return all;
  }

  /** Users of every kind that the other channels leave. */
  private static void loaded(long seed) throws Exception {
    Histories histories = new Histories(seed, 12, START);
    try (Pipeline intake =
        new Pipeline(
            "default", database.open().sessions("intake"), IntakeSettings.DEFAULT, names -> {})) {
      intake.start();
      List<Submission> submissions = new ArrayList<>();
      for (int i = 0; i < 400; i++) {
        Claim claim = histories.next();
        submissions.add(
            new Submission(
                claim,
                histories.now(),
                null,
                "{}".getBytes(StandardCharsets.UTF_8),
                null,
                Set.of(),
                Map.of()));
      }
      intake.submit(submissions).get(30, TimeUnit.SECONDS);
    }
  }

  /** Rows that name users by any key, known or new, and contradict each other. */
  private static String randomFile(Random random) {
    List<String> ids = database.rows("SELECT id FROM users ORDER BY id");
    List<String> externalIds = some("external_id", "id-new");
    List<String> emails = some("email", "new@x.com");
    List<String> billingIds = some("billing_id", "cus_new");
    StringBuilder text = new StringBuilder("id;external_id;name;email;billing_id\n");
    for (int row = 0; row < 600; row++) {
      text.append(random.nextInt(4) == 0 ? ids.get(random.nextInt(ids.size())) : "").append(';');
      text.append(one(externalIds, random)).append(';');
      text.append(random.nextBoolean() ? "Name " + random.nextInt(9) : "").append(';');
      text.append(one(emails, random)).append(';').append(one(billingIds, random)).append('\n');
    }
    return text.toString();
  }

  private static List<String> some(String column, String fresh) {
    List<String> values =
        new ArrayList<>(
            database.rows(
                "SELECT DISTINCT %s FROM users WHERE %s IS NOT NULL ORDER BY 1"
                    .formatted(column, column)));
    for (int i = 0; i < 100; i++) {
      values.add(i + fresh);
    }
    return values;
  }

  private static String one(List<String> values, Random random) {
    return random.nextInt(3) == 0 ? values.get(random.nextInt(values.size())) : "";
  }
}
