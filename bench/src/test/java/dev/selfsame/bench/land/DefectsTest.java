package dev.selfsame.bench.land;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.selfsame.bench.land.Truth.Grouping;
import dev.selfsame.bench.land.Truth.Standard;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
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
