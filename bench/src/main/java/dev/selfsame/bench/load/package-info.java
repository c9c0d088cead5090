/**
 * The load: a process of its own that sends events as Segment's SDKs do, over raw sockets, and says
 * what came back and when. It is told what to do on stdin and answers on stdout.
 */
@NullMarked
package dev.selfsame.bench.load;

import org.jspecify.annotations.NullMarked;
