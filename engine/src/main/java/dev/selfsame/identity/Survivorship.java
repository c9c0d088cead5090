package dev.selfsame.identity;

import java.util.List;
import java.util.Set;

/**
 * Which of the values that were said of one field of a user stands. G2 asks nothing of it: it
 * chooses what shows, never who is who.
 */
public sealed interface Survivorship {

  /** G4 and G5: what a space has that says nothing. */
  Survivorship LATEST = new Latest();

  /** Whether the one value, said where the other stands or met in a merge, takes its place. */
  boolean outranks(Stated now, Stated shown);

  /** Whether the one's source stands above the other's, whatever their times. */
  boolean above(Stated now, Stated shown);

  /** Whether the value is one that fills gaps and replaces only its own source's (G5). */
  boolean fillsGaps(Stated value);

  /** Whether the same value, said again later, counts from then on. */
  boolean counts(Stated again, Stated known);

  /** The latest (G4), a billing or record source's never over another's (G5). */
  record Latest() implements Survivorship {
    @Override
    public boolean outranks(Stated now, Stated shown) {
      return now.outranks(shown);
    }

    @Override
    public boolean above(Stated now, Stated shown) {
      return shown.weak() && !now.weak();
    }

    @Override
    public boolean fillsGaps(Stated value) {
      return value.weak();
    }

    @Override
    public boolean counts(Stated again, Stated known) {
      return true;
    }
  }

  /**
   * The first by event time; of equal times the earlier in the ledger. What a person said by file
   * or by hand corrects it, the latest of these. What only fills gaps gives way to what does not:
   * values of billing and record sources (G5), and of sources that are not trusted.
   *
   * @param persons the numbers of the sources by which a person speaks
   * @param untrusted those of the sources whose word is only someone's
   */
  record First(Set<Integer> persons, Set<Integer> untrusted) implements Survivorship {
    public First {
      persons = Set.copyOf(persons);
      untrusted = Set.copyOf(untrusted);
    }

    @Override
    public boolean outranks(Stated now, Stated shown) {
      int rank = rank(now);
      if (rank != rank(shown)) {
        return rank < rank(shown);
      }
      if (rank == 0) {
        return now.later(shown);
      }
      return now.at() != shown.at() ? now.at() < shown.at() : now.position() < shown.position();
    }

    @Override
    public boolean above(Stated now, Stated shown) {
      return rank(now) < rank(shown);
    }

    @Override
    public boolean fillsGaps(Stated value) {
      return value.weak();
    }

    @Override
    public boolean counts(Stated again, Stated known) {
      return false;
    }

    private int rank(Stated value) {
      if (persons.contains(value.source())) {
        return 0;
      }
      return value.weak() || untrusted.contains(value.source()) ? 2 : 1;
    }
  }

  /**
   * The value of the source that is named first; of one source the latest. Sources that are not
   * named come last, and among themselves by G4 and G5.
   *
   * @param names as the policy says them
   * @param numbers of those that there are and that are trusted, in the same order
   */
  record Sources(List<String> names, List<Integer> numbers) implements Survivorship {
    public Sources {
      names = List.copyOf(names);
      numbers = List.copyOf(numbers);
    }

    @Override
    public boolean outranks(Stated now, Stated shown) {
      int rank = rank(now);
      if (rank != rank(shown)) {
        return rank < rank(shown);
      }
      return named(now) ? now.later(shown) : now.outranks(shown);
    }

    @Override
    public boolean above(Stated now, Stated shown) {
      int rank = rank(now);
      return rank != rank(shown) ? rank < rank(shown) : !named(now) && LATEST.above(now, shown);
    }

    @Override
    public boolean fillsGaps(Stated value) {
      return value.weak() && !named(value);
    }

    @Override
    public boolean counts(Stated again, Stated known) {
      return rank(again) == rank(known);
    }

    /** Whether the policy names the source of the value. */
    public boolean named(Stated value) {
      return numbers.contains(value.source());
    }

    private int rank(Stated value) {
      int rank = numbers.indexOf(value.source());
      return rank < 0 ? numbers.size() : rank;
    }
  }
}
