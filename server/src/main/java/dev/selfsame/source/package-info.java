/**
 * Every kind of source together: the one place that sees them all beside each other, for those that
 * read the whole ledger.
 */
@NullMarked
package dev.selfsame.source;

import org.jspecify.annotations.NullMarked;
