package dev.selfsame.bench.land;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.selfsame.bench.land.Truth.Grouping;
import dev.selfsame.bench.land.Truth.Standard;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The counting of what is wrong: nothing in the truth itself, and each fault that is put in. */
final class DefectsTest {

  private final Truth truth = new Truth(new Company(7, 3_000, 6_000));

  @ParameterizedTest
  @EnumSource
  void each_fault_among_identities_is_counted(Standard standard) {
    List<String[]> right = identities(standard);
    int subjects = truth.subjects(standard);
    IdentityCount.Defects none = count(standard, right);
    // A table with one id per tool has no place for a person's second one.
    long second = records(standard) - right.stream().mapToLong(DefectsTest::filled).sum();
    assertThat(none)
        .isEqualTo(new IdentityCount.Defects(subjects, subjects, subjects, 0, 0, second));
    if (standard == Standard.PERSON) {
      assertThat(second).isPositive();
    } else {
      assertThat(second).isZero();
    }

    List<String[]> doubled = new ArrayList<>(right);
    doubled.add(right.getFirst());
    doubled.add(right.getFirst());
    assertThat(count(standard, doubled))
        .isEqualTo(new IdentityCount.Defects(subjects + 2, subjects, subjects - 1, 2, 0, second));

    List<String[]> missing = right.subList(1, right.size());
    assertThat(count(standard, missing))
        .isEqualTo(
            new IdentityCount.Defects(
                subjects - 1, subjects, subjects - 1, 0, 0, second + filled(right.getFirst())));

    // Two people in one row, and nobody in the other.
    List<String[]> mixed = new ArrayList<>(right);
    int with = find(right, 0, 1);
    int other = find(right, with + 1, 1);
    String[] both = right.get(with).clone();
    both[1] = right.get(other)[1];
    mixed.set(with, both);
    assertThat(count(standard, mixed))
        .isEqualTo(new IdentityCount.Defects(subjects, subjects, subjects - 1, 0, 1, second + 1));

    // A person in two halves.
    List<String[]> halves = new ArrayList<>(right);
    String[] whole = right.get(with);
    halves.set(with, new String[] {whole[0], null, whole[2], whole[3], whole[4]});
    halves.add(new String[] {null, whole[1], null, null, null});
    assertThat(count(standard, halves))
        .isEqualTo(new IdentityCount.Defects(subjects + 1, subjects, subjects - 1, 1, 0, second));

    assertThatThrownBy(
            () -> new IdentityCount(truth, standard).add("nobody's", null, null, null, null))
        .hasMessageContaining("segment.users")
        .hasMessageContaining("nobody's");
  }

  @ParameterizedTest
  @EnumSource
  void each_fault_among_tickets_is_counted(Grouping grouping) {
    for (Standard standard : Standard.values()) {
      TicketCount count = new TicketCount(truth, standard, grouping);
      for (int ticket = 1; ticket <= truth.tickets(); ticket++) {
        count.add(ticket, truth.group(standard, grouping, ticket));
      }
      assertThat(count.defects().none()).isTrue();

      int known = ticket(standard, grouping, true);
      int unknown = ticket(standard, grouping, false);
      String group = truth.group(standard, grouping, known);
      count.add(known, group);
      assertThat(count.defects()).isEqualTo(new TicketCount.Defects(0, 0, 1));
      count.add(known, "another");
      assertThat(count.defects()).isEqualTo(new TicketCount.Defects(1, 0, 2));
      count.add(unknown, "another");
      assertThat(count.defects()).isEqualTo(new TicketCount.Defects(2, 0, 3));

      TicketCount nothing = new TicketCount(truth, standard, grouping);
      assertThat(nothing.defects()).isEqualTo(new TicketCount.Defects(0, truth.tickets(), 0));
      nothing.add(known, null);
      assertThat(nothing.defects().lost()).isEqualTo(truth.tickets());
      nothing.add(known, group);
      assertThat(nothing.defects()).isEqualTo(new TicketCount.Defects(0, truth.tickets() - 1, 1));
    }
  }

  @ParameterizedTest
  @EnumSource
  void the_true_answer_counts_every_ticket_once(Grouping grouping) {
    Map<String, Long> answer = truth.answer(grouping);
    Map<String, Long> byTicket = new TreeMap<>();
    long none = 0;
    for (int ticket = 1; ticket <= truth.tickets(); ticket++) {
      String group = truth.group(Standard.RULES, grouping, ticket);
      if (group == null) {
        none++;
      } else {
        byTicket.merge(group, 1L, Long::sum);
      }
    }
    assertThat(answer).containsAllEntriesOf(byTicket).containsKey("(unknown requester)");
    assertThat(answer.values().stream().mapToLong(Long::longValue).sum())
        .isEqualTo(truth.tickets());
    assertThat(none).isPositive();
  }

  @Test
  void each_fault_among_owners_is_counted() {
    List<Owned> right = owners();
    assertThat(count(right)).isEqualTo(new OwnerCount.Defects(0, 0));

    assertThat(count(right.subList(2, right.size()))).isEqualTo(new OwnerCount.Defects(0, 2));

    // Two users in one: each record of the other one is wrong.
    Owned first = right.getFirst();
    Owned other =
        right.stream().filter(each -> !each.user().equals(first.user())).findFirst().orElseThrow();
    long records = right.stream().filter(each -> each.user().equals(other.user())).count();
    assertThat(
            count(
                right.stream()
                    .map(each -> each.user().equals(other.user()) ? each.of(first.user()) : each)
                    .toList()))
        .isEqualTo(new OwnerCount.Defects(records, 0));

    // One user in two: the record that went astray is wrong.
    Owned astray =
        right.stream()
            .filter(each -> !each.equals(first) && each.user().equals(first.user()))
            .findFirst()
            .orElseThrow();
    assertThat(
            count(
                right.stream().map(each -> each.equals(astray) ? each.of("other") : each).toList()))
        .isEqualTo(new OwnerCount.Defects(1, 0));

    // A record of nobody, one that no tool has, and one twice.
    List<Owned> more = new ArrayList<>(right);
    more.add(new Owned(Export.ZENDESK_USERS, nobodys(), first.user()));
    more.add(new Owned(Export.ZENDESK_USERS, "no such", first.user()));
    more.add(first);
    assertThat(count(more)).isEqualTo(new OwnerCount.Defects(3, 0));
  }

  @Test
  void each_figure_that_differs_is_counted() {
    List<Revenue> right = Revenue.of(truth, Standard.RULES);
    assertThat(right).hasSize(4);
    assertThat(Revenue.differing(right, right)).isZero();
    assertThat(Revenue.differing(right.subList(1, 4), right)).isEqualTo(5);
    Revenue one = right.get(1);
    List<Revenue> other = new ArrayList<>(right);
    other.set(
        1,
        Revenue.read(
            Arrays.asList(
                "1 ticket",
                Long.toString(one.people() + 1),
                one.perPerson().toPlainString(),
                Long.toString(one.compared()),
                null,
                String.valueOf(one.after()) + "0")));
    assertThat(Revenue.differing(other, right)).isEqualTo(2);
    Visits visits = Visits.of(truth, Standard.RULES);
    assertThat(visits.differing(visits)).isZero();
    assertThat(new Visits(visits.openers(), 0, -1).differing(visits)).isEqualTo(2);
  }

  private record Owned(Export table, String id, String user) {
    Owned of(String another) {
      return new Owned(table, id, another);
    }
  }

  /** What the hub should say: every record with a user. */
  private List<Owned> owners() {
    List<Owned> owners = new ArrayList<>();
    for (Export export : Export.FIVE) {
      truth
          .recordsOf(export)
          .forEach((id, record) -> {
            int owner = truth.owner(Standard.RULES, record);
            if (owner != Truth.NOBODY) {
              owners.add(new Owned(export, id, "user " + owner));
            }
          });
    }
    for (Map.Entry<String, Integer> member : truth.recordsOf(Export.MAILCHIMP_MEMBERS).entrySet()) {
      int owner = truth.owner(Standard.RULES, member.getValue());
      if (owner != Truth.NOBODY) {
        owners.add(new Owned(Export.MAILCHIMP_MEMBERS, member.getKey(), "user " + owner));
      }
    }
    // In the users' order, and the first one has several.
    owners.sort(Comparator.comparing(Owned::user));
    Map<String, Long> counts = new TreeMap<>();
    owners.forEach(each -> counts.merge(each.user(), 1L, Long::sum));
    String several =
        counts.entrySet().stream()
            .filter(count -> count.getValue() > 2)
            .findFirst()
            .orElseThrow()
            .getKey();
    owners.sort(Comparator.comparing(each -> !each.user().equals(several)));
    return owners;
  }

  private String nobodys() {
    return truth.recordsOf(Export.ZENDESK_USERS).entrySet().stream()
        .filter(each -> truth.owner(Standard.RULES, each.getValue()) == Truth.NOBODY)
        .findFirst()
        .orElseThrow()
        .getKey();
  }

  private OwnerCount.Defects count(List<Owned> owners) {
    OwnerCount count = new OwnerCount(truth);
    owners.forEach(each -> count.add(each.table(), each.id(), each.user()));
    return count.defects();
  }

  private int ticket(Standard standard, Grouping grouping, boolean known) {
    for (int ticket = 1; ticket <= truth.tickets(); ticket++) {
      if ((truth.group(standard, grouping, ticket) != null) == known) {
        return ticket;
      }
    }
    throw new AssertionError("No such ticket");
  }

  private static int find(List<String[]> rows, int from, int tool) {
    for (int row = from; row < rows.size(); row++) {
      if (rows.get(row)[tool] != null && filled(rows.get(row)) > 2 && rows.get(row)[0] != null) {
        return row;
      }
    }
    throw new AssertionError("No such row");
  }

  private static long filled(@Nullable String[] row) {
    return Arrays.stream(row).filter(Objects::nonNull).count();
  }

  private long records(Standard standard) {
    return Export.FIVE.stream()
        .flatMap(export -> truth.recordsOf(export).values().stream())
        .filter(record -> truth.owner(standard, record) != Truth.NOBODY)
        .count();
  }

  /** The table as it should be: a row for each, with one of their ids in every tool. */
  private List<String[]> identities(Standard standard) {
    Map<Integer, String[]> rows = new TreeMap<>();
    for (int tool = 0; tool < Export.FIVE.size(); tool++) {
      int column = tool;
      truth
          .recordsOf(Export.FIVE.get(tool))
          .forEach((id, record) -> {
            int owner = truth.owner(standard, record);
            if (owner != Truth.NOBODY) {
              rows.computeIfAbsent(owner, key -> new String[Export.FIVE.size()])[column] = id;
            }
          });
    }
    return new ArrayList<>(rows.values());
  }

  private IdentityCount.Defects count(Standard standard, List<String[]> rows) {
    IdentityCount count = new IdentityCount(truth, standard);
    rows.forEach(count::add);
    return count.defects();
  }
}
