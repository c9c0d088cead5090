package dev.selfsame.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.store.ReaderQuery.Column;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

final class RowPrinterTest {

  @Test
  void a_table_is_aligned_numbers_on_the_right_and_long_values_cut() {
    assertThat(
            print(
                TablePrinter::new,
                List.of(
                    new Column("name", "text"),
                    new Column("n", "int8"),
                    new Column("note", "text")),
                row("Ann", "7", "x".repeat(80)),
                row(null, "1234", "two\nlines\u001b[31m")))
        .isEqualTo(
            """
            name     n  note
            ----  ----  ------------------------------------------------------------
            Ann      7  xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…
                  1234  two lines [31m
            (2 rows)
            """);
  }

  @Test
  void a_table_goes_on_after_the_rows_that_it_looked_at() {
    StringWriter out = new StringWriter();
    TablePrinter printer = new TablePrinter(new PrintWriter(out));
    printer.columns(List.of(new Column("n", "text")));
    for (int i = 0; i < 1_500; i++) {
      printer.row(row(i < 1_000 ? "abc" : "abcdef"));
    }
    printer.end();
    assertThat(out.toString().lines())
        .hasSize(1_503)
        .contains("abc", "ab…", "(1500 rows)")
        .doesNotContain("abcdef");
  }

  @Test
  void csv_quotes_what_it_must_and_tells_null_from_empty() {
    assertThat(
            print(
                CsvPrinter::new,
                List.of(new Column("a", "text"), new Column("b,c", "text")),
                row("1,5", "say \"hi\""),
                row("two\nlines", ""),
                row(null, null)))
        .isEqualTo("a,\"b,c\"\r\n\"1,5\",\"say \"\"hi\"\"\"\r\n\"two\nlines\",\"\"\r\n,\r\n");
  }

  @Test
  void json_is_one_array_with_values_of_their_own_types() {
    String json =
        print(
            JsonPrinter::new,
            List.of(
                new Column("n", "int8"),
                new Column("x", "float8"),
                new Column("ok", "bool"),
                new Column("doc", "jsonb"),
                new Column("at", "timestamptz"),
                new Column("tags", "_text"),
                new Column("nums", "_int4"),
                new Column("n", "text")),
            row(
                "1",
                "NaN",
                "t",
                "{\"a\": [1]}",
                "2026-11-21 10:00:00.5+00",
                "{a,\"b \\\"c\\\", {d}\",NULL,\"NULL\",\"\"}",
                "{{1,2},{3,4}}",
                "\u0001\"\\\n"),
            row(null, "1.5", "f", "null", null, "{}", null, "ü😀"));
    assertThat(new JsonMapper().readTree(json))
        .isEqualTo(
            new JsonMapper()
                .readTree(
                    """
                    [{"n": 1, "x": "NaN", "ok": true, "doc": {"a": [1]}, "at": "2026-11-21T10:00:00.5Z",
                      "tags": ["a", "b \\"c\\", {d}", null, "NULL", ""], "nums": [[1, 2], [3, 4]], "n_2": "\\u0001\\"\\\\\\n"},
                     {"n": null, "x": 1.5, "ok": false, "doc": null, "at": null, "tags": [], "nums": null, "n_2": "ü😀"}]
                    """));
    assertThat(print(JsonPrinter::new, List.of(new Column("n", "int8")))).isEqualTo("[]\n");
  }

  private static @Nullable String[] row(@Nullable String... values) {
    return values;
  }

  private static String print(
      Function<PrintWriter, RowPrinter> kind, List<Column> columns, @Nullable String[]... rows) {
    StringWriter out = new StringWriter();
    RowPrinter printer = kind.apply(new PrintWriter(out));
    printer.columns(columns);
    for (@Nullable String[] row : rows) {
      printer.row(row);
    }
    printer.end();
    return out.toString();
  }
}
