package dev.selfsame.bench.land;

import dev.selfsame.bench.land.Person.Customer;
import dev.selfsame.bench.land.Truth.Standard;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What those who paid paid in the month before their first ticket and in the month from it on, by
 * the number of their tickets; those without a ticket around the middle one of all first tickets.
 *
 * @param people who paid
 * @param perPerson euros in all
 * @param compared of them, those who paid before the first of the two months, and whose second one
 *     was over
 * @param before euros of one of these on average; null if there are none
 */
public record Revenue(
    String tickets,
    long people,
    BigDecimal perPerson,
    long compared,
    @Nullable BigDecimal before,
    @Nullable BigDecimal after) {

  private static final List<String> BANDS = List.of("none", "1", "2 to 3", "4 or more");

  /** One charge that was paid. */
  private record Paid(long at, long cents) {}

  /** Sums of a band, in cents. */
  private static final class Band {
    private long people;
    private long cents;
    private long compared;
    private long before;
    private long after;
  }

  /** A line for each number of tickets that somebody has, from none to many. */
  public static List<Revenue> of(Truth truth, Standard standard) {
    Company company = truth.company();
    int subjects = truth.subjects(standard);
    int[] tickets = new int[subjects];
    long[] first = new long[subjects];
    for (int ticket = 0; ticket < company.tickets(); ticket++) {
      long requester = company.requester(ticket);
      int owner = requester < 0 ? Truth.NOBODY : truth.requesterOwner(standard, requester);
      if (owner != Truth.NOBODY) {
        long at = company.asked(ticket);
        first[owner] = tickets[owner] == 0 ? at : Math.min(first[owner], at);
        tickets[owner]++;
      }
    }
    Map<Integer, List<Paid>> paid = new LinkedHashMap<>();
    long[] until = new long[1];
    company.forEach(person -> {
      for (Customer customer : person.customers()) {
        int owner = truth.owner(standard, truth.record(Export.STRIPE_CUSTOMERS, customer.id()));
        long cents = customer.subscriptions().getLast().product().cents();
        for (int charge = 0; charge < customer.charges(); charge++) {
          long at = company.charged(person.number(), charge);
          until[0] = Math.max(until[0], at);
          if (!company.failed(person.number(), charge)) {
            boolean refunded = company.refunded(person.number(), charge);
            paid.computeIfAbsent(owner, key -> new ArrayList<>())
                .add(new Paid(at, refunded ? 0 : cents));
          }
        }
      }
    });
    long middle = middle(tickets, first);
    Map<String, Band> bands = new LinkedHashMap<>();
    BANDS.forEach(name -> bands.put(name, new Band()));
    paid.forEach((owner, charges) -> {
      Band band = bands.get(band(tickets[owner]));
      if (band != null) {
        add(band, charges, tickets[owner] == 0 ? middle : first[owner], until[0]);
      }
    });
    return bands.entrySet().stream()
        .filter(band -> band.getValue().people > 0)
        .map(band -> line(band.getKey(), band.getValue()))
        .toList();
  }

  /**
   * A line of an answer, in the order of this record; numbers as text, with or without "tickets".
   */
  public static Revenue read(List<@Nullable String> line) {
    String tickets = String.valueOf(line.get(0)).replaceAll(" tickets?$", "");
    return new Revenue(
        tickets.equals("no") ? "none" : tickets,
        Long.parseLong(line.get(1)),
        Objects.requireNonNull(euros(line.get(2))),
        Long.parseLong(line.get(3)),
        euros(line.get(4)),
        euros(line.get(5)));
  }

  /** How many of its figures are not the true ones; a line too few or too many counts with all. */
  public static int differing(List<Revenue> found, List<Revenue> truth) {
    int figures = 0;
    for (String band : BANDS) {
      List<?> one = figures(found, band);
      List<?> other = figures(truth, band);
      for (int i = 0; i < 5; i++) {
        figures += Objects.equals(one.get(i), other.get(i)) ? 0 : 1;
      }
    }
    return figures;
  }

  private static List<?> figures(List<Revenue> lines, String band) {
    for (Revenue line : lines) {
      if (line.tickets.equals(band)) {
        return Arrays.asList(line.people, line.perPerson, line.compared, line.before, line.after);
      }
    }
    return Arrays.asList(null, null, null, null, null);
  }

  private static @Nullable BigDecimal euros(@Nullable String text) {
    return text == null ? null : new BigDecimal(text).setScale(2, RoundingMode.HALF_UP);
  }

  /** Of the first tickets the one in the middle; of an even number the earlier. */
  private static long middle(int[] tickets, long[] first) {
    long[] times = new long[first.length];
    int count = 0;
    for (int owner = 0; owner < first.length; owner++) {
      if (tickets[owner] > 0) {
        times[count++] = first[owner];
      }
    }
    Arrays.sort(times, 0, count);
    return count == 0 ? Long.MAX_VALUE : times[(count + 1) / 2 - 1];
  }

  private static String band(int tickets) {
    return BANDS.get(tickets < 2 ? tickets : tickets < 4 ? 2 : 3);
  }

  private static void add(Band band, List<Paid> charges, long day, long until) {
    OffsetDateTime at = Instant.ofEpochSecond(day).atOffset(ZoneOffset.UTC);
    long monthBefore = at.minusMonths(1).toEpochSecond();
    long monthAfter = at.plusMonths(1).toEpochSecond();
    long before = 0;
    long after = 0;
    long earliest = Long.MAX_VALUE;
    for (Paid each : charges) {
      earliest = Math.min(earliest, each.at());
      band.cents += each.cents();
      if (each.at() >= monthBefore && each.at() < day) {
        before += each.cents();
      } else if (each.at() >= day && each.at() < monthAfter) {
        after += each.cents();
      }
    }
    band.people++;
    if (earliest <= monthBefore && monthAfter <= until) {
      band.compared++;
      band.before += before;
      band.after += after;
    }
  }

  private static Revenue line(String tickets, Band band) {
    return new Revenue(
        tickets,
        band.people,
        euros(band.cents, band.people),
        band.compared,
        band.compared == 0 ? null : euros(band.before, band.compared),
        band.compared == 0 ? null : euros(band.after, band.compared));
  }

  private static BigDecimal euros(long cents, long people) {
    return BigDecimal.valueOf(cents, 2).divide(BigDecimal.valueOf(people), 2, RoundingMode.HALF_UP);
  }
}
