/**
 * What the ledger knows of the past: the claims that its rows were, read again by the sources that
 * made them, and the same claims decided once more in memory, under the recorded policies or under
 * another. Nothing here writes.
 */
@NullMarked
package dev.selfsame.replay;

import org.jspecify.annotations.NullMarked;
