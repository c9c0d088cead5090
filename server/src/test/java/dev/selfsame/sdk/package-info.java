/**
 * Segment's own clients, unmodified and in exact versions, against the program as it ships: what
 * they send must become users, accounts and decisions, also when the first try goes wrong.
 */
@NullMarked
package dev.selfsame.sdk;

import org.jspecify.annotations.NullMarked;
