/**
 * Productboard's API, version 1, in front of the users, accounts and notes here: a client that was
 * written for it works by changing its base URL. It translates requests and answers and decides
 * nothing: {@link dev.selfsame.source.api.UserWrites}, {@link
 * dev.selfsame.source.api.AccountWrites} and {@link dev.selfsame.source.api.NoteWrites} do.
 */
@NullMarked
package dev.selfsame.api.productboard;

import org.jspecify.annotations.NullMarked;
