package dev.selfsame.bench.land;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Whose every record is, by both standards: who the people are, which nothing in the records tells
 * for certain; and what the rules decide, which leaves a record with nobody where it could be of
 * two.
 */
public final class Truth {

  /** By what an answer is judged. */
  public enum Standard {
    PERSON,
    RULES
  }

  /** What the tickets are counted by. */
  public enum Grouping {
    REFERRAL,
    PLAN
  }

  /** Nobody's. */
  static final int NOBODY = -1;

  private final Company company;
  private final Map<Export, Map<String, Integer>> records = new EnumMap<>(Export.class);
  private final Map<String, Long> decisions = new TreeMap<>();
  private final int[] requesters;
  private int[] person = new int[1024];
  private int[] user = new int[1024];
  private int recordCount;
  private @Nullable String[] referrals = new @Nullable String[1024];
  private @Nullable String[] plans = new @Nullable String[1024];
  private int users;

  /** Decides every record of the company; says what it would be by the rules. */
  public Truth(Company company) {
    this.company = company;
    requesters = new int[Math.toIntExact(company.people())];
    Arrays.fill(requesters, NOBODY);
    for (Export export : Export.values()) {
      if (export.people()) {
        records.put(export, new HashMap<>());
      }
    }
    company.forEach(this::add);
  }

  private void add(Person who) {
    int first = users;
    for (Rules.Decision decision : Rules.decide(who)) {
      boolean decided = decision.user() != Rules.NOBODY;
      int owner = decided ? first + decision.user() : NOBODY;
      if (decided) {
        users = Math.max(users, owner + 1);
        grow();
      }
      if (recordCount == person.length) {
        person = Arrays.copyOf(person, 2 * recordCount);
        user = Arrays.copyOf(user, 2 * recordCount);
      }
      person[recordCount] = (int) who.number();
      user[recordCount] = owner;
      ids(decision.table()).put(decision.record(), recordCount);
      decisions.merge(
          decision.table().schema() + " " + decision.code() + " " + decision.outcome(),
          1L,
          Long::sum);
      switch (decision.table()) {
        case SEGMENT_USERS -> referrals[owner] = who.referral();
        case ZENDESK_USERS -> requesters[(int) who.number()] = recordCount;
        case STRIPE_CUSTOMERS ->
            who.customers().stream()
                .filter(customer -> customer.id().equals(decision.record()))
                .map(Person.Customer::current)
                .filter(Objects::nonNull)
                .forEach(product -> plans[owner] = product.title());
        default -> {
          // Nothing is counted by it.
        }
      }
      recordCount++;
    }
  }

  private void grow() {
    if (users >= referrals.length) {
      referrals = Arrays.copyOf(referrals, 2 * users);
      plans = Arrays.copyOf(plans, 2 * users);
    }
  }

  private Map<String, Integer> ids(Export export) {
    Map<String, Integer> ids = records.get(export);
    if (ids == null) {
      throw new IllegalArgumentException(export.table() + " has no people");
    }
    return ids;
  }

  /** How many users the rules make of the people. */
  public int users() {
    return users;
  }

  public long people() {
    return company.people();
  }

  public int tickets() {
    return company.tickets();
  }

  /** How often the rules decide what: source, code and outcome in a line. */
  public Map<String, Long> decisions() {
    return decisions;
  }

  /** Subjects that this standard counts: people or users. */
  int subjects(Standard standard) {
    return standard == Standard.PERSON ? (int) company.people() : users;
  }

  int records() {
    return recordCount;
  }

  /** The record's number; -1 if no tool has such a one. */
  int record(Export table, String id) {
    return ids(table).getOrDefault(id, -1);
  }

  Map<String, Integer> recordsOf(Export table) {
    return ids(table);
  }

  /** Whose the record is; {@link #NOBODY} if it is left with nobody. */
  int owner(Standard standard, int record) {
    return standard == Standard.PERSON ? person[record] : user[record];
  }

  /** To which group a ticket belongs; null if to none. Tickets are numbered from 1. */
  public @Nullable String group(Standard standard, Grouping grouping, int ticket) {
    long requester = company.requester(ticket - 1);
    if (requester < 0) {
      return null;
    }
    if (standard == Standard.PERSON) {
      Person who = company.person(requester);
      if (grouping == Grouping.REFERRAL) {
        return who.referral();
      }
      return who.customers().stream()
          .map(Person.Customer::current)
          .filter(Objects::nonNull)
          .map(Person.Product::title)
          .findFirst()
          .orElse(null);
    }
    int owner = user[requesters[(int) requester]];
    return owner == NOBODY ? null : grouping == Grouping.REFERRAL ? referrals[owner] : plans[owner];
  }

  /** The answer by the rules as the product gives it: tickets by the name of their group. */
  public Map<String, Long> answer(Grouping grouping) {
    Map<String, Long> answer = new TreeMap<>();
    for (int ticket = 1; ticket <= tickets(); ticket++) {
      long requester = company.requester(ticket - 1);
      String group = group(Standard.RULES, grouping, ticket);
      if (requester < 0 || user[requesters[(int) requester]] == NOBODY) {
        group = "(unknown requester)";
      } else if (group == null) {
        group = grouping == Grouping.PLAN ? "(no plan)" : "(not given)";
      }
      answer.merge(group, 1L, Long::sum);
    }
    return answer;
  }

  Company company() {
    return company;
  }

  /** Whose a person's record in Zendesk is; {@link #NOBODY} too if there is none. */
  int requesterOwner(Standard standard, long number) {
    int record = requesters[(int) number];
    return record < 0 ? NOBODY : owner(standard, record);
  }
}
