package dev.selfsame.store;

import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Feedback as it is to be kept; whom it is about, its claim says.
 *
 * @param displayUrl where it can be read
 * @param record null: it has no name elsewhere
 */
public record NewNote(
    UUID id,
    String title,
    String content,
    @Nullable String displayUrl,
    List<String> tags,
    @Nullable NoteRecord record) {

  public NewNote {
    tags = List.copyOf(tags);
  }
}
