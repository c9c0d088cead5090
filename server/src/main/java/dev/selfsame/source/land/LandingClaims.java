package dev.selfsame.source.land;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.identity.Source;
import dev.selfsame.intake.Bulk;
import dev.selfsame.intake.Intake;
import dev.selfsame.intake.Preview;
import dev.selfsame.intake.Receipt;
import dev.selfsame.intake.Submission;
import dev.selfsame.resolution.Outcome;
import dev.selfsame.resolution.Reason;
import dev.selfsame.resolution.Rule;
import dev.selfsame.source.land.Landed.Decided;
import dev.selfsame.store.LandedClaims;
import dev.selfsame.store.LandedClaims.ClaimRow;
import dev.selfsame.store.LandingTable;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Has decided what a tool's landed rows claim: what is new in the order in which it landed, then
 * once more what could not be settled before.
 */
final class LandingClaims {

  private static final int PAGE = 5_000;

  private record Table(LandingTable landing, PeopleTable people, LandedClaims.Reading reading) {
    Table(LandingTable landing, PeopleTable people) {
      this(landing, people, people.reading(landing));
    }

    String name() {
      return landing.name();
    }
  }

  private final LandedClaims claims;
  private final Source source;
  private final Intake intake;
  private final LandingWatch watch;
  private final long now;
  private final Map<Outcome, Long> outcomes = new EnumMap<>(Outcome.class);
  private final Map<String, Long> codes = new TreeMap<>();
  private final Map<String, Long> rejected = new TreeMap<>();
  private long decided;
  private long expected;
  private long flagged;

  /**
   * @param now when the rows were received, microseconds since 1970 UTC
   */
  LandingClaims(LandedClaims claims, Source source, Intake intake, LandingWatch watch, long now) {
    this.claims = claims;
    this.source = source;
    this.intake = intake;
    this.watch = watch;
    this.now = now;
  }

  /**
   * Decides what all of the tool's tables have to say.
   *
   * @param previews where rows that could not be settled before are tried without a trace
   */
  Decided decide(
      String tool, Function<String, @Nullable LandingTable> find, Supplier<Preview> previews) {
    long end = claims.end();
    List<Table> tables = new ArrayList<>();
    for (String name : claims.tables()) {
      LandingTable landing = find.apply(name);
      PeopleTable people = landing == null ? null : PeopleTable.named(tool, name, landing.people());
      if (landing != null && people != null) {
        tables.add(new Table(landing, people));
        expected += claims.count(name, false);
      }
    }
    tables.forEach(table -> decideNew(table, end));
    tables.forEach(table -> tryAgain(table, end, previews));
    long again = tables.stream().mapToLong(table -> claims.count(table.name(), true)).sum();
    return decided(again);
  }

  /** What the new rows of one table would say, one after the other. */
  Decided foresee(PeopleTable people, LandingTable landing) {
    Table table = new Table(landing, people);
    Bulk<ClaimRow> bulk =
        new Bulk<>(intake, (of, receipts) -> receipts.forEach(this::count), watch::stopped);
    long end = claims.end();
    expected = claims.count(table.name(), false);
    long after = 0;
    for (List<ClaimRow> page = next(table, false, after, end); !page.isEmpty(); ) {
      page.forEach(row -> bulk.add(row, submission(table, row)));
      after = page.getLast().seq();
      page = next(table, false, after, end);
    }
    bulk.drain();
    return decided(0);
  }

  private void decideNew(Table table, long end) {
    List<Long> again = new ArrayList<>();
    List<String> erased = new ArrayList<>();
    AtomicLong answered = new AtomicLong();
    Bulk<ClaimRow> bulk =
        new Bulk<>(
            intake,
            (rows, receipts) -> {
              for (int i = 0; i < receipts.size(); i++) {
                ClaimRow row = rows.get(i);
                Receipt receipt = receipts.get(i);
                count(receipt);
                if (unsettled(receipt) || (table.people().follows(row) && !row.followed())) {
                  again.add(row.seq());
                }
                if (receipt.reason() == Reason.SUPPRESSED) {
                  erased.add(row.id());
                }
              }
              answered.set(rows.getLast().seq());
            },
            watch::stopped);
    long after = 0;
    for (List<ClaimRow> page = upToAFollower(table, after, end); !page.isEmpty(); ) {
      for (ClaimRow row : page) {
        if (row.values() != null) {
          bulk.add(row, submission(table, row));
        }
      }
      after = page.getLast().seq();
      boolean stopping = watch.stopped();
      if (stopping) {
        bulk.drain();
        answered.set(after);
      }
      claims.decided(table.name(), answered.get(), again);
      if (!erased.isEmpty()) {
        claims.remove(table.landing(), erased);
      }
      again.clear();
      erased.clear();
      if (stopping) {
        throw new Failure(Problem.STOPPED, "it was told to stop");
      }
      page = upToAFollower(table, after, end);
      if (!page.isEmpty() && table.people().follows(page.getFirst())) {
        // Whom it follows may be on the way still.
        bulk.drain();
        page = upToAFollower(table, after, end);
      }
    }
    bulk.drain();
    claims.decided(table.name(), after, again);
    if (!erased.isEmpty()) {
      claims.remove(table.landing(), erased);
    }
  }

  /**
   * The next rows; where one follows another record, that one may be among the rows before it, and
   * has to be decided first.
   */
  private List<ClaimRow> upToAFollower(Table table, long after, long end) {
    List<ClaimRow> page = next(table, false, after, end);
    for (int i = 1; i < page.size(); i++) {
      if (table.people().follows(page.get(i)) && !table.people().follows(page.get(i - 1))) {
        return page.subList(0, i);
      }
    }
    return page;
  }

  /**
   * Rows that could not be settled: because several users have the email (R5), or the record that
   * they became part of has no user yet. Only what would come out otherwise this time is a claim.
   */
  private void tryAgain(Table table, long end, Supplier<Preview> previews) {
    long after = 0;
    for (List<ClaimRow> page = next(table, true, after, end); !page.isEmpty(); ) {
      List<Long> settled = new ArrayList<>();
      Bulk<ClaimRow> bulk =
          new Bulk<>(
              intake,
              (rows, receipts) -> {
                for (int i = 0; i < receipts.size(); i++) {
                  ClaimRow row = rows.get(i);
                  count(receipts.get(i));
                  if (!unsettled(receipts.get(i))
                      && (row.followed() || !table.people().follows(row))) {
                    settled.add(row.seq());
                  }
                }
              },
              watch::stopped);
      List<ClaimRow> tried = new ArrayList<>();
      for (ClaimRow row : page) {
        if (row.values() == null) {
          settled.add(row.seq());
        } else {
          tried.add(row);
        }
      }
      for (ClaimRow row : news(table, tried, previews)) {
        expected++;
        bulk.add(row, submission(table, row));
      }
      bulk.drain();
      claims.settled(settled);
      after = page.getLast().seq();
      page = next(table, true, after, end);
    }
  }

  /** Those that find their user now. One that has it already (R1) waits for something else. */
  private List<ClaimRow> news(Table table, List<ClaimRow> rows, Supplier<Preview> previews) {
    if (rows.isEmpty()) {
      return rows;
    }
    List<Receipt> receipts;
    try (Preview preview = previews.get()) {
      receipts = preview.submit(rows.stream().map(row -> submission(table, row)).toList()).join();
    }
    List<ClaimRow> news = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      ClaimRow row = rows.get(i);
      Receipt receipt = receipts.get(i);
      if ((table.people().follows(row) && row.followed())
          || (!unsettled(receipt) && receipt.rule() != Rule.R1)) {
        news.add(row);
      }
    }
    return news;
  }

  private List<ClaimRow> next(Table table, boolean again, long after, long end) {
    return claims.next(table.reading(), again, after, end, PAGE);
  }

  private Submission submission(Table table, ClaimRow row) {
    return table.people().submission(row, source, row.followed(), now);
  }

  private static boolean unsettled(Receipt receipt) {
    return receipt.reason() == Reason.AMBIGUOUS_EMAIL
        || (receipt.rule() == Rule.R7 && receipt.user() == null);
  }

  private void count(Receipt receipt) {
    decided++;
    outcomes.merge(receipt.outcome(), 1L, Long::sum);
    codes.merge(receipt.rule().code(), 1L, Long::sum);
    Reason reason = receipt.reason();
    if (receipt.outcome() == Outcome.REJECTED && reason != null) {
      rejected.merge(reason.code(), 1L, Long::sum);
    }
    flagged += receipt.flags().isEmpty() ? 0 : 1;
    watch.deciding(decided, expected);
  }

  private Decided decided(long again) {
    return new Decided(decided, outcomes, codes, rejected, flagged, again);
  }
}
