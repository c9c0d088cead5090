package dev.selfsame.cli;

import dev.selfsame.ask.JsonValue;
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
      names.add(JsonValue.quoted(name));
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
          .append(JsonValue.of(values[i], columns.get(i).type()));
    }
    out.print(line.append('}'));
    first = false;
  }

  @Override
  public void end() {
    out.print(first ? "]\n" : "\n]\n");
    out.flush();
  }
}
