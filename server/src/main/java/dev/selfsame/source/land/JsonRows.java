package dev.selfsame.source.land;

import dev.selfsame.error.Failure;
import java.io.Reader;
import java.io.StringWriter;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.exc.JacksonIOException;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.core.exc.UnexpectedEndOfInputException;
import tools.jackson.core.json.JsonFactory;

/**
 * The rows of a JSON file: objects one after the other, mostly one a line, or one array of them.
 * What is nested becomes columns of its own, {@code plan.id}; an array is its JSON text. Numbers
 * keep the text that they were written with.
 */
final class JsonRows implements Rows {

  private static final int DEEPEST = 100;
  private static final int LONGEST_NUMBER = 1_000;

  /** Of objects, those without any value too: what has none makes no column, and is remembered. */
  private static final int MOST_NAMES = 20_000;

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(DEEPEST)
                  .maxNumberLength(LONGEST_NUMBER)
                  .maxNameLength(1 << 16)
                  .maxStringLength(RowFailures.LONGEST_CELL)
                  .build())
          .build();

  /** A name in an object, and which columns its values make. */
  private static final class Key {
    /** Its names from the row's object down to it, with dots between. */
    private final String path;

    /** Of a table. */
    private final String column;

    private int position = -1;
    private final Map<String, Key> keys = new HashMap<>();

    Key(String path) {
      this.path = path;
      this.column = ColumnNames.of(path);
    }
  }

  private final String file;
  private final Set<String> whole;
  private final JsonParser parser;
  private final ColumnNames columns = new ColumnNames();
  private final Map<String, Key> keys = new HashMap<>();
  private int names;
  private boolean begun;
  private boolean inArray;
  private boolean ended;
  private FilePlace place;
  private @Nullable Cell[] cells = new Cell[0];
  private long length;

  /**
   * @param file what messages call it
   * @param whole columns, by their table's names, in which an object stays one value: its JSON text
   */
  JsonRows(String file, Reader text, Set<String> whole) {
    this.file = file;
    this.whole = whole;
    this.place = new FilePlace(file, "line", 1);
    this.parser = JSON.createParser(ObjectReadContext.empty(), text);
  }

  @Override
  public List<String> columns() {
    return columns.all();
  }

  @Override
  public @Nullable Row next() {
    if (ended) {
      return null;
    }
    try {
      JsonToken token = parser.nextToken();
      if (!begun && token == null) {
        throw RowFailures.file(file, "the file is empty; it should hold a JSON object a line.");
      }
      if (!begun && token == JsonToken.START_ARRAY) {
        inArray = true;
        token = parser.nextToken();
      }
      begun = true;
      if (token == null || (inArray && token == JsonToken.END_ARRAY)) {
        ended = true;
        if (inArray && parser.nextToken() != null) {
          throw RowFailures.file(
              here(),
              "something stands after the array; a file holds one array, or objects alone.");
        }
        return null;
      }
      place = here();
      if (token != JsonToken.START_OBJECT) {
        throw RowFailures.file(
            place, "a row must be a JSON object, and this is %s.".formatted(named(token)));
      }
      cells = new Cell[columns.size()];
      length = 0;
      object("", keys);
      var row = new Row(cells, place);
      if (length > RowFailures.LONGEST_ROW / 3) {
        RowFailures.checkLength(row);
      }
      return row;
    } catch (JacksonException e) {
      throw broken(e);
    }
  }

  /** The object whose first brace was read. */
  private void object(String path, Map<String, Key> keys) {
    for (String name = parser.nextName(); name != null; name = parser.nextName()) {
      Key key = keys.get(name);
      if (key == null) {
        key = new Key(path.isEmpty() ? name : path + "." + name);
        if (++names > MOST_NAMES) {
          throw RowFailures.limit(
              place, "the objects of the file have more than %,d names.".formatted(MOST_NAMES));
        }
        keys.put(name, key);
      }
      JsonToken token = parser.nextToken();
      if (token == JsonToken.START_OBJECT && !whole.contains(key.column)) {
        object(key.path, key.keys);
      } else if (token != JsonToken.VALUE_NULL) {
        value(key, token);
      }
    }
  }

  private void value(Key key, JsonToken token) {
    String text;
    Cell.Kind kind;
    switch (token) {
      case VALUE_STRING -> {
        text = parser.getString();
        kind = Cell.Kind.TEXT;
      }
      case VALUE_NUMBER_INT -> {
        text = parser.getString();
        kind = Cell.Kind.INTEGER;
      }
      case VALUE_NUMBER_FLOAT -> {
        text = parser.getString();
        kind = Cell.Kind.DECIMAL;
      }
      case VALUE_TRUE, VALUE_FALSE -> {
        text = token == JsonToken.VALUE_TRUE ? "true" : "false";
        kind = Cell.Kind.BOOLEAN;
      }
      default -> {
        text = text(key);
        kind = Cell.Kind.TEXT;
      }
    }
    if (key.position < 0) {
      key.position = columns.add(key.path, place);
    }
    if (text.isEmpty()) {
      return;
    }
    String flaw = kind == Cell.Kind.TEXT ? RowFailures.flaw(text) : null;
    if (flaw != null) {
      throw RowFailures.file(place, "the value of %s %s.".formatted(key.path, flaw));
    }
    if (RowFailures.longer(text, RowFailures.LONGEST_CELL)) {
      throw RowFailures.cellTooLong(place, key.path);
    }
    length += text.length();
    if (length > RowFailures.LONGEST_ROW) {
      RowFailures.checkLength(new Row(cells, place));
    }
    if (key.position >= cells.length) {
      cells = Arrays.copyOf(cells, Math.max(columns.size(), 16));
    }
    cells[key.position] = new Cell(kind, text);
  }

  /** The array or object whose beginning was read, as JSON text. */
  private String text(Key key) {
    var text = new StringWriter();
    long size = 0;
    try (JsonGenerator out = JSON.createGenerator(ObjectWriteContext.empty(), text)) {
      int depth = 0;
      for (JsonToken token = parser.currentToken(); ; token = parser.nextToken()) {
        String scalar = token.isScalarValue() ? parser.getString() : "";
        String flaw = RowFailures.flaw(scalar);
        if (flaw != null) {
          throw RowFailures.file(place, "a value in %s %s.".formatted(key.path, flaw));
        }
        if (token.isNumeric()) {
          // Copied, it would be written as a number is, and not as it was.
          out.writeNumber(scalar);
        } else {
          out.copyCurrentEvent(parser);
        }
        size += scalar.length() + 1;
        if (size > RowFailures.LONGEST_CELL) {
          throw RowFailures.cellTooLong(place, key.path);
        }
        depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
        if (depth == 0) {
          break;
        }
      }
    }
    return text.toString();
  }

  private FilePlace here() {
    return new FilePlace(file, "line", parser.currentTokenLocation().getLineNr());
  }

  private static String named(JsonToken token) {
    return switch (token) {
      case START_ARRAY -> "an array";
      case VALUE_STRING -> "a string";
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> "a number";
      case VALUE_TRUE, VALUE_FALSE -> "a boolean";
      case VALUE_NULL -> "null";
      default -> "something else";
    };
  }

  private Failure broken(JacksonException e) {
    return switch (e) {
      case JacksonIOException io ->
          RowFailures.unreadable(file, Objects.requireNonNull(io.getCause()));
      case UnexpectedEndOfInputException ignored ->
          RowFailures.file(
              place, "the file ends in the middle of what begins here; it may be cut short.");
      case StreamConstraintsException bound -> tooMuch(bound);
      case StreamReadException syntax ->
          RowFailures.file(
              "%s, line %d, character %d"
                  .formatted(
                      file, syntax.getLocation().getLineNr(), syntax.getLocation().getColumnNr()),
              "this cannot be read as JSON: %s.".formatted(syntax.getOriginalMessage()));
      default ->
          RowFailures.file(
              place, "this cannot be read as JSON: %s.".formatted(e.getOriginalMessage()));
    };
  }

  private Failure tooMuch(StreamConstraintsException e) {
    String message = e.getOriginalMessage();
    if (message.contains("MaxStringLength")) {
      return RowFailures.cellTooLong(place, String.valueOf(parser.currentName()));
    }
    return RowFailures.limit(
        place,
        message.contains("MaxNestingDepth")
            ? "objects and arrays are nested deeper than %d levels.".formatted(DEEPEST)
            : message.contains("MaxNumberLength")
                ? "a number is longer than %,d characters.".formatted(LONGEST_NUMBER)
                : message + ".");
  }

  @Override
  public long read() {
    return 0;
  }

  @Override
  public long size() {
    return 0;
  }

  @Override
  public void close() {
    parser.close();
  }
}
