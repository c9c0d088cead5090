/**
 * Queries on databases of the company's own, whose rows are people: what such a database is asked,
 * and how the rows become claims.
 */
@NullMarked
package dev.selfsame.source.warehouse;

import org.jspecify.annotations.NullMarked;
