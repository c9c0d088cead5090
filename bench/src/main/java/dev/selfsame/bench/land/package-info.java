/**
 * A made-up company whose people five tools know under five ids: its exports, what is true of them,
 * what the rules decide, and how far an answer is from either.
 */
@NullMarked
package dev.selfsame.bench.land;

import org.jspecify.annotations.NullMarked;
