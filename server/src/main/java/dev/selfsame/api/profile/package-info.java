/**
 * Segment's Profile API, read alone, in front of the users and accounts here: programs that ask
 * Segment for a profile ask here by changing host, space and token.
 */
@NullMarked
package dev.selfsame.api.profile;

import org.jspecify.annotations.NullMarked;
