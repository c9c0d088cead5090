package dev.selfsame.access;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Who does something, and from where.
 *
 * @param by as the ledger names people: {@code token:NAME}, {@code cli:USER}, {@code program}
 * @param from the address that REST was called from, or the machine of the command line; null: not
 *     known
 */
public record Actor(String by, @Nullable String from) {

  /** What the program does by itself. */
  public static final Actor PROGRAM = new Actor("program", null);

  /** Says in what the ledger keeps of an act who did it. */
  public void note(Map<String, Object> payload) {
    payload.put("by", by);
    if (from != null) {
      payload.put("origin", from);
    }
  }
}
