package dev.selfsame.store;

/**
 * What a note is called where it comes from.
 *
 * @param origin the tool
 * @param recordId its own name for the note; of one origin there is one note of each
 */
public record NoteRecord(String origin, String recordId) {}
