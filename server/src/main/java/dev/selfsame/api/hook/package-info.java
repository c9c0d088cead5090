/** Webhooks of other tools that make notes: each post is turned into what integrations send. */
@NullMarked
package dev.selfsame.api.hook;

import org.jspecify.annotations.NullMarked;
