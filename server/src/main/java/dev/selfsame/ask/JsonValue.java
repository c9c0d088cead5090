package dev.selfsame.ask;

import org.jspecify.annotations.Nullable;

/**
 * A value of a result as JSON: numbers, true and false, arrays and JSON stand as they are; times
 * are ISO 8601; everything else is text.
 */
public final class JsonValue {

  private JsonValue() {}

  /**
   * As JSON.
   *
   * @param value as PostgreSQL writes it, in UTC; null for NULL
   * @param type PostgreSQL's name of its type
   */
  public static String of(@Nullable String value, String type) {
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
          json.append(!quoted && one.equals("NULL") ? "null" : of(one, type));
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

  public static String quoted(String text) {
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
