package dev.selfsame.source.api;

import dev.selfsame.store.NewNote;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Feedback that a caller hands over. No text has NULs or halves of characters.
 *
 * @param integration out of which it comes by itself, so that nobody could correct it; null: from a
 *     program that can
 * @param note what it says; its id is its own already
 * @param warnings what was left out or repaired before, by field
 */
public record NoteWrite(
    @Nullable String integration,
    @Nullable String externalId,
    @Nullable String email,
    @Nullable String companyId,
    @Nullable String companyDomain,
    NewNote note,
    Map<String, String> warnings) {

  public NoteWrite {
    warnings = Map.copyOf(warnings);
  }
}
