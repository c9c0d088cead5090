package dev.selfsame.bench.land;

import dev.selfsame.bench.land.Person.Contact;
import dev.selfsame.bench.land.Person.Customer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What docs/rules.md decides about one person's records, landed in the order of {@link Export} into
 * a hub that knew nobody: written from that page for the few states that there are here, apart from
 * the program's own code. No two people here share anything, so that each can be decided alone.
 */
final class Rules {

  /** No user: the record stays with nobody until a person says whose it is. */
  static final int NOBODY = -1;

  /**
   * What becomes of one record.
   *
   * @param outcome as the ledger says it
   * @param user the first, second, … user that this person's records make; or {@link #NOBODY}
   */
  record Decision(Export table, String record, String code, String outcome, int user) {}

  /** A user as far as these rules look: all of them have the person's email. */
  private static final class User {
    private @Nullable String segmentId;
    private @Nullable Customer customer;
  }

  private final List<User> users = new ArrayList<>(2);
  private final List<Decision> decisions = new ArrayList<>(8);

  private Rules() {}

  static List<Decision> decide(Person person) {
    Rules rules = new Rules();
    for (String id : person.segmentIds()) {
      rules.identify(id);
    }
    if (person.requester() != null) {
      rules.contact(Export.ZENDESK_USERS, person.requester());
    }
    for (Customer customer : person.customers()) {
      rules.customer(customer);
    }
    if (person.lead() != null) {
      rules.byEmail(Export.SALESFORCE_LEADS, person.lead());
    }
    if (person.contact() != null) {
      rules.contact(Export.INTERCOM_USERS, person.contact());
    }
    if (person.member() != null) {
      rules.byEmail(Export.MAILCHIMP_MEMBERS, person.member());
    }
    return rules.decisions;
  }

  /** K3, K5: no id comes twice, and nobody is without one yet. */
  private void identify(String id) {
    decided(Export.SEGMENT_USERS, id, users.isEmpty() ? "K3" : "K5", "created", create());
    users.getLast().segmentId = id;
  }

  /**
   * R2: our own id decides. R6 would merge an id-less user of the same email first; here each such
   * is another paying customer (G2), or there are two users with ids.
   */
  private void contact(Export table, Contact contact) {
    for (int user = 0; user < users.size(); user++) {
      if (contact.externalId() != null && contact.externalId().equals(users.get(user).segmentId)) {
        decided(table, contact.id(), "R2", "updated", user);
        return;
      }
    }
    byEmail(table, contact.id());
  }

  /** R3, R4, R5: of one that has the email it is theirs, of several nobody can tell. */
  private void byEmail(Export table, String record) {
    switch (users.size()) {
      case 0 -> decided(table, record, "R4", "created", create());
      case 1 -> decided(table, record, "R3", "updated", 0);
      default -> decided(table, record, "R5", "skipped", NOBODY);
    }
  }

  /** S2, S3, S4. */
  private void customer(Customer customer) {
    if (users.size() == 1 && users.getFirst().customer == null) {
      users.getFirst().customer = customer;
      decided(Export.STRIPE_CUSTOMERS, customer.id(), "S2", "updated", 0);
      return;
    }
    String code = users.isEmpty() ? "S4" : "S3";
    decided(Export.STRIPE_CUSTOMERS, customer.id(), code, "created", create());
    users.getLast().customer = customer;
  }

  private int create() {
    users.add(new User());
    return users.size() - 1;
  }

  private void decided(Export table, String record, String code, String outcome, int user) {
    decisions.add(new Decision(table, record, code, outcome, user));
  }
}
