/**
 * What many tests stand on: a real PostgreSQL, a fresh database for each test class, a settable
 * clock.
 */
@NullMarked
package dev.selfsame.testing;

import org.jspecify.annotations.NullMarked;
