package dev.selfsame.api.hook;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonPointer;

/**
 * Which JSON makes which note.
 *
 * @param mappings by the integration's name; one that is not here sends notes as they are
 */
public record NoteHookSettings(Map<String, Mapping> mappings) {

  public static final NoteHookSettings DEFAULT = new NoteHookSettings(Map.of());

  public NoteHookSettings {
    mappings = Map.copyOf(mappings);
  }

  /**
   * Where in a body each part of the note stands, as JSON pointers; null: nowhere.
   *
   * @param recordId what makes the same post come twice one note
   */
  public record Mapping(
      @Nullable String title,
      @Nullable String content,
      @Nullable String displayUrl,
      @Nullable String externalId,
      @Nullable String email,
      @Nullable String companyExternalId,
      @Nullable String companyDomain,
      @Nullable String recordId,
      @Nullable String tags) {

    public Mapping {
      check(title);
      check(content);
      check(displayUrl);
      check(externalId);
      check(email);
      check(companyExternalId);
      check(companyDomain);
      check(recordId);
      check(tags);
      if (title == null && content == null) {
        throw new IllegalArgumentException(
            "A mapping of notes must say where title or content stands; it says neither");
      }
    }

    private static void check(@Nullable String pointer) {
      try {
        if (pointer != null) {
          JsonPointer.compile(pointer);
        }
      } catch (IllegalArgumentException | JacksonException e) {
        throw new IllegalArgumentException(
            "A mapping of notes has JSON pointers such as /ticket/subject; got " + pointer, e);
      }
    }
  }
}
