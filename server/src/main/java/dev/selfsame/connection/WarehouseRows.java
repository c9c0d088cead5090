package dev.selfsame.connection;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.Array;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Struct;
import java.sql.Types;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The rows of a query, one after the other, and never more than some of them in memory. Each is a
 * JSON object by column: numbers with every digit, times as ISO-8601 in UTC, arrays as arrays; a
 * column that is null is left out.
 */
public final class WarehouseRows implements AutoCloseable {

  /** In characters; what is longer is cut off the preview and refuses a run. */
  private static final int LONGEST_VALUE = 1 << 20;

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  /**
   * A column.
   *
   * @param type as its database calls it
   */
  public record Column(String name, String type) {}

  /** How a column's values are taken from the driver. */
  private enum Form {
    TEXT,
    BOOLEAN,
    INTEGER,
    DECIMAL,
    FLOATING,
    TIME,
    TIME_WITH_ZONE,
    ARRAY,
    JSON,
    STRUCT,
    /** Bytes: nothing here can be made of them. */
    NONE
  }

  private final PreparedStatement reading;
  private final Failures failures;
  private final ResultSet rows;
  private final List<Column> columns = new ArrayList<>();
  private final List<Form> forms = new ArrayList<>();
  private final long began = System.nanoTime();
  private long row;

  WarehouseRows(PreparedStatement reading, Failures failures) throws SQLException {
    this.reading = reading;
    this.failures = failures;
    rows = reading.getResultSet();
    ResultSetMetaData meta = rows.getMetaData();
    Set<String> names = new HashSet<>();
    for (int i = 1; i <= meta.getColumnCount(); i++) {
      String name = meta.getColumnLabel(i);
      String type = meta.getColumnTypeName(i);
      if (!names.add(name)) {
        throw new Failure(
            Problem.WAREHOUSE_QUERY,
            "Two columns of the answer are called %s. Give one another name: AS other_name."
                .formatted(name));
      }
      columns.add(new Column(name, type));
      forms.add(form(meta.getColumnType(i), type.toLowerCase(Locale.ROOT)));
    }
  }

  private static Form form(int type, String name) {
    if (name.equals("json") || name.equals("jsonb")) {
      return Form.JSON;
    }
    return switch (type) {
      case Types.BINARY, Types.VARBINARY, Types.LONGVARBINARY, Types.BLOB -> Form.NONE;
      case Types.BIT, Types.BOOLEAN ->
          name.equals("bit") || name.equals("varbit") ? Form.TEXT : Form.BOOLEAN;
      case Types.TINYINT, Types.SMALLINT, Types.INTEGER, Types.BIGINT -> Form.INTEGER;
      case Types.DECIMAL, Types.NUMERIC -> Form.DECIMAL;
      case Types.FLOAT, Types.REAL, Types.DOUBLE -> Form.FLOATING;
      case Types.TIMESTAMP -> name.equals("timestamptz") ? Form.TIME_WITH_ZONE : Form.TIME;
      case Types.TIMESTAMP_WITH_TIMEZONE -> Form.TIME_WITH_ZONE;
      case Types.ARRAY -> Form.ARRAY;
      case Types.STRUCT -> Form.STRUCT;
      default -> name.endsWith("[]") ? Form.ARRAY : Form.TEXT;
    };
  }

  public List<Column> columns() {
    return List.copyOf(columns);
  }

  /** The next row; null after the last. */
  public @Nullable ObjectNode next() {
    try {
      if (!rows.next()) {
        return null;
      }
      row++;
      ObjectNode next = NODES.objectNode();
      for (int i = 0; i < forms.size(); i++) {
        JsonNode value = value(i + 1, forms.get(i));
        if (value != null) {
          next.set(columns.get(i).name(), value);
        }
      }
      return next;
    } catch (SQLException e) {
      throw failures.asking(e, row, Duration.ofNanos(System.nanoTime() - began));
    }
  }

  private @Nullable JsonNode value(int at, Form form) throws SQLException {
    return switch (form) {
      case NONE -> null;
      case TIME -> {
        LocalDateTime time = rows.getObject(at, LocalDateTime.class);
        yield time == null || time.equals(LocalDateTime.MAX) || time.equals(LocalDateTime.MIN)
            ? null
            : NODES.stringNode(time.toInstant(ZoneOffset.UTC).toString());
      }
      case TIME_WITH_ZONE -> {
        OffsetDateTime time = rows.getObject(at, OffsetDateTime.class);
        yield time == null || time.equals(OffsetDateTime.MAX) || time.equals(OffsetDateTime.MIN)
            ? null
            : NODES.stringNode(time.toInstant().toString());
      }
      case ARRAY -> {
        Array array = rows.getArray(at);
        yield array == null ? null : of(array);
      }
      case STRUCT -> {
        Object struct = rows.getObject(at);
        yield struct == null ? null : of(struct);
      }
      case TEXT, BOOLEAN, INTEGER, DECIMAL, FLOATING, JSON -> {
        String text = rows.getString(at);
        if (text != null && text.length() > LONGEST_VALUE) {
          throw new Failure(
              Problem.WAREHOUSE_QUERY,
              "Row %d: the value of %s is longer than 1 MiB. Leave the column out, or shorten it."
                  .formatted(row, columns.get(at - 1).name()));
        }
        yield text == null ? null : of(form, text);
      }
    };
  }

  private static @Nullable JsonNode of(Form form, String text) {
    return switch (form) {
      case BOOLEAN ->
          switch (text.toLowerCase(Locale.ROOT)) {
            case "1", "t", "true" -> NODES.booleanNode(true);
            case "0", "f", "false" -> NODES.booleanNode(false);
            // MySQL's TINYINT(1) holds other numbers too.
            default -> number(text);
          };
      case INTEGER, DECIMAL, FLOATING -> number(text);
      case JSON -> json(text);
      default -> NODES.stringNode(text);
    };
  }

  /** What is no number, such as NaN, is no value. */
  private static @Nullable JsonNode number(String text) {
    try {
      BigDecimal number = new BigDecimal(text);
      return number.scale() <= 0 && Math.abs((long) number.scale()) < 100
          ? NODES.numberNode(number.toBigIntegerExact())
          : NODES.numberNode(number);
    } catch (NumberFormatException e) {
      return null;
    }
  }

  private static JsonNode json(String text) {
    try {
      return JSON.readTree(text);
    } catch (JacksonException e) {
      return NODES.stringNode(text);
    }
  }

  private static JsonNode of(Array array) throws SQLException {
    ArrayNode values = NODES.arrayNode();
    if (array.getArray() instanceof Object[] elements) {
      for (Object element : elements) {
        values.add(of(element));
      }
    }
    return values;
  }

  private static JsonNode of(@Nullable Object value) throws SQLException {
    return switch (value) {
      case null -> NODES.nullNode();
      case Boolean truth -> NODES.booleanNode(truth);
      case BigDecimal number -> NODES.numberNode(number);
      case BigInteger number -> NODES.numberNode(number);
      case Float number -> NODES.numberNode(number);
      case Double number -> NODES.numberNode(number);
      case Number number -> NODES.numberNode(number.longValue());
      case Array array -> of(array);
      case Struct struct -> {
        ArrayNode values = NODES.arrayNode();
        for (Object attribute : struct.getAttributes()) {
          values.add(of(attribute));
        }
        yield values;
      }
      default -> NODES.stringNode(value.toString());
    };
  }

  @Override
  public void close() {
    try {
      rows.close();
      reading.close();
    } catch (SQLException e) {
      // The connection goes too.
      return;
    }
  }
}
