package dev.selfsame.dashboard;

import dev.selfsame.access.Access;
import dev.selfsame.member.Member;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is around a page's own content.
 *
 * @param title of the page
 * @param section the path of the navigation's entry that it belongs to
 * @param member who looks at it; null: nobody is signed in
 * @param formToken what its forms carry, empty where nobody is signed in
 * @param toast what was just done; null: nothing
 */
record Frame(
    String title,
    String section,
    @Nullable Member member,
    String formToken,
    @Nullable Toast toast,
    Assets assets) {

  /** An entry of the navigation. */
  record Entry(String path, String title, Access.Scope needs) {}

  private static final List<Entry> ENTRIES =
      List.of(
          new Entry("/", "Home", Access.Scope.READ),
          new Entry("/users", "Users", Access.Scope.READ),
          new Entry("/identities", "Identities", Access.Scope.READ),
          new Entry("/companies", "Companies", Access.Scope.READ),
          new Entry("/notes", "Notes", Access.Scope.READ),
          new Entry("/review", "Review", Access.Scope.READ),
          new Entry("/merges", "Merges", Access.Scope.READ),
          new Entry("/ask", "Ask", Access.Scope.READ),
          new Entry("/segment", "Segment", Access.Scope.READ),
          new Entry("/sources", "Sources", Access.Scope.READ),
          new Entry("/landings", "Landings", Access.Scope.READ),
          new Entry("/settings", "Settings", Access.Scope.ADMIN));

  /** Those that the member may open. */
  List<Entry> entries() {
    Member reader = member;
    return reader == null
        ? List.of()
        : ENTRIES.stream().filter(entry -> may(entry.needs())).toList();
  }

  /** Whether the member may do what takes that. */
  boolean may(Access.Scope needed) {
    Member reader = member;
    return reader != null && reader.role().scope().compareTo(needed) >= 0;
  }

  boolean mayWrite() {
    return may(Access.Scope.WRITE);
  }

  boolean mayAdmin() {
    return may(Access.Scope.ADMIN);
  }

  /**
   * What was just done, and taking it back.
   *
   * @param undo the public name of the merge that it was; null: it was none
   */
  record Toast(String words, @Nullable String undo) {}
}
