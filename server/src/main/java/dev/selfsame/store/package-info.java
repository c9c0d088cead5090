/**
 * The product's own tables in PostgreSQL: opening and migrating the database, its connections, the published views' reader, and
 * the statements that read and write users, identifiers and the ledger. No other package opens these tables.
 */
@NullMarked
package dev.selfsame.store;

import org.jspecify.annotations.NullMarked;
