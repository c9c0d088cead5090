package dev.selfsame.intake;

import dev.selfsame.resolution.Outcome;
import dev.selfsame.resolution.Reason;
import dev.selfsame.resolution.Rule;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What became of one submission; given after the commit.
 *
 * @param position in the ledger; 0 for what is only counted and for repeats
 * @param repeated the same message had been decided before; nothing was written (K19)
 * @param user the user it stands under after this batch, or null
 * @param flags what it raised for a person to look at, as their codes
 * @param checks which rules turned the row, as their codes
 * @param warnings what was left out or repaired, as {@code kind:field}
 */
public record Receipt(
    Outcome outcome,
    Rule rule,
    @Nullable Reason reason,
    long position,
    boolean repeated,
    @Nullable UUID user,
    List<String> flags,
    List<String> checks,
    List<String> warnings) {

  /** Of what no check turned and nothing was left out of, or whose sender is not told. */
  public Receipt(
      Outcome outcome,
      Rule rule,
      @Nullable Reason reason,
      long position,
      boolean repeated,
      @Nullable UUID user,
      List<String> flags) {
    this(outcome, rule, reason, position, repeated, user, flags, List.of(), List.of());
  }
}
