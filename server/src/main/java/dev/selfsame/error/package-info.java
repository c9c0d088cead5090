/**
 * Every way in which a call can fail: a stable code with a kind, mapped to HTTP and to exit codes
 * in one place each; and the known word that a wrong one may have meant.
 */
@NullMarked
package dev.selfsame.error;

import org.jspecify.annotations.NullMarked;
