/**
 * What every SVG that is written by hand needs: how wide a text is at most in a font that nobody
 * knows beforehand, and text that XML can hold.
 */
@NullMarked
package dev.selfsame.svg;

import org.jspecify.annotations.NullMarked;
