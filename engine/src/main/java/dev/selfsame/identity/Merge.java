package dev.selfsame.identity;

import java.util.Map;
import java.util.UUID;

/**
 * One live merge: the user {@code absorbed} became part of the user {@code survivor}. The ids are
 * those of the users at that time; where the survivor was absorbed later, following the merges
 * gives today's user.
 *
 * @param ordinal which merge of that ledger position: an act may make several
 * @param rule the code of the row that made it, such as K10
 * @param settled for a merge by alias or by hand: which part's value of a field was shown from then
 *     on, by field name ({@link User#EXTERNAL_ID}, {@link User#EMAIL}, {@link User#NAME}, {@link
 *     User#BILLING}, or a billing type's name); a later claim must outrank that value (G4, G5).
 *     Fields that are not in it are settled by the policy's survivorship.
 * @param survivorship what the policy said of these fields when a rule made the merge; of fields
 *     that are not in it: {@link Survivorship#LATEST}
 */
public record Merge(
    long position,
    int ordinal,
    UUID survivor,
    UUID absorbed,
    String rule,
    Map<String, UUID> settled,
    Map<String, Survivorship> survivorship) {

  public Merge {
    settled = Map.copyOf(settled);
    survivorship = Map.copyOf(survivorship);
  }

  public Merge(
      long position,
      int ordinal,
      UUID survivor,
      UUID absorbed,
      String rule,
      Map<String, UUID> settled) {
    this(position, ordinal, survivor, absorbed, rule, settled, Map.of());
  }

  /** How it chose between the two users' values of a field that it did not settle. */
  public Survivorship survivorship(String field) {
    return survivorship.getOrDefault(field, Survivorship.LATEST);
  }

  /** The stable public name of the merge. */
  public String id() {
    return id(position, ordinal);
  }

  /** The public name of the merge of that ordinal which the ledger position made. */
  public static String id(long position, int ordinal) {
    return ordinal == 0 ? Long.toString(position) : position + "." + ordinal;
  }
}
