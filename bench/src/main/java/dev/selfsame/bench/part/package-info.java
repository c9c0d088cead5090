/** The parts that need no database, measured alone by JMH. */
@NullMarked
package dev.selfsame.bench.part;

import org.jspecify.annotations.NullMarked;
