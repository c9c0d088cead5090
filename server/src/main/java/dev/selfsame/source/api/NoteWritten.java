package dev.selfsame.source.api;

import dev.selfsame.intake.Receipt;
import dev.selfsame.store.FoundNote;
import org.jspecify.annotations.Nullable;

/**
 * What became of a note.
 *
 * @param note as it is kept; null: it is not
 */
public record NoteWritten(Receipt receipt, @Nullable FoundNote note) {}
