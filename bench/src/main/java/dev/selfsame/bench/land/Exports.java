package dev.selfsame.bench.land;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.selfsame.bench.Failed;
import dev.selfsame.bench.land.Person.Contact;
import dev.selfsame.bench.land.Person.Customer;
import dev.selfsame.bench.land.Person.Product;
import dev.selfsame.bench.land.Person.Subscription;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes the company's exports, one CSV file a table. */
public final class Exports implements AutoCloseable {

  static final String LIST = "5f1e2d3c4b";
  private static final String CAMPAIGN = "c0ffee2026";

  private final Company company;
  private final Map<Export, BufferedWriter> files = new EnumMap<>(Export.class);
  private final Map<Export, Long> rows = new EnumMap<>(Export.class);

  private Exports(Company company, Path directory) throws IOException {
    this.company = company;
    for (Export export : Export.values()) {
      BufferedWriter file = Files.newBufferedWriter(directory.resolve(export.csv()), UTF_8);
      files.put(export, file);
      rows.put(export, 0L);
      file.write(String.join(",", export.columns()));
      file.write('\n');
    }
  }

  /** Writes them into a directory; the rows of each. */
  public static Map<Export, Long> write(Company company, Path directory) {
    try (Exports exports = new Exports(company, Files.createDirectories(directory))) {
      exports.catalogue();
      for (long number = 0; number < company.people(); number++) {
        exports.person(company.person(number));
      }
      for (int ticket = 0; ticket < company.tickets(); ticket++) {
        exports.ticket(ticket);
      }
      return exports.rows;
    } catch (IOException e) {
      throw new Failed("The exports could not be written: " + e.getMessage(), e);
    }
  }

  private void catalogue() throws IOException {
    for (Product product : Product.values()) {
      row(Export.STRIPE_PRODUCTS, product.id(), product.title());
      for (boolean yearly : new boolean[] {false, true}) {
        row(
            Export.STRIPE_PLANS,
            product.plan(yearly),
            product.id(),
            Integer.toString(yearly ? 10 * product.cents() : product.cents()),
            "eur",
            yearly ? "year" : "month",
            product.title() + (yearly ? " yearly" : " monthly"));
      }
    }
    row(
        Export.MAILCHIMP_CAMPAIGNS,
        CAMPAIGN,
        LIST,
        "Spring news",
        "sent",
        time(Company.YEAR_BEGAN + 100 * Company.DAY));
  }

  private void person(Person person) throws IOException {
    long number = person.number();
    String time = time(company.time(number));
    for (String id : person.segmentIds()) {
      row(Export.SEGMENT_USERS, id, person.email(), person.name(), person.referral());
    }
    Contact requester = person.requester();
    if (requester != null) {
      row(
          Export.ZENDESK_USERS,
          requester.id(),
          person.name(),
          requester.email(),
          requester.externalId(),
          "end-user",
          time,
          time);
    }
    for (Customer customer : person.customers()) {
      customer(person, customer, time);
    }
    if (person.lead() != null) {
      row(
          Export.SALESFORCE_LEADS,
          person.lead(),
          person.name(),
          "Company " + number % 9_973,
          person.email(),
          "Web",
          time,
          time);
    }
    Contact contact = person.contact();
    if (contact != null) {
      row(
          Export.INTERCOM_USERS,
          contact.id(),
          contact.externalId(),
          contact.email(),
          person.name(),
          time,
          time);
    }
    if (person.member() != null) {
      member(person, person.member(), time);
    }
    for (int which = 0; which < person.segmentIds().size(); which++) {
      for (int page = 0; page < company.pages(number, which); page++) {
        String at = time(company.visited(number, which, page));
        row(
            Export.SEGMENT_PAGES,
            "page_" + number + "_" + which + "_" + page,
            person.segmentIds().get(which),
            page == 0 ? "Home" : "Pricing",
            page == 0 ? "/" : "/pricing",
            at,
            at);
      }
    }
  }

  private void customer(Person person, Customer customer, String time) throws IOException {
    row(Export.STRIPE_CUSTOMERS, customer.id(), time, person.email(), person.name(), "eur");
    String end = customer.id().substring(4);
    for (int i = 0; i < customer.subscriptions().size(); i++) {
      Subscription of = customer.subscriptions().get(i);
      row(
          Export.STRIPE_SUBSCRIPTIONS,
          "sub_" + end + "_" + i,
          customer.id(),
          of.product().plan(of.yearly()),
          of.active() ? "active" : "canceled",
          time(Company.YEAR_BEGAN + i * 30L * Company.DAY),
          of.active() ? null : time(Company.YEAR_BEGAN + (i + 1) * 30L * Company.DAY));
    }
    Product paid = customer.subscriptions().getLast().product();
    for (int month = 0; month < customer.charges(); month++) {
      boolean failed = company.failed(person.number(), month);
      boolean refunded = !failed && company.refunded(person.number(), month);
      row(
          Export.STRIPE_CHARGES,
          "ch_" + end + "_" + month,
          customer.id(),
          Integer.toString(paid.cents()),
          refunded ? Integer.toString(paid.cents()) : "0",
          "eur",
          failed ? "false" : "true",
          refunded ? "true" : "false",
          failed ? "failed" : "succeeded",
          time(company.charged(person.number(), month)));
    }
  }

  private void member(Person person, String member, String time) throws IOException {
    // An address is known by its hash, a member by that and the audience.
    row(
        Export.MAILCHIMP_MEMBERS,
        member,
        member.substring(0, member.indexOf('.')),
        LIST,
        person.email(),
        person.name(),
        "subscribed",
        time);
    for (int open = 0; open < company.opens(person.number()); open++) {
      row(
          Export.MAILCHIMP_OPENS,
          "open_" + person.number() + "_" + open,
          CAMPAIGN,
          LIST,
          member.substring(0, member.indexOf('.')),
          person.email(),
          time(company.opened(person.number(), open)));
    }
  }

  private void ticket(int ticket) throws IOException {
    long requester = company.requester(ticket);
    row(
        Export.ZENDESK_TICKETS,
        Integer.toString(ticket + 1),
        // The unknown one has a number that no person has.
        Company.zendeskId(requester < 0 ? company.people() : requester),
        "Question " + (ticket + 1),
        "closed",
        time(company.asked(ticket)));
  }

  private void row(Export export, @Nullable String... cells) throws IOException {
    BufferedWriter file = files.get(export);
    if (file == null || cells.length != export.columns().size()) {
      throw new IllegalStateException(export.table() + " has other columns");
    }
    for (int i = 0; i < cells.length; i++) {
      if (i > 0) {
        file.write(',');
      }
      String cell = cells[i];
      if (cell != null) {
        file.write(cell);
      }
    }
    file.write('\n');
    rows.merge(export, 1L, Long::sum);
  }

  private static String time(long second) {
    return Instant.ofEpochSecond(second).toString();
  }

  @Override
  public void close() throws IOException {
    for (BufferedWriter file : files.values()) {
      file.close();
    }
  }
}
