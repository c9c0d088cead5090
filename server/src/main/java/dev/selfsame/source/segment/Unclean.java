package dev.selfsame.source.segment;

import dev.selfsame.resolution.Decision;
import java.util.Map;

/** Names the parts of a message that had to be repaired: the trait, or the field. */
final class Unclean {

  private static final int MOST = 20;
  private static final int LONGEST = 100;

  private Unclean() {}

  static void note(Message message, Map<String, String> warnings) throws JsonCursor.Malformed {
    note(new JsonCursor(message.in, message.whole.from, message.whole.to), "", warnings);
  }

  private static void note(JsonCursor cursor, String path, Map<String, String> warnings)
      throws JsonCursor.Malformed {
    cursor.open('{');
    for (boolean first = true; ; first = false) {
      cursor.unclean = false;
      if (!cursor.nextKey(first)) {
        return;
      }
      boolean key = cursor.unclean;
      String name = Repair.text(cursor.text());
      if (path.isEmpty() && name.equals("traits") && cursor.peek() == '{' && !key) {
        note(cursor, "traits.", warnings);
        continue;
      }
      cursor.unclean = false;
      cursor.skipValue();
      if ((cursor.unclean || key) && warnings.size() < MOST && !isId(path, name)) {
        String field = path + name;
        warnings.put(
            field.length() <= LONGEST ? field : field.substring(0, LONGEST),
            Decision.Warning.Kind.TEXT_REPAIRED.code());
      }
    }
  }

  /** Identifiers are not repaired: the rules say what becomes of them. */
  private static boolean isId(String path, String name) {
    return path.isEmpty()
        ? name.equals("userId") || name.equals("previousId") || name.equals("groupId")
        : name.equals("email") || name.equals("billingUserId") || name.equals("billingId");
  }
}
