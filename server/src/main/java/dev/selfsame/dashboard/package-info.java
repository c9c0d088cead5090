/**
 * The dashboard: pages that people read, on the same services as REST. Each page is a class that
 * answers its paths, a record that says what it shows, and a template of the same name. They work
 * without scripts; htmx makes lists live where there are.
 */
@NullMarked
package dev.selfsame.dashboard;

import org.jspecify.annotations.NullMarked;
