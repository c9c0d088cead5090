package dev.selfsame.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.selfsame.bench.land.Company;
import dev.selfsame.bench.land.Export;
import dev.selfsame.bench.land.Exports;
import dev.selfsame.bench.land.IdentityCount;
import dev.selfsame.bench.land.Revenue;
import dev.selfsame.bench.land.TicketCount;
import dev.selfsame.bench.land.Truth;
import dev.selfsame.bench.land.Truth.Grouping;
import dev.selfsame.bench.land.Truth.Standard;
import dev.selfsame.bench.land.Visits;
import dev.selfsame.postgres.EmbeddedPostgres;
import dev.selfsame.postgres.PostgresSettings;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The guide's SQL and the best that we know, in a real PostgreSQL and in DuckDB, and their faults.
 */
@Tag("slow")
final class PlainTablesTest {

  private static final double CAP = 60;

  private final Company company = new Company(7, 2_000, 6_000);
  private final Truth truth = new Truth(company);

  @TempDir Path directory;

  @Test
  void in_postgresql() throws SQLException {
    try (EmbeddedPostgres postgres =
        EmbeddedPostgres.open(PostgresSettings.in(directory.resolve("data")), progress -> {})) {
      try (PlainTables tables =
          PlainTables.postgres(
              DriverManager.getConnection(postgres.jdbcUrl(), postgres.user(), postgres.password()),
              CAP)) {
        fill(tables);
        best(tables);
        guide(tables);
        PlainSql.GUIDE_INDEXES.forEach(tables::execute);
        PlainSql.GUIDE_QUESTION_INDEXES.forEach(tables::execute);
        assertThat(tables.ask(PlainSql.GUIDE_BY_PLAN.answer()).over()).isFalse();
      }
      try (PlainTables capped =
          PlainTables.postgres(
              DriverManager.getConnection(
                  postgres.jdbcUrl().replace("/selfsame", "/postgres"),
                  postgres.user(),
                  postgres.password()),
              0.2)) {
        assertThat(capped.ask("SELECT pg_sleep(30)")).isEqualTo(new PlainTables.Timed(0.2, true));
        assertThat(capped.ask("SELECT 1").over()).isFalse();
        assertThatThrownBy(() -> capped.ask("SELECT nothing"))
            .isInstanceOf(Failed.class)
            .hasMessageContaining("nothing");
      }
    }
  }

  @Test
  void in_duckdb() {
    try (PlainTables tables = PlainTables.duckDb(CAP)) {
      fill(tables);
      best(tables);
      guide(tables);
      tables.writeParquet(Export.STRIPE_CHARGES, directory.resolve("charges.parquet"));
      assertThat(tables.rows("'" + directory.resolve("charges.parquet") + "'"))
          .isEqualTo(tables.rows("stripe.charges"));
    }
  }

  private void fill(PlainTables tables) {
    Map<Export, Long> rows = Exports.write(company, directory);
    for (Export export : Export.values()) {
      tables.load(export, directory.resolve(export.csv()));
      assertThat(tables.rows(export.table())).isEqualTo(rows.get(export));
    }
    tables.table("charge", PlainSql.PLAN_NAMES);
    tables.execute("DROP TABLE stripe.charges");
    tables.table("stripe.charges", "SELECT * FROM charge");
  }

  /** One row per person is right where everybody has one email; so are its answers. */
  private void best(PlainTables tables) {
    tables.table("user_identities", PlainSql.BEST_IDENTITIES);
    IdentityCount.Defects people = identities(tables, Standard.PERSON);
    assertThat(people.right()).isEqualTo(company.people()).isEqualTo(people.rows());
    assertThat(people.doubled() + people.mixed()).isZero();
    for (Grouping grouping : Grouping.values()) {
      PlainSql.Question question =
          grouping == Grouping.REFERRAL ? PlainSql.BEST_BY_REFERRAL : PlainSql.BEST_BY_PLAN;
      assertThat(tickets(tables, question, Standard.PERSON, grouping).none()).isTrue();
      assertThat(counted(tables, question.answer())).isEqualTo(truth.tickets());
    }
    Visits visits = Visits.of(truth, Standard.PERSON);
    tables.each(
        PlainSql.BEST_VISITS,
        row ->
            assertThat(row)
                .containsExactly(
                    Long.toString(visits.openers()), Long.toString(visits.visited()), "0"));
    List<Revenue> found = new ArrayList<>();
    tables.each(PlainSql.BEST_REVENUE, row -> found.add(Revenue.read(Arrays.asList(row))));
    assertThat(found).containsExactlyInAnyOrderElementsOf(Revenue.of(truth, Standard.PERSON));
  }

  /** Each fault that the guide's SQL is known for is found, and in both of its forms. */
  private void guide(PlainTables tables) {
    tables.table("user_identities", PlainSql.UNION_IDENTITIES);
    IdentityCount.Defects union = identities(tables, Standard.PERSON);
    tables.table("user_identities", PlainSql.GUIDE_IDENTITIES);
    IdentityCount.Defects guide = identities(tables, Standard.PERSON);
    assertThat(guide).isEqualTo(union);
    assertThat(guide.doubled()).as("second customers and second ids").isPositive();
    assertThat(guide.lost()).as("emails in capitals, leads nobody knows").isPositive();
    assertThat(guide.right()).isLessThan(guide.subjects());
    TicketCount.Defects referrals =
        tickets(tables, PlainSql.GUIDE_BY_REFERRAL, Standard.PERSON, Grouping.REFERRAL);
    assertThat(referrals.wrong()).isZero();
    assertThat(referrals.lost()).as("requesters whose email is in capitals").isPositive();
    assertThat(referrals.doubled()).as("requesters on several rows").isPositive();
    TicketCount.Defects plans =
        tickets(tables, PlainSql.GUIDE_BY_PLAN, Standard.PERSON, Grouping.PLAN);
    assertThat(plans.doubled()).as("one for each charge").isGreaterThan(truth.tickets() / 2);
    assertThat(counted(tables, PlainSql.GUIDE_BY_PLAN.answer()))
        .isEqualTo(truth.tickets() + plans.doubled());
  }

  private IdentityCount.Defects identities(PlainTables tables, Standard standard) {
    IdentityCount count = new IdentityCount(truth, standard);
    tables.each(PlainSql.IDENTITIES, count::add);
    return count.defects();
  }

  private TicketCount.Defects tickets(
      PlainTables tables, PlainSql.Question question, Standard standard, Grouping grouping) {
    TicketCount count = new TicketCount(truth, standard, grouping);
    tables.each(question.tickets(), row -> count.add(Integer.parseInt(row[0]), row[1]));
    return count.defects();
  }

  private static long counted(PlainTables tables, String answer) {
    long[] sum = new long[1];
    tables.each(answer, row -> sum[0] += Long.parseLong(row[1]));
    return sum[0];
  }
}
