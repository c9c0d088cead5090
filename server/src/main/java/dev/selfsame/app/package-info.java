/**
 * The program put together by hand: what is made, in which order, with which settings, and how it
 * is taken down. It sees every package and no package sees it; a command that needs the running
 * program is handed it by its constructor.
 */
@NullMarked
package dev.selfsame.app;

import org.jspecify.annotations.NullMarked;
