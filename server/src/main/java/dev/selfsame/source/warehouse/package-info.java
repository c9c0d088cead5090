/**
 * Queries on databases of the company's own, whose rows are people: how such a database is reached,
 * what it is asked, and how the rows become claims.
 */
@NullMarked
package dev.selfsame.source.warehouse;

import org.jspecify.annotations.NullMarked;
