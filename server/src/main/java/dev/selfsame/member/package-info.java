/**
 * People who use the dashboard: who they are, what they may do, and how they sign in. Passwords are
 * kept as Argon2id hashes, sessions and links as hashes of random secrets.
 */
@NullMarked
package dev.selfsame.member;

import org.jspecify.annotations.NullMarked;
