/**
 * The HTTP server: listening, bodies, errors, tokens, limits, health, metrics and the access log.
 * It knows no domain: a part of the address space is an {@link dev.selfsame.http.Area} that some
 * other package brings along.
 */
@NullMarked
package dev.selfsame.http;

import org.jspecify.annotations.NullMarked;
