package dev.selfsame.publish;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a publish did.
 *
 * @param full whether all was written; else what changed
 * @param since the position that it led on from; null: from the beginning
 * @param position up to there it stands there
 * @param users whose rows were taken away and written anew, as far as they still are users
 * @param rows written, by table
 * @param millis how long it took
 */
public record PublishResult(
    boolean full,
    @Nullable Long since,
    @Nullable Long position,
    long users,
    Map<String, Long> rows,
    long millis) {

  static final PublishResult NOTHING = new PublishResult(false, null, null, 0, Map.of(), 0);

  /** Why it did not come to its end. */
  public record Broken(String code, String message) {}
}
