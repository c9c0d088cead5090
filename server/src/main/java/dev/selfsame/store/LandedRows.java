package dev.selfsame.store;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Writes rows of the tools into their landing tables, as they came. */
public final class LandedRows {

  private LandedRows() {}

  /**
   * Writes the rows in one transaction: new ones are added, of known ones the columns that are
   * given are replaced. Of several with the same id the last counts.
   *
   * @param schema the tool's, such as {@code zendesk}
   * @param table such as {@code users}
   * @param rows by column; each has an {@code id}
   * @throws Failure {@code INVALID_PARAMETER} for a table or column that there is not, or a row
   *     without id
   */
  public static void upsert(Database database, String schema, String table, List<ObjectNode> rows) {
    Map<String, ObjectNode> byId = new LinkedHashMap<>();
    Set<String> given = new LinkedHashSet<>();
    for (ObjectNode row : rows) {
      if (!row.path("id").isValueNode() || row.path("id").isNull()) {
        throw new Failure(
            Problem.INVALID_PARAMETER,
            "A row of %s.%s has no id: each needs one".formatted(schema, table));
      }
      byId.put(row.get("id").asString(), row);
      given.addAll(row.propertyNames());
    }
    if (byId.isEmpty()) {
      return;
    }
    ArrayNode json = Json.MAPPER.createArrayNode();
    byId.values().forEach(json::add);
    database.write(handle -> {
      check(handle, schema, table, given);
      handle.createUpdate(statement(schema, table, given)).bind("rows", json.toString()).execute();
      return true;
    });
  }

  private static void check(Handle handle, String schema, String table, Set<String> given) {
    List<String> known =
        handle
            .createQuery(
                """
                SELECT a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
                JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE n.nspname = :schema AND c.relname = :table AND c.relkind = 'r'
                  AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
                """)
            .bind("schema", schema)
            .bind("table", table)
            .mapTo(String.class)
            .list();
    if (known.isEmpty() || !ReaderRole.LANDING.contains(schema)) {
      throw new Failure(
          Problem.INVALID_PARAMETER, "There is no landing table %s.%s".formatted(schema, table));
    }
    List<String> unknown = new ArrayList<>(given);
    unknown.removeAll(known);
    if (!unknown.isEmpty()) {
      throw new Failure(
          Problem.INVALID_PARAMETER,
          "%s.%s has no column %s".formatted(schema, table, String.join(", ", unknown)));
    }
  }

  /** Names are known ones by now. */
  private static String statement(String schema, String table, Set<String> columns) {
    String list = columns.stream().map(LandedRows::quoted).collect(Collectors.joining(", "));
    String set =
        columns.stream()
            .filter(column -> !column.equals("id"))
            .map(column -> ", %1$s = excluded.%1$s".formatted(quoted(column)))
            .collect(Collectors.joining());
    return """
    INSERT INTO %1$s.%2$s (%3$s)
    SELECT %3$s FROM jsonb_populate_recordset(NULL::%1$s.%2$s, :rows::jsonb)
    ON CONFLICT (id) DO UPDATE SET received_at = now()%4$s
    """
        .formatted(quoted(schema), quoted(table), list, set);
  }

  private static String quoted(String name) {
    return '"' + name + '"';
  }
}
