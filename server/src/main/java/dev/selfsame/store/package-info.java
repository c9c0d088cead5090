/**
 * The product's own tables in PostgreSQL, and the only package that opens them: how users are read
 * for a batch of claims and how one batch is written in one transaction, the migrations, and the
 * queries of the reading side.
 */
@NullMarked
package dev.selfsame.store;

import org.jspecify.annotations.NullMarked;
