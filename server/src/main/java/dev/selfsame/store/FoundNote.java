package dev.selfsame.store;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A note as people see it.
 *
 * @param displayUrl where it can be read
 * @param user whom it is about, today; null: nobody, or somebody who was erased
 * @param company the account that it is about, or null
 * @param position of its claim in the ledger
 */
public record FoundNote(
    UUID id,
    String title,
    String content,
    @Nullable String displayUrl,
    List<String> tags,
    @Nullable NoteRecord record,
    @Nullable About user,
    @Nullable Company company,
    String source,
    Instant createdAt,
    Instant updatedAt,
    long position) {

  /** The user as it shows. */
  public record About(
      UUID id, @Nullable String externalId, @Nullable String email, @Nullable String name) {}

  /** The account. */
  public record Company(
      UUID id, String externalId, @Nullable String name, @Nullable String domain) {}

  public FoundNote {
    tags = List.copyOf(tags);
  }
}
