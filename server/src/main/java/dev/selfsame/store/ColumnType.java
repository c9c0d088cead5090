package dev.selfsame.store;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** What a column of a landing table can be. Ids are always text. */
public enum ColumnType {
  TEXT("character varying"),
  BOOLEAN("boolean"),
  INTEGER("bigint"),
  DECIMAL("double precision"),
  TIME("timestamp with time zone");

  private final String sql;

  ColumnType(String sql) {
    this.sql = sql;
  }

  /** As PostgreSQL names it. */
  public String sql() {
    return sql;
  }

  /** The type that PostgreSQL names so; null where the product makes no such column. */
  static @Nullable ColumnType of(String sql) {
    return Arrays.stream(values()).filter(type -> type.sql.equals(sql)).findFirst().orElse(null);
  }
}
