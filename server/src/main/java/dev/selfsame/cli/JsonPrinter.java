package dev.selfsame.cli;

import dev.selfsame.store.ReaderQuery.Column;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One JSON array with an object per row, one row a line. Numbers, true and false, and JSON stand as
 * they are; times are ISO 8601; everything else is text. Of two columns with one name the second
 * gets a number.
 */
final class JsonPrinter implements RowPrinter {
  private final PrintWriter out;
  private List<Column> columns = List.of();
  private List<String> names = List.of();
  private boolean first = true;

  JsonPrinter(PrintWriter out) {
    this.out = out;
  }

  @Override
  public void columns(List<Column> found) {
    columns = found;
    Set<String> taken = new HashSet<>();
    names = new ArrayList<>();
    for (Column column : found) {
      String name = column.name();
      for (int i = 2; !taken.add(name); i++) {
        name = column.name() + "_" + i;
      }
      names.add(quoted(name));
    }
    out.print("[");
  }

  @Override
  public void row(@Nullable String[] values) {
    StringBuilder line = new StringBuilder(first ? "\n" : ",\n").append('{');
    for (int i = 0; i < values.length; i++) {
      line.append(i == 0 ? "" : ",")
          .append(names.get(i))
          .append(':')
          .append(value(values[i], columns.get(i).type()));
    }
    out.print(line.append('}'));
    first = false;
  }

  @Override
  public void end() {
    out.print(first ? "]\n" : "\n]\n");
    out.flush();
  }

  private static String value(@Nullable String value, String type) {
    if (value == null) {
      return "null";
    }
    return switch (type) {
      case "int2", "int4", "int8", "oid", "numeric", "float4", "float8" ->
          Character.isLetter(value.charAt(value.length() - 1)) ? quoted(value) : value;
      case "bool" -> value.equals("t") ? "true" : "false";
      case "json", "jsonb" -> value.replace("\n", " ");
      case "timestamptz" -> quoted(iso(value));
      case "timestamp" -> quoted(value.replace(' ', 'T'));
      default -> type.startsWith("_") ? array(value, type.substring(1)) : quoted(value);
    };
  }

  /** PostgreSQL writes 2026-11-21 10:00:00.5+00; the session's zone is UTC. */
  private static String iso(String value) {
    return value.endsWith("+00")
        ? value.substring(0, value.length() - 3).replace(' ', 'T') + "Z"
        : value;
  }

  /** {@code {a,"b c",NULL,{d}}} as JSON. */
  private static String array(String text, String type) {
    StringBuilder json = new StringBuilder();
    StringBuilder element = new StringBuilder();
    boolean quotes = false;
    boolean quoted = false;
    boolean pending = false;
    // Bounds that do not start at 1 are written before the braces.
    for (int i = Math.max(0, text.indexOf('{')); i < text.length(); i++) {
      char c = text.charAt(i);
      if (quotes) {
        if (c == '\\') {
          element.append(text.charAt(++i));
        } else if (c == '"') {
          quotes = false;
        } else {
          element.append(c);
        }
      } else if (c == '"') {
        quotes = true;
        quoted = true;
        pending = true;
      } else if (c == '{') {
        json.append('[');
      } else if (c == ',' || c == '}') {
        if (pending) {
          String one = element.toString();
          json.append(!quoted && one.equals("NULL") ? "null" : value(one, type));
          element.setLength(0);
          quoted = false;
          pending = false;
        }
        json.append(c == ',' ? ',' : ']');
      } else {
        element.append(c);
        pending = true;
      }
    }
    return json.toString();
  }

  private static String quoted(String text) {
    StringBuilder json = new StringBuilder(text.length() + 2).append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> json.append("\\\"");
        case '\\' -> json.append("\\\\");
        case '\n' -> json.append("\\n");
        case '\r' -> json.append("\\r");
        case '\t' -> json.append("\\t");
        default -> {
          if (c < ' ') {
            json.append("\\u%04x".formatted((int) c));
          } else {
            json.append(c);
          }
        }
      }
    }
    return json.append('"').toString();
  }
}
