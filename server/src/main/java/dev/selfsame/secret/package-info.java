/**
 * Keeps the secrets of other systems, such as passwords of databases, so that no copy of the store
 * gives them away.
 */
@NullMarked
package dev.selfsame.secret;

import org.jspecify.annotations.NullMarked;
