package dev.selfsame.source.land;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which table rows are to land in, and which of their columns say what, where that is not told by
 * their names.
 *
 * @param tool such as {@code zendesk}
 * @param table such as {@code users}, as the store calls it
 * @param id the rows' column that becomes the table's {@code id}
 * @param email that which becomes the person's email
 * @param externalId that which holds our own id of the person
 * @param updatedAt that which says when the tool last changed the record
 */
public record LandingRequest(
    String tool,
    String table,
    @Nullable String id,
    @Nullable String email,
    @Nullable String externalId,
    @Nullable String updatedAt) {

  private static final Pattern NAME =
      Pattern.compile("([a-z][a-z0-9_]{0,39})\\.([a-z][a-z0-9_]{0,39})");

  /** Names that people know, of which the store has views. */
  private static final Map<String, String> CALLED =
      Map.of(
          "segment.users", "landed_users",
          "mailchimp.members", "list_members",
          "mailchimp.lists", "audiences");

  /** Rows whose columns are named as the table's. */
  public static LandingRequest into(String name) {
    return of(name, null, null, null, null);
  }

  /**
   * Reads a table's name.
   *
   * @throws Failure LANDING_NAME
   */
  public static LandingRequest of(
      String name,
      @Nullable String id,
      @Nullable String email,
      @Nullable String externalId,
      @Nullable String updatedAt) {
    var matched = NAME.matcher(name);
    if (!matched.matches()) {
      throw new Failure(
          Problem.LANDING_NAME,
          "%s is no name of a table: give TOOL.TABLE, such as zendesk.users, each in small letters, digits and underscores, with a letter first and at most 40"
              .formatted(name.isBlank() ? "An empty text" : "\"" + name + "\""));
    }
    return new LandingRequest(
        matched.group(1),
        CALLED.getOrDefault(name, matched.group(2)),
        id,
        email,
        externalId,
        updatedAt);
  }

  /** As people call the table. */
  public String name() {
    return switch (tool + "." + table) {
      case "segment.landed_users" -> "segment.users";
      case "mailchimp.list_members" -> "mailchimp.members";
      case "mailchimp.audiences" -> "mailchimp.lists";
      default -> tool + "." + table;
    };
  }

  /** Whether it says that the rows are people. */
  boolean people() {
    return email != null || externalId != null;
  }
}
