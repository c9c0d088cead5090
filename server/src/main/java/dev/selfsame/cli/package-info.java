/**
 * The command line: one class per command, which reads its options, calls what does the work, and
 * prints the result. The result goes to stdout and everything else to stderr. Exit status: 0 done,
 * 1 failed, 2 wrong usage, 3 refused.
 */
@NullMarked
package dev.selfsame.cli;

import org.jspecify.annotations.NullMarked;
