package dev.selfsame.store;

import dev.selfsame.store.PartColumns.Column;
import dev.selfsame.store.PartColumns.Group;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Parts whose rows change in the same groups of columns: one statement updates them all. */
final class PartUpdates {

  private final Set<Group> groups;
  private final boolean landing;
  private final List<Column> columns = new ArrayList<>();
  private final List<ArrayParameter> parameters = new ArrayList<>();
  private final int space;
  private final int count;
  private int added;

  /**
   * @param landing whether traits land on them
   * @param count how many parts will be added
   */
  PartUpdates(Set<Group> groups, boolean landing, int space, int count) {
    this.groups = groups;
    this.landing = landing;
    this.space = space;
    this.count = count;
    parameter(BinaryValues.Type.INT2);
    parameter(BinaryValues.Type.UUID);
    parameter(BinaryValues.Type.INT8);
    for (Group group : groups) {
      for (Column column : group.columns()) {
        columns.add(column);
        parameter(column.type());
      }
    }
    if (landing) {
      parameter(BinaryValues.Type.JSONB);
      parameter(BinaryValues.Type.JSONB);
      parameter(BinaryValues.Type.INT8);
    }
  }

  private void parameter(BinaryValues.Type type) {
    parameters.add(new ArrayParameter(type, count));
  }

  /**
   * @param updatedAt null: nothing that people see of it changed
   */
  void add(PartColumns.Row row, @Nullable Long updatedAt, Batch.@Nullable Landing traits) {
    added++;
    Iterator<ArrayParameter> values = parameters.iterator();
    values.next().addInt2(space);
    values.next().add(row.stored().id());
    values.next().add(updatedAt);
    for (Group group : groups) {
      group.write(row, values::next);
    }
    if (landing) {
      values.next().addJsonb(traits == null ? null : traits.under());
      values.next().addJsonb(traits == null ? null : traits.over());
      values.next().add(row.stored().landedAtOrNull());
    }
  }

  void run(Connection connection) throws SQLException {
    String sql = sql();
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      int at = 1;
      for (ArrayParameter parameter : parameters) {
        statement.setObject(at++, parameter.bound());
      }
      BatchWriter.expect("UPDATE selfsame.part", added, statement.executeUpdate());
    }
  }

  /**
   * The space comes with each row, though it is always the same: compared with a constant, a table
   * that was empty when the plan was made looks cheaper to read whole, for each batch anew.
   */
  String sql() {
    StringBuilder set = new StringBuilder("updated_at = coalesce(v.updated_at, p.updated_at)");
    StringBuilder arrays = new StringBuilder("?::int2[], ?::uuid[], ?::int8[]");
    StringBuilder names = new StringBuilder("space, id, updated_at");
    for (Column column : columns) {
      set.append(", ").append(column.name()).append(" = v.").append(column.name());
      arrays.append(", ?::").append(ArrayParameter.sqlType(column.type()));
      names.append(", ").append(column.name());
    }
    if (landing) {
      set.append(
          ", traits = CASE WHEN v.under IS NULL AND v.over IS NULL THEN p.traits ELSE"
              + " coalesce(v.under, '{}') || coalesce(p.traits, '{}') || coalesce(v.over, '{}')"
              + " END, landed_at = v.landed_at");
      arrays.append(", ?::jsonb[], ?::jsonb[], ?::int8[]");
      names.append(", under, over, landed_at");
    }
    return "UPDATE selfsame.part AS p SET %s FROM unnest(%s) AS v (%s) WHERE p.space = v.space AND p.id = v.id"
        .formatted(set, arrays, names);
  }
}
