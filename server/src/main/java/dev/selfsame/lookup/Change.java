package dev.selfsame.lookup;

import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One thing that a claim or act changed.
 *
 * @param sentence the same in words
 * @param part the user it changed, as it was created
 * @param identifier as {@code type:value}, where it is about one
 * @param flag the kind of the flag that was raised
 * @param field external_id, email, name or a billing id, where a value took the place of another
 * @param from what the field was; null: nothing
 * @param to what the field became; null: nothing, or no longer known
 * @param users the others that it is about: of a merge the absorbed and the surviving one
 */
public record Change(
    Kind kind,
    String sentence,
    @Nullable UUID part,
    @Nullable String identifier,
    @Nullable String flag,
    @Nullable String field,
    @Nullable String from,
    @Nullable String to,
    List<UUID> users) {

  /** What became different. */
  public enum Kind {
    CREATED,
    GAINED,
    LOST,
    CHANGED,
    DELETED,
    MERGED,
    UNDONE,
    KEPT_APART,
    FLAGGED;

    public String code() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public Change {
    users = List.copyOf(users);
  }

  static Change of(Kind kind, @Nullable UUID part, String sentence, List<UUID> users) {
    return new Change(kind, sentence, part, null, null, null, null, null, users);
  }

  static Change identifier(Kind kind, UUID part, String identifier, String sentence) {
    return new Change(kind, sentence, part, identifier, null, null, null, null, List.of());
  }

  static Change field(
      UUID part, String field, @Nullable String from, @Nullable String to, String sentence) {
    return new Change(Kind.CHANGED, sentence, part, null, null, field, from, to, List.of());
  }
}
