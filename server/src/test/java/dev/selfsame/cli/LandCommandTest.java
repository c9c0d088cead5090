package dev.selfsame.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.testing.Sweep;
import dev.selfsame.testing.TestDatabase;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** {@code selfsame land}. */
final class LandCommandTest {
  @RegisterExtension static final TestDatabase hub = TestDatabase.migrated();
  @TempDir Path directory;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @AfterEach
  void sweep() {
    Sweep.invariants(hub);
  }

  @Test
  void files_of_all_kinds_land_and_people_become_users() throws IOException {
    hub.open();
    Path folder = Files.createDirectory(directory.resolve("export"));
    Files.writeString(
        folder.resolve("1.csv"),
        """
        id;external_id;email;name;Plan Tier
        11;u1;Ann@X.org;Ann;gold
        12;;bo@x.org;Bo;
        11;u1;ann@x.org;Anna;gold
        """);
    Files.writeString(
        folder.resolve("2.jsonl"),
        """
        {"id": 13, "email": "cy@x.org", "name": "Cy", "user_fields": {"region": "north"}}
        """);
    assertThat(run("land", "zendesk.users", folder.toString(), "--preview")).isZero();
    assertThat(said())
        .contains("Preview of at most 10,000 rows, nothing was written\n")
        .contains("new                   3  rows\n")
        .contains("claims                3  R4 3\n");
    assertThat(hub.rows("SELECT count(*) FROM zendesk.users")).containsExactly("0");

    assertThat(run("land", "zendesk.users", folder.toString())).isZero();
    assertThat(said())
        .isEqualTo(
            """
            zendesk.users
              new                   3  rows
              changed               0
              unchanged             0
              repeated              1  whose id came again: the last counts
            new column plan_tier, character varying
            new column user_fields_region, character varying
            Plan Tier is plan_tier in the table
            user_fields.region is user_fields_region in the table
            people
              claims                3  R4 3
              created               3
            """);
    assertThat(
            hub.rows(
                "SELECT segment_id, i.email, zendesk_id, z.name, plan_tier, user_fields_region FROM"
                    + " user_identities i JOIN zendesk.users z ON z.id = i.zendesk_id ORDER BY 3"))
        .containsExactly(
            "u1|ann@x.org|11|Anna|gold|", "|bo@x.org|12|Bo||", "|cy@x.org|13|Cy||north");

    assertThat(run("land", "zendesk.users", folder.toString())).isZero();
    assertThat(said()).contains("unchanged             3\n").contains("claims                0\n");

    InputStream stdin = System.in;
    try {
      System.setIn(
          new ByteArrayInputStream("key,mail\nm1,ann@x.org\n".getBytes(StandardCharsets.UTF_8)));
      assertThat(
              run(
                  "land",
                  "marketo.leads",
                  "-",
                  "--format",
                  "csv",
                  "--id",
                  "key",
                  "--email",
                  "mail"))
          .isZero();
    } finally {
      System.setIn(stdin);
    }
    assertThat(said())
        .contains("key is id in the table\n")
        .contains("mail is email in the table\n")
        .contains("claims                1  R3 1\n");
    assertThat(hub.rows("SELECT segment_id FROM user_identities WHERE marketo_id = 'm1'"))
        .containsExactly("u1");
  }

  @Test
  void a_query_on_another_database_lands() {
    hub.open();
    hub.sql("CREATE TABLE public.crm AS SELECT 7 AS id, 'q@x.org' AS email, 2.5 AS score");
    try {
      assertThat(
              run(
                  "land",
                  "crm.people",
                  "--from",
                  hub.address().full(),
                  "--query",
                  "SELECT * FROM public.crm",
                  "--email",
                  "email"))
          .isZero();
      assertThat(said()).contains("new column score, double precision").contains("R4 1");
      assertThat(hub.rows("SELECT id, email, score FROM crm.people"))
          .containsExactly("7|q@x.org|2.5");
    } finally {
      hub.sql("DROP TABLE public.crm");
    }
  }

  @Test
  void what_cannot_land_is_said_and_nothing_is_written() throws IOException {
    hub.open();
    Path file = directory.resolve("broken.csv");
    Files.writeString(file, "id,email\n1,a@x.org\n2,b@x.org,more\n");
    assertThat(run("land", "intercom.users", file.toString())).isEqualTo(1);
    assertThat(run("land", "intercom.users", directory.resolve("none.csv").toString()))
        .isEqualTo(1);
    assertThat(run("land", "intercom users", file.toString())).isEqualTo(1);
    assertThat(run("land", "intercom.users")).isEqualTo(2);
    assertThat(run("land", "intercom.users", file.toString(), "--query", "SELECT 1")).isEqualTo(2);
    assertThat(run("land", "intercom.users", file.toString(), "--format", "xls")).isEqualTo(1);
    assertThat(err.toString().lines().filter(line -> line.startsWith("selfsame: ")))
        .satisfiesExactly(
            line -> assertThat(line).contains("broken.csv, line 3"),
            line -> assertThat(line).contains("none.csv: there is no such file."),
            line -> assertThat(line).contains("give TOOL.TABLE, such as zendesk.users"),
            line -> assertThat(line).contains("give one of csv, jsonl, parquet"));
    assertThat(hub.rows("SELECT count(*) FROM intercom.users")).containsExactly("0");
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
