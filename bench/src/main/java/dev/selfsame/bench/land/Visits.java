package dev.selfsame.bench.land;

import dev.selfsame.bench.land.Truth.Standard;

/**
 * How many of those who opened the campaign visited from then on.
 *
 * @param openers people or users who opened it
 * @param visited of these, those who did
 * @param unknown openers that the standard leaves with nobody
 */
public record Visits(long openers, long visited, long unknown) {

  public static Visits of(Truth truth, Standard standard) {
    Company company = truth.company();
    long[] counts = new long[3];
    company.forEach(person -> {
      if (person.member() == null || company.opens(person.number()) == 0) {
        return;
      }
      int record = truth.record(Export.MAILCHIMP_MEMBERS, person.member());
      int owner = truth.owner(standard, record);
      if (owner == Truth.NOBODY) {
        counts[2]++;
        return;
      }
      counts[0]++;
      long opened = company.opened(person.number(), 0);
      for (int id = 0; id < person.segmentIds().size(); id++) {
        int segment = truth.record(Export.SEGMENT_USERS, person.segmentIds().get(id));
        if (truth.owner(standard, segment) == owner && visited(company, person, id, opened)) {
          counts[1]++;
          return;
        }
      }
    });
    return new Visits(counts[0], counts[1], counts[2]);
  }

  /** How many of its figures are not the true ones. */
  public int differing(Visits truth) {
    return (openers == truth.openers ? 0 : 1)
        + (visited == truth.visited ? 0 : 1)
        + (unknown == truth.unknown ? 0 : 1);
  }

  private static boolean visited(Company company, Person person, int id, long since) {
    for (int page = 0; page < company.pages(person.number(), id); page++) {
      if (company.visited(person.number(), id, page) >= since) {
        return true;
      }
    }
    return false;
  }
}
