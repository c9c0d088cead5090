/**
 * The one writing flow: claims and acts from every source become committed decisions. Submissions
 * wait in a bounded queue, are gathered into micro-batches, resolved in order against the users
 * that their identifiers touch, and written in one transaction; whoever submitted hears back after
 * the commit.
 */
@NullMarked
package dev.selfsame.intake;

import org.jspecify.annotations.NullMarked;
