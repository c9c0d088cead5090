/**
 * Reads the settings file. What can be set, and what it is when it is not set, belongs to each
 * feature's own record; this package knows none of them.
 */
@NullMarked
package dev.selfsame.settings;

import org.jspecify.annotations.NullMarked;
