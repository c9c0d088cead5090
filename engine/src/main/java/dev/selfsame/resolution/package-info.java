/**
 * The rules: what one claim does to the users it meets, as a pure function of the claim, the users
 * that its identifiers match and the space's policy. No clock, no randomness, no input or output.
 * Every row has a code ({@link dev.selfsame.resolution.Rule}); the code is what a decision records
 * and what a test is called.
 */
@NullMarked
package dev.selfsame.resolution;

import org.jspecify.annotations.NullMarked;
