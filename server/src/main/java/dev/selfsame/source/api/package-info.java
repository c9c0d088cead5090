/**
 * Users that programs write by their ids, over REST: {@link dev.selfsame.source.api.UserWrites}
 * hands each to the intake as a claim of the channel {@code api}, and says what became of it.
 */
@NullMarked
package dev.selfsame.source.api;

import org.jspecify.annotations.NullMarked;
