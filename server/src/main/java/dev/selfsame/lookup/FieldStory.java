package dev.selfsame.lookup;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Where a field's value comes from, and which others it was chosen from.
 *
 * @param field {@code external_id}, {@code email}, {@code name}, or the type of a billing id or
 *     tool's id
 * @param shown null: none of the values shows
 * @param others the values that do not show, the latest first
 */
public record FieldStory(String field, @Nullable Value shown, List<Other> others) {

  /**
   * A value as one claim stated it.
   *
   * @param position of the claim that stated it
   * @param at when that claim says it was so
   * @param weak from a billing or tool's record, which fills gaps and never outranks the others
   * @param part the user, as it was created, that has it
   */
  public record Value(
      String value, String source, long position, Instant at, boolean weak, UUID part) {}

  /**
   * A value that does not show.
   *
   * @param why it does not
   * @param mergeId the merge that settled it, or null
   */
  public record Other(Value value, Why why, String sentence, @Nullable String mergeId) {}

  /** Why a value does not show. */
  public enum Why {
    /** Another was stated later (G4). */
    OLDER,
    /** It comes from a billing or tool's record (G5). */
    WEAK,
    /** A merge by alias or by hand chose another. */
    SETTLED,
    /** A later claim put another in its place. */
    REPLACED,
    /** Of a tool's several ids the live one that was linked first shows. */
    LINKED_LATER,
    /** Its provider or tool deleted it. */
    DELETED;

    public String code() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public FieldStory {
    others = List.copyOf(others);
  }
}
