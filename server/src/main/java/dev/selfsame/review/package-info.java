/**
 * What a person settles: that several users are one, or are not, whose an identifier is, and what
 * was flagged. An act goes the way of every claim, through the intake, and is decided by the rules.
 */
@NullMarked
package dev.selfsame.review;

import org.jspecify.annotations.NullMarked;
