/**
 * Questions that are asked again and again: SQL files with a title and a chart, some of them built
 * in, run under the readers' login, and what their answers look like as charts.
 */
@NullMarked
package dev.selfsame.ask;

import org.jspecify.annotations.NullMarked;
