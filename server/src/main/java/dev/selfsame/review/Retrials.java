package dev.selfsame.review;

import dev.selfsame.identity.Claim;
import dev.selfsame.intake.Preview;
import dev.selfsame.intake.Receipt;
import dev.selfsame.intake.Submission;
import dev.selfsame.replay.History;
import dev.selfsame.replay.Past;
import dev.selfsame.replay.Replay;
import dev.selfsame.resolution.Reason;
import dev.selfsame.store.LedgerLine;
import dev.selfsame.store.NewNote;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Decides a claim of the ledger once more, as if it came again today: on the users that there are,
 * under the policy that stands. Nothing is written. Thread-safe.
 */
public final class Retrials {

  /**
   * A claim as it was decided, and as it would be.
   *
   * @param now null: it cannot be decided again
   * @param lost why not; null: it can
   */
  public record Retrial(LedgerLine then, @Nullable Receipt now, Past.@Nullable Why lost) {

    /** Whether rule, outcome, reason, checks and flags would be the same. */
    public boolean same() {
      if (now == null) {
        return false;
      }
      Reason reason = now.reason();
      return now.outcome().code().equals(then.outcome())
          && now.rule().code().equals(then.rule())
          && Objects.equals(reason == null ? null : reason.code(), then.reason())
          && now.checks().equals(then.checks())
          && now.flags().equals(then.flags());
    }
  }

  private static final NewNote NOTE = new NewNote(new UUID(0, 0), "", "", null, List.of(), null);

  private final Supplier<History> histories;
  private final Supplier<Preview> previews;

  /**
   * @param histories reads kept claims again
   * @param previews makes an intake that writes nothing
   */
  public Retrials(Supplier<History> histories, Supplier<Preview> previews) {
    this.histories = histories;
    this.previews = previews;
  }

  /** The claim at that place of the ledger; null: there is none. */
  public @Nullable Retrial of(long position) {
    History history = histories.get();
    List<LedgerLine> found = new ArrayList<>(1);
    history.rows(position - 1, position, found::add);
    if (found.isEmpty()) {
      return null;
    }
    LedgerLine then = found.getFirst();
    return switch (history.read(then)) {
      case Past.Lost lost -> new Retrial(then, null, lost.why());
      case Past.Said said -> {
        Claim claim = Replay.under(said.claim(), history.now());
        // Companies are looked at for notes alone; without a record, none is a repeat.
        Submission again =
            new Submission(
                claim,
                then.at(),
                null,
                new byte[0],
                null,
                Set.of(),
                null,
                claim instanceof Claim.Note ? NOTE : null,
                Map.of());
        try (Preview preview = previews.get()) {
          yield new Retrial(then, preview.submit(List.of(again)).join().getFirst(), null);
        }
      }
    };
  }
}
