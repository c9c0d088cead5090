/**
 * Who is this, and why: finds users by anything that identifies them, and tells what was decided
 * about them and by which rule.
 */
@NullMarked
package dev.selfsame.lookup;

import org.jspecify.annotations.NullMarked;
