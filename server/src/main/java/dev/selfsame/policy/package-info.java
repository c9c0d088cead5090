/**
 * The policy of a space: one YAML file with everything that decides how users are told apart, its
 * versions, and what a change of it would have decided otherwise.
 */
@NullMarked
package dev.selfsame.policy;

import org.jspecify.annotations.NullMarked;
