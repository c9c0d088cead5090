/**
 * What a person settles: that several users are one, or are not, whose an identifier is, what was
 * flagged, and who is to be forgotten. An act goes the way of every claim, through the intake, and
 * is decided by the rules.
 */
@NullMarked
package dev.selfsame.review;

import org.jspecify.annotations.NullMarked;
