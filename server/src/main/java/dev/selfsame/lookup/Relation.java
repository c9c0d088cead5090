package dev.selfsame.lookup;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Why two are one user, or are not.
 *
 * @param summary in one sentence
 * @param steps of one user: what joins the two, in ledger order
 * @param grounds of two users: what stands between them, the strongest first
 */
public record Relation(
    boolean together, String summary, Side a, Side b, List<Step> steps, List<Ground> grounds) {

  /**
   * One of the two as it was asked for.
   *
   * @param user who it is today
   * @param part the user as it was created that has the asked id or holds the identifier
   */
  public record Side(String asked, UUID user, UUID part) {}

  /**
   * One thing that joins the two.
   *
   * @param sentence in words
   * @param rule what the decision's rule says; null where the ledger does not have the line
   * @param by who did it, of an act
   */
  public record Step(
      Joining kind,
      String sentence,
      long position,
      @Nullable Instant decidedAt,
      @Nullable String source,
      @Nullable String by,
      @Nullable String code,
      @Nullable String rule,
      UUID part,
      @Nullable String identifier,
      @Nullable String mergeId,
      @Nullable UUID absorbed) {

    /** What it was. */
    public enum Joining {
      CREATED,
      IDENTIFIER,
      MERGED;

      public String code() {
        return name().toLowerCase(Locale.ROOT);
      }
    }
  }

  /**
   * One thing that stands between two users, or is missing.
   *
   * @param position of the claim or act that it comes from; null: of none alone
   * @param values the identifiers that it is about
   */
  public record Ground(
      Barrier kind,
      String sentence,
      @Nullable Long position,
      @Nullable Instant decidedAt,
      @Nullable String source,
      @Nullable String code,
      @Nullable String rule,
      @Nullable String flag,
      List<String> values) {

    /** What it is. */
    public enum Barrier {
      UNDONE,
      KEPT_APART,
      FLAG,
      REFUSED,
      TWO_EXTERNAL_IDS,
      TWO_BILLING_IDS,
      SAME_EMAIL,
      NOTHING;

      public String code() {
        return name().toLowerCase(Locale.ROOT);
      }
    }

    public Ground {
      values = List.copyOf(values);
    }

    static Ground standing(Barrier kind, String sentence, List<String> values) {
      return new Ground(kind, sentence, null, null, null, null, null, null, values);
    }
  }

  public Relation {
    steps = List.copyOf(steps);
    grounds = List.copyOf(grounds);
  }
}
