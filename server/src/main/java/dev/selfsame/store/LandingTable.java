package dev.selfsame.store;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * A table that rows of a tool land in, as it is now.
 *
 * @param tool also its schema, such as {@code zendesk}
 * @param name such as {@code users}
 * @param columns that rows can fill, in their order
 * @param computed columns that the table fills itself
 * @param people whether somebody said, when it was made, that its rows are people
 */
public record LandingTable(
    String tool,
    String name,
    Map<String, ColumnType> columns,
    Set<String> computed,
    boolean people) {

  /** No table may have more: a query on one that does helps nobody. */
  public static final int MOST_COLUMNS = 500;

  public LandingTable {
    columns = Collections.unmodifiableMap(new LinkedHashMap<>(columns));
    computed = Set.copyOf(computed);
  }

  @Override
  public String toString() {
    return tool + "." + name;
  }
}
