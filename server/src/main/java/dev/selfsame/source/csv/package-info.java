/**
 * Users in CSV files, out and in again: {@link dev.selfsame.source.csv.CsvExport} writes them,
 * {@link dev.selfsame.source.csv.CsvFile} reads a file that a person worked on, {@link
 * dev.selfsame.source.csv.CsvImport} turns its rows into claims and says what became of each.
 * {@link dev.selfsame.source.csv.Imports} keeps uploaded files and works through them one after the
 * other.
 */
@NullMarked
package dev.selfsame.source.csv;

import org.jspecify.annotations.NullMarked;
