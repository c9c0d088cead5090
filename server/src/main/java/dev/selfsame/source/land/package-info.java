/**
 * The records of other tools: rows that land in the tools' tables for SQL, and, where a row is
 * about a person, become claims.
 */
@NullMarked
package dev.selfsame.source.land;

import org.jspecify.annotations.NullMarked;
