/**
 * What programs write over REST. Users by their ids: {@link dev.selfsame.source.api.UserWrites}
 * hands each to the intake as a claim of the channel {@code api}, and says what became of it.
 * Feedback about users: {@link dev.selfsame.source.api.NoteWrites}, of the channels {@code notes}
 * and {@code insights}.
 */
@NullMarked
package dev.selfsame.source.api;

import org.jspecify.annotations.NullMarked;
