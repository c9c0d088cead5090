/** Tells those who run the hub that something it does by itself fails. */
@NullMarked
package dev.selfsame.alert;

import org.jspecify.annotations.NullMarked;
