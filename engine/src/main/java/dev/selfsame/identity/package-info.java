/**
 * What a space knows of its users, as plain immutable values: identifiers and how they are
 * normalised, the parts that a user is made of and how they fold into what people see, and the
 * in-memory set of users that a batch of claims is resolved against. Nothing here decides; {@code
 * dev.selfsame.resolution} does.
 */
@NullMarked
package dev.selfsame.identity;

import org.jspecify.annotations.NullMarked;
