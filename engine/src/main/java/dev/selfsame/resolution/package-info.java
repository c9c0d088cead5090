/**
 * Who is who: a pure function from a claim, the users that its identifiers match, and the policy,
 * to a decision. It alone holds the rules. No clock, no randomness, no I/O, so that the same claims
 * give the same users wherever and however often they are resolved.
 */
@NullMarked
package dev.selfsame.resolution;

import org.jspecify.annotations.NullMarked;
