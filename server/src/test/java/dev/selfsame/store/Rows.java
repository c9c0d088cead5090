package dev.selfsame.store;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Gathers a query's result: each row as its values joined by a bar. */
final class Rows implements ReaderQuery.Sink {
  final List<String> columns = new ArrayList<>();
  final List<String> rows = new ArrayList<>();

  @Override
  public void columns(List<ReaderQuery.Column> found) {
    for (ReaderQuery.Column column : found) {
      columns.add(column.name() + " " + column.type());
    }
  }

  @Override
  public void row(@Nullable String[] values) {
    rows.add(String.join("|", values));
  }
}
