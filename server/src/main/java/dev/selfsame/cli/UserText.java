package dev.selfsame.cli;

import dev.selfsame.store.FoundIdentifier;
import dev.selfsame.store.FoundUser;
import java.io.PrintWriter;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A user as the commands show it to a person. */
final class UserText {
  private UserText() {}

  static void print(PrintWriter out, FoundUser user, List<FoundIdentifier> identifiers) {
    out.println("User " + user.id());
    field(out, "external id", user.externalId());
    field(out, "email", user.email());
    field(out, "name", user.name());
    field(out, "billing id", user.billingId());
    out.println("  created " + user.createdAt() + ", updated " + user.updatedAt());
    out.println();
    out.println("  Found by");
    for (FoundIdentifier identifier : identifiers) {
      out.println(
          "    %s:%s%s  (%s, first seen %s, last %s)"
              .formatted(
                  identifier.type(),
                  plain(identifier.value()),
                  identifier.current() ? "" : "  former",
                  identifier.source(),
                  identifier.firstSeen(),
                  identifier.lastSeen()));
    }
    out.println();
  }

  private static void field(PrintWriter out, String name, @Nullable String value) {
    if (value != null) {
      out.println("  " + name + ": " + plain(value));
    }
  }

  /** Without what would move a terminal's cursor. */
  static String plain(String text) {
    return text.replaceAll("\\p{Cntrl}", " ");
  }
}
