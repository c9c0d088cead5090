package dev.selfsame.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.testing.SampleUsers;
import dev.selfsame.testing.TestDatabase;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code selfsame lookup}. */
final class LookupCommandTest {
  @RegisterExtension static final TestDatabase hub = TestDatabase.migrated();
  private static final JsonMapper JSON = new JsonMapper();
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeAll
  static void users() {
    hub.open();
    SampleUsers.insert(hub);
    hub.sql(
        """
        INSERT INTO selfsame.part (space, id, compound, more_identifiers, email_shared, created_position, created_at, said_at, source,
          weak, updated_at, email)
        SELECT 1, ('01950000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, false, false, true, 100 + n, 0, 0, 1, false, 0,
          'shared@x.org'
        FROM generate_series(1, 25) n
        """);
  }

  @Test
  void people_read_a_block_for_each_value() {
    assertThat(run("zendesk_id:77", "nobody@x.org", "DAN@x.org")).isZero();
    assertThat(out.toString())
        .isEqualTo(
            """
            zendesk_id:77
              User %s, Ann
                email            ann@x.org, old@x.org (former)
                external_id      ann-1, ann-0 (former)
                zendesk_id       77
            nobody@x.org
              Nobody.
            DAN@x.org
              User %s
                email            dan@x.org
                stripe_id        cus_5, cus_4 (former)
            """
                .formatted(SampleUsers.id(1), SampleUsers.id(5)));
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void csv_has_a_row_for_each_value_and_user_and_one_for_nobody() {
    assertThat(run("--csv", "ann@x.org", "stripe_id:cus_4", "nobody@x.org")).isZero();
    assertThat(out.toString())
        .isEqualTo(
            String.join(
                "\r\n",
                "asked,user_id,external_id,email,name,stripe_id,chargebee_id,billing_id,zendesk_id,salesforce_id,"
                    + "intercom_id,mailchimp_id,hubspot_id,other_ids",
                "ann@x.org,%s,ann-1,ann@x.org,Ann,,,,77,,,,,email:old@x.org;external_id:ann-0"
                    .formatted(SampleUsers.id(1)),
                "ann@x.org,%s,cy,ann@x.org,,,,4711,,,,,,".formatted(SampleUsers.id(4)),
                "stripe_id:cus_4,%s,,dan@x.org,,cus_5;cus_4,,,,,,,,".formatted(SampleUsers.id(5)),
                "nobody@x.org,,,,,,,,,,,,,",
                ""));
  }

  @Test
  void json_is_what_rest_answers() {
    assertThat(run("--json", "email:bea@x.org", "nobody@x.org")).isZero();
    JsonNode matches = JSON.readTree(out.toString());
    assertThat(matches).hasSize(2);
    assertThat(matches.at("/0/users/0/ids/stripe_id/0"))
        .isEqualTo(JSON.readTree("{\"value\": \"cus_3\", \"current\": true}"));
    assertThat(matches.at("/0/users/0/externalId").asString()).isEqualTo("bea");
    assertThat(matches.get(1))
        .isEqualTo(
            JSON.readTree(
                """
                {"type": "email", "value": "nobody@x.org", "users": [], "more": false}
                """));
  }

  @Test
  void lines_come_from_stdin_in_any_number() throws Exception {
    StringBuilder lines = new StringBuilder("\uFEFFzendesk_id:77\r\n\n");
    for (int i = 0; i < 2_500; i++) {
      lines.append(i % 2 == 0 ? "bea@x.org\n" : " external_id:nobody-" + i + " \n");
    }
    assertThat(fromStdin(lines.append("dan@x.org").toString().getBytes(UTF_8), "--json")).isZero();
    JsonNode matches = JSON.readTree(out.toString());
    assertThat(matches).hasSize(2_502);
    assertThat(matches.at("/0/users/0/externalId").asString()).isEqualTo("ann-1");
    assertThat(matches.at("/1001/users/0/externalId").asString()).isEqualTo("bea");
    assertThat(matches.at("/2500/users")).isEmpty();
    assertThat(matches.at("/2501/users/0/email").asString()).isEqualTo("dan@x.org");
  }

  @Test
  void no_line_is_no_value() throws Exception {
    assertThat(fromStdin(new byte[0], "--json")).isZero();
    assertThat(out.toString()).isEqualTo("[]\n");
  }

  @Test
  void a_wrong_line_is_named_before_anything_is_printed() throws Exception {
    String lines = "bea@x.org\n".repeat(1_500) + "\nzendeks_id:77\n";
    assertThat(fromStdin(lines.getBytes(UTF_8), "--csv")).isEqualTo(1);
    assertThat(out.toString()).isEmpty();
    assertThat(err.toString())
        .startsWith(
            "selfsame: Line 1502: There is no identifier type zendeks_id; did you mean zendesk_id?"
                + " Known: ");
    err.getBuffer().setLength(0);
    assertThat(fromStdin(new byte[] {'a', '@', 'x', '\n', (byte) 0xC3, '('})).isEqualTo(1);
    assertThat(err.toString()).contains("stdin is not UTF-8");
    err.getBuffer().setLength(0);
    assertThat(fromStdin("a@x\n".repeat(100_001).getBytes(UTF_8))).isEqualTo(1);
    assertThat(err.toString()).contains("Line 100001: more than 100,000 values");
    assertThat(out.toString()).isEmpty();
  }

  @Test
  void a_wrong_value_is_named() {
    assertThat(run("ann@x.org", "ann")).isEqualTo(1);
    assertThat(run("ann@x.org", " ")).isEqualTo(1);
    assertThat(run("external_id:" + "x".repeat(401))).isEqualTo(1);
    assertThat(err.toString().lines())
        .satisfiesExactly(
            line -> assertThat(line).startsWith("selfsame: Value 2: A value is an email, or type"),
            line -> assertThat(line).startsWith("selfsame: Value 2: The value is blank"),
            line ->
                assertThat(line).startsWith("selfsame: Value 1: The value is longer than the 400"));
    assertThat(run()).isEqualTo(2);
    assertThat(run("-", "ann@x.org")).isEqualTo(2);
    assertThat(run("--csv", "--json", "ann@x.org")).isEqualTo(2);
    assertThat(out.toString()).isEmpty();
  }

  @Test
  void of_an_email_that_many_share_the_first_are_shown_and_stderr_says_so() {
    assertThat(run("--csv", "shared@x.org")).isZero();
    assertThat(out.toString().lines()).hasSize(21);
    assertThat(err.toString())
        .isEqualTo("Value 1: more than 20 users have it; the others are not shown\n");
  }

  private int fromStdin(byte[] bytes, String... options) {
    InputStream before = System.in;
    System.setIn(new ByteArrayInputStream(bytes));
    try {
      List<String> words = new ArrayList<>(List.of(options));
      words.add("-");
      return run(words.toArray(String[]::new));
    } finally {
      System.setIn(before);
    }
  }

  private int run(String... words) {
    List<String> all = new ArrayList<>(List.of("lookup", "--database-url", hub.address().full()));
    all.addAll(List.of(words));
    return SelfsameCommand.commandLine(
            (start, progress) -> {
              throw new AssertionError("not started");
            })
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(all.toArray(String[]::new));
  }
}
