/**
 * The words of identity: identifiers and their types, claims, users and the parts they are made of.
 * Plain values, checked when they are made; nothing here decides or writes.
 */
@NullMarked
package dev.selfsame.identity;

import org.jspecify.annotations.NullMarked;
