/** Who may call: write keys of sources, bearer tokens with scopes. Only their hashes are stored. */
@NullMarked
package dev.selfsame.access;

import org.jspecify.annotations.NullMarked;
