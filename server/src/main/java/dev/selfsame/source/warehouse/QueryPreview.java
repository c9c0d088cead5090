package dev.selfsame.source.warehouse;

import dev.selfsame.connection.WarehouseRows;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a query answers first.
 *
 * @param rows by column; nulls are left out
 * @param incremental it names {@code $LAST_SYNC_TIMESTAMP}
 * @param millis how long the database took for them
 */
public record QueryPreview(
    List<Column> columns, List<ObjectNode> rows, boolean incremental, long millis) {

  /**
   * A column of the answer.
   *
   * @param type as its database calls it
   * @param looksLike {@code id}, {@code email}, {@code name}, {@code account}, {@code account_name}
   *     or {@code updated_at}; null: nobody can tell
   * @param sample its first value that is not null; null: there is none
   */
  public record Column(
      String name, String type, @Nullable String looksLike, @Nullable JsonNode sample) {}

  private static final Map<String, Pattern> NAMES =
      Map.of(
          "account_name",
          Pattern.compile("(account|company|organi[sz]ation|org|workspace|tenant)_?name"),
          "account",
          Pattern.compile(
              "(account|company|organi[sz]ation|org|workspace|tenant)s?(_?(external_?)?ids?)?"),
          "updated_at",
          Pattern.compile(".*(updated|modified|changed|synced|loaded)(_?(at|on|date|time))?"),
          "email",
          Pattern.compile("(.*_)?e_?mail(_?address)?"),
          "name",
          Pattern.compile("(full_?|display_?|user_?)?name"),
          "id",
          Pattern.compile("(user_?|external_?|customer_?|person_?|member_?)?(uu)?id"));

  /** The first that fits is it. */
  private static final List<String> ORDER =
      List.of("account_name", "account", "updated_at", "email", "name", "id");

  static QueryPreview of(
      List<WarehouseRows.Column> columns, List<ObjectNode> rows, boolean incremental, long millis) {
    return new QueryPreview(
        columns.stream()
            .map(column ->
                new Column(
                    column.name(),
                    column.type(),
                    looksLike(column.name(), rows),
                    values(column.name(), rows).findFirst().orElse(null)))
            .toList(),
        List.copyOf(rows),
        incremental,
        millis);
  }

  private static Stream<JsonNode> values(String column, List<ObjectNode> rows) {
    return rows.stream().filter(row -> row.has(column)).map(row -> row.get(column));
  }

  private static @Nullable String looksLike(String column, List<ObjectNode> rows) {
    List<JsonNode> values = values(column, rows).toList();
    boolean emails =
        !values.isEmpty()
            && values.stream().allMatch(value -> value.isString() && isEmail(value.asString()));
    if (emails) {
      return "email";
    }
    // userId and user_id alike.
    String name = column.replaceAll("([a-z])([A-Z])", "$1_$2").toLowerCase(Locale.ROOT);
    for (String kind : ORDER) {
      Pattern pattern = NAMES.get(kind);
      if (pattern != null && pattern.matcher(name).matches()) {
        return kind.equals("email") && !values.isEmpty() ? null : kind;
      }
    }
    return null;
  }

  private static boolean isEmail(String text) {
    int at = text.indexOf('@');
    return at > 0 && text.indexOf('.', at) > 0 && text.indexOf(' ') < 0;
  }
}
