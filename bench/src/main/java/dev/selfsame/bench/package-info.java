/**
 * What Selfsame costs, measured: JMH benchmarks of the parts, and whole processes under load
 * against the database's own speed. Its figures are published in docs/performance.md.
 */
@NullMarked
package dev.selfsame.bench;

import org.jspecify.annotations.NullMarked;
