/**
 * The PostgreSQL that the program brings along: unpacked, created, started, watched and stopped as
 * a process of its own. {@link dev.selfsame.postgres.EmbeddedPostgres} is the only door; whoever
 * comes through it gets a JDBC address and knows nothing else of all this. Why it is built so:
 * docs/decisions/0002-embedded-postgres.md.
 */
@NullMarked
package dev.selfsame.postgres;

import org.jspecify.annotations.NullMarked;
