/**
 * Who is who, written into databases and directories of the company's own: first as a whole, then
 * what changed; each time all of it or nothing.
 */
@NullMarked
package dev.selfsame.publish;

import org.jspecify.annotations.NullMarked;
