/**
 * The REST API: paths, parameters and JSON around what the features do. {@code {data, links}} in
 * camelCase; errors as {@code {errors: [{code, title, detail, source}]}}.
 */
@NullMarked
package dev.selfsame.api;

import org.jspecify.annotations.NullMarked;
