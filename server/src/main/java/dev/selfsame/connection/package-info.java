/**
 * Databases of the company's own: where they are, who logs in there, how one is opened, for reading
 * or for writing, and what their failures mean.
 */
@NullMarked
package dev.selfsame.connection;

import org.jspecify.annotations.NullMarked;
