package dev.selfsame.bench.land;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The made-up company: its shares, its ids, its files. */
final class CompanyTest {

  private static final int USERS = 20_000;

  private final Company company = new Company(7, USERS, 2 * USERS);

  @TempDir Path directory;

  @Test
  void it_has_the_shares_that_it_says() {
    List<Person> people = LongStream.range(0, company.people()).mapToObj(company::person).toList();
    List<Person> known = people.stream().filter(each -> !each.segmentIds().isEmpty()).toList();
    double count = known.size();

    assertThat(known.stream().mapToInt(each -> each.segmentIds().size()).sum()).isEqualTo(USERS);
    assertThat(known.stream().filter(each -> each.segmentIds().size() == 2).count() / count)
        .isCloseTo(0.01, within(0.003));
    assertThat(known.stream().filter(each -> each.requester() != null).count() / count)
        .isCloseTo(0.40, within(0.02));
    List<Person.Contact> requesters =
        known.stream()
            .filter(each -> each.requester() != null)
            .map(Person::requester)
            .map(Objects::requireNonNull)
            .toList();
    assertThat(share(requesters, each -> each.externalId() != null)).isCloseTo(0.5, within(0.03));
    assertThat(share(requesters, each -> !each.email().equals(lower(each.email()))))
        .isCloseTo(0.03, within(0.008));
    List<Person> paying = known.stream().filter(each -> !each.customers().isEmpty()).toList();
    assertThat(paying.size() / count).isCloseTo(0.30, within(0.02));
    assertThat(share(paying, each -> each.customers().size() == 2)).isCloseTo(0.02, within(0.008));
    List<Person> leads = people.stream().filter(each -> each.lead() != null).toList();
    assertThat(leads.size() / count).isCloseTo(0.25, within(0.02));
    assertThat(share(leads, each -> each.segmentIds().isEmpty())).isCloseTo(0.05, within(0.01));
    List<Person> contacts = known.stream().filter(each -> each.contact() != null).toList();
    assertThat(contacts.size() / count).isCloseTo(0.35, within(0.02));
    assertThat(share(contacts, each -> requireNonNull(each.contact()).externalId() != null))
        .isCloseTo(0.70, within(0.03));
  }

  @Test
  void a_seed_gives_the_same_files_and_another_seed_others() throws IOException {
    Map<Export, Long> rows = Exports.write(new Company(7, 500, 1_000), directory.resolve("a"));
    Exports.write(new Company(7, 500, 1_000), directory.resolve("b"));
    Exports.write(new Company(8, 500, 1_000), directory.resolve("c"));

    for (Export export : Export.values()) {
      List<String> lines = Files.readAllLines(directory.resolve("a").resolve(export.csv()));
      assertThat(lines)
          .hasSize(Math.toIntExact(rows.getOrDefault(export, 0L)) + 1)
          .hasSizeGreaterThan(1);
      assertThat(lines.getFirst().split(",")).containsExactlyElementsOf(export.columns());
      assertThat(directory.resolve("b").resolve(export.csv()))
          .hasSameTextualContentAs(directory.resolve("a").resolve(export.csv()));
    }
    for (Export export : Export.FIVE) {
      assertThat(
              Files.mismatch(
                  directory.resolve("a").resolve(export.csv()),
                  directory.resolve("c").resolve(export.csv())))
          .as(export.table())
          .isNotNegative();
    }
  }

  @Test
  void no_id_comes_twice_and_what_refers_finds_its_row() throws IOException {
    Exports.write(new Company(7, 4_000, 20_000), directory);
    for (Export export : Export.values()) {
      Set<String> ids = new HashSet<>();
      for (String[] row : rows(export)) {
        assertThat(ids.add(row[0])).as("%s of %s", row[0], export.table()).isTrue();
      }
    }
    refers(Export.STRIPE_SUBSCRIPTIONS, "customer_id", Export.STRIPE_CUSTOMERS);
    refers(Export.STRIPE_SUBSCRIPTIONS, "plan_id", Export.STRIPE_PLANS);
    refers(Export.STRIPE_PLANS, "product", Export.STRIPE_PRODUCTS);
    refers(Export.STRIPE_CHARGES, "customer_id", Export.STRIPE_CUSTOMERS);
    refers(Export.SEGMENT_PAGES, "user_id", Export.SEGMENT_USERS);
    refers(Export.MAILCHIMP_OPENS, "campaign_id", Export.MAILCHIMP_CAMPAIGNS);
    Set<String> requesters = ids(Export.ZENDESK_USERS);
    long unknown =
        rows(Export.ZENDESK_TICKETS).stream().filter(row -> !requesters.contains(row[1])).count();
    assertThat(unknown).as("tickets of requesters that nobody knows").isBetween(50L, 150L);
  }

  private void refers(Export from, String column, Export to) throws IOException {
    int index = from.columns().indexOf(column);
    Set<String> ids = ids(to);
    assertThat(rows(from).stream().map(row -> row[index]).filter(id -> !ids.contains(id)))
        .as("%s.%s without a row of %s", from.table(), column, to.table())
        .isEmpty();
  }

  private Set<String> ids(Export export) throws IOException {
    Set<String> ids = new HashSet<>();
    rows(export).forEach(row -> ids.add(row[0]));
    return ids;
  }

  private List<String[]> rows(Export export) throws IOException {
    return Files.readAllLines(directory.resolve(export.csv())).stream()
        .skip(1)
        .map(line -> line.split(",", -1))
        .toList();
  }

  private static <T> double share(List<T> all, Predicate<T> of) {
    return all.stream().filter(of).count() / (double) all.size();
  }

  private static String lower(String text) {
    return text.toLowerCase(Locale.ROOT);
  }
}
