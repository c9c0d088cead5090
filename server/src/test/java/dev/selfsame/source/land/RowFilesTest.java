package dev.selfsame.source.land;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files of rows: as tools export them, and broken in every way. */
final class RowFilesTest {

  private static final Set<String> WHOLE = Set.of("address", "plan_terms");

  @TempDir private Path directory;

  // ---- CSV ----

  @ParameterizedTest
  @ValueSource(
      strings = {
        "id,Name\n1,Zoë\n",
        "id;Name\r\n1;Zoë\r\n",
        "id\tName\r1\tZoë",
        "id|Name\n1|Zoë",
        "\"id\",\"Name\"\n\n\"1\",\"Zoë\"\n\n",
        "\n\n id , Name \n1,Zoë\n",
        "id,\"Name\"\n1,Zoë",
      })
  void separators_line_ends_and_marks_of_csv_are_found_out(String text) throws IOException {
    assertThat(read("x.csv", text.getBytes(UTF_8))).containsExactly("id=U:1 Name=U:Zoë");
    assertThat(read("x.csv", ("\uFEFF" + text).getBytes(UTF_8)))
        .containsExactly("id=U:1 Name=U:Zoë");
    assertThat(read("x.txt", ("\uFEFF" + text).getBytes(UTF_16LE)))
        .containsExactly("id=U:1 Name=U:Zoë");
    assertThat(read("x.tsv.gz", gzip(("\uFEFF" + text).getBytes(UTF_16BE))))
        .containsExactly("id=U:1 Name=U:Zoë");
  }

  @Test
  void cells_of_csv_stay_as_they_are_and_an_empty_one_is_no_value() throws IOException {
    assertThat(
            read(
                "x.csv",
                "a,b,c\n\"x,\n\"\"y\"\"\", 007 ,\n\"\",,\"1,5\"\n\"\",,\n".getBytes(UTF_8)))
        .containsExactly("a=U:x,\n\"y\" b=U: 007 ", "c=U:1,5", "");
  }

  @Test
  void a_header_alone_is_a_file_without_rows() throws IOException {
    try (Rows rows = open("x.csv", "a,b".getBytes(UTF_8))) {
      assertThat(rows.columns()).containsExactly("a", "b");
      assertThat(rows.next()).isNull();
      assertThat(rows.next()).isNull();
    }
  }

  @Test
  void a_row_knows_the_line_it_begins_in() throws IOException {
    for (String end : List.of("\n", "\r\n", "\r")) {
      String text = String.join(end, "a,b", "1,\"x", "y\"", "", "2,z", "");
      assertThat(places("x.csv", text.getBytes(UTF_8)))
          .containsExactly("x.csv, line 2", "x.csv, line 5");
    }
    assertThat(places("x.jsonl", "{\"a\":1}\n\n{\n\"a\":2}\r\n{\"a\":3}".getBytes(UTF_8)))
        .containsExactly("x.jsonl, line 1", "x.jsonl, line 3", "x.jsonl, line 5");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          ``                          | LANDING_FILE   | : the file is empty.
          \\n\\n                      | LANDING_FILE   | : the file is empty; its first line should name columns.
          ,,                          | LANDING_COLUMN | , line 1: the header has no names.
          a,,c                        | LANDING_COLUMN | , line 1, column 2: a column has no name. Name it, or take it out.
          a,b, a                      | LANDING_COLUMN | , line 1, column 3: two columns are called "a". Rename one of them.
          userId,x,User-Id            | LANDING_COLUMN | , line 1, column 3: "userId" and "User-Id" would both become the column user_id. Rename one of them.
          a,имя                       | LANDING_COLUMN | , line 1, column 2: of the column's name "имя" no letter or digit
          a,b\\n1,2\\n3               | LANDING_FILE   | , line 3: the row has 1 cells, and the header 2.
          a,b\\n1,2\\n3,4,5,6         | LANDING_FILE   | , line 3: the row has 4 cells, and the header 2.
          a\\n1/2\\n3,4               | LANDING_FILE   | , line 3: the row has 2 cells, and the header 1. (Cells are separated
          a,b\\n1,2\\n3,"4\\n5,6\\n   | LANDING_FILE   | , line 3, column 2 (b): a quote is opened and never closed; the file may be cut short.
          a,b\\n1,2\\n"3"x,4          | LANDING_FILE   | , line 3, column 1 (a): something stands between a closing quote and the next separator.
          a,"b\\n1,2                  | LANDING_FILE   | , line 1, column 2: a quote is opened and never closed; the file may be cut short.
          a,b\\n1,x\\0y               | LANDING_FILE   | , line 2, character 4: holds a NUL. Save the file in UTF-8 and try again.
          a,b\\r\\n1,2\\r\\n3,\\0     | LANDING_FILE   | , line 3, character 3: holds a NUL.
          """)
  void broken_csv_is_refused_with_its_place(String text, String problem, String says) {
    refused("x.csv", bytes(text), Problem.valueOf(problem), "x.csv" + says);
    if (!text.isEmpty()) {
      refused("x.csv.gz", gzip(bytes(text)), Problem.valueOf(problem), "x.csv.gz" + says);
    }
  }

  @Test
  void bytes_that_are_no_text_are_refused_with_their_place() {
    refused(
        "x.csv",
        "a,b\n1,Zo\u00eb\n".getBytes(ISO_8859_1),
        Problem.LANDING_FILE,
        "x.csv, line 2, character 5: is no text in UTF-8. Save the file in UTF-8 and try again.");
    refused(
        "x.jsonl",
        "{\"a\":1}\n{\"a\":\"Zo\u00eb\"}\n".getBytes(ISO_8859_1),
        Problem.LANDING_FILE,
        "x.jsonl, line 2, character 9: is no text in UTF-8.");
    byte[] cut = "a,b\n1,Zo\u00eb".getBytes(UTF_8);
    refused(
        "x.csv",
        Arrays.copyOf(cut, cut.length - 1),
        Problem.LANDING_FILE,
        "x.csv, line 2, character 5: is no text in UTF-8.");
  }

  @Test
  void bounds_of_csv_are_kept() throws IOException {
    String longest = "x".repeat(1 << 20);
    assertThat(read("x.csv", ("a,b\n1," + longest + "\n").getBytes(UTF_8))).hasSize(1);
    String quotes = "\"".repeat(2 << 20);
    assertThat(read("x.csv", ("a,b\n1,\"" + quotes + "\"\n").getBytes(UTF_8))).hasSize(1);
    String says = "x.csv, line 3: the value of b is longer than 1 MiB.";
    refused("x.csv", ("a,b\n1,2\n1,x" + longest).getBytes(UTF_8), Problem.LANDING_LIMIT, says);
    refused(
        "x.csv",
        ("a,b\n1,2\n1," + "ü".repeat(1 + (1 << 19))).getBytes(UTF_8),
        Problem.LANDING_LIMIT,
        says);
    refused(
        "x.csv",
        ("a,b\n1,2\n1,\"" + longest.repeat(6)).getBytes(UTF_8),
        Problem.LANDING_LIMIT,
        "x.csv, line 3: the value of column 2 (b), or the text after a quote in it, is longer than"
            + " 1 MiB.");
    String names =
        IntStream.rangeClosed(1, 17).mapToObj(i -> "c" + i).collect(Collectors.joining(","));
    refused(
        "x.csv",
        (names + "\n" + String.join(",", Collections.nCopies(17, longest))).getBytes(UTF_8),
        Problem.LANDING_LIMIT,
        "x.csv, line 2: the values of this row are longer than 16 MiB together.");
    assertThat(read("x.csv", (columns(500) + "\n").getBytes(UTF_8))).isEmpty();
    refused(
        "x.csv",
        (columns(502) + "\n").getBytes(UTF_8),
        Problem.LANDING_LIMIT,
        "x.csv, line 1, column 501: \"c501\" would be column 501; at most 500 are read.");
  }

  private static String columns(int count) {
    return IntStream.rangeClosed(1, count).mapToObj(i -> "c" + i).collect(Collectors.joining(","));
  }

  // ---- JSON ----

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {"id": 1, "b": "x"}                                     | id=I:1 b=T:x
          {"id": 9007199254740993, "n": 1.10, "e": 1E400, "z":-0} | id=I:9007199254740993 n=D:1.10 e=D:1E400 z=I:-0
          {"a": true, "b": false, "c": null, "d": ""}             | a=B:true b=B:false
          {"plan": {"id": "p", "of": {"x": 1}}, "z": 2}           | plan.id=T:p plan.of.x=I:1 z=I:2
          {"tags": ["a", 1.50, {"b": [null, true]}]}              | tags=T:["a",1.50,{"b":[null,true]}]
          {"Address": {"city": "Bonn", "n": 1.0}}                 | Address=T:{"city":"Bonn","n":1.0}
          {"plan": {"terms": {"a": {"b": 10000000000000000000}}}} | plan.terms=T:{"a":{"b":10000000000000000000}}
          {"a": {}, "b": [], "c": {"d": {}}}                      | b=T:[]
          {"s": "\\u00e4\\ud83d\\ude00\\n"}                       | s=T:ä😀\\n
          {}                                                      | ``
          """)
  void values_of_json_keep_their_kind_and_text(String object, String row) throws IOException {
    String expected = row.replace("\\n", "\n");
    assertThat(read("x.jsonl", object.getBytes(UTF_8))).containsExactly(expected);
    assertThat(read("x.json", (" [" + object + ",\n" + object + "]\n").getBytes(UTF_8)))
        .containsExactly(expected, expected);
    assertThat(read("x.ndjson.gz", gzip((object + "\n" + object + "\n").getBytes(UTF_8))))
        .containsExactly(expected, expected);
  }

  @Test
  void later_rows_of_json_may_bring_columns() throws IOException {
    byte[] file =
        "{\"a\":1}\n{\"plan\":\"x\",\"a\":2}\n{\"plan\":{\"id\":3}}\n{\"b\":4,\"a\":5}"
            .getBytes(UTF_8);
    try (Rows rows = open("x.jsonl", file)) {
      assertThat(said(rows))
          .containsExactly("a=I:1", "a=I:2 plan=T:x", "plan.id=I:3", "a=I:5 b=I:4");
      assertThat(rows.columns()).containsExactly("a", "plan", "plan.id", "b");
    }
    assertThat(read("x.json", "[]".getBytes(UTF_8))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          \\n \\n                          | LANDING_FILE   | : the file is empty; it should hold a JSON object a line.
          {"a":1}\\n{"a":                  | LANDING_FILE   | , line 2: the file ends in the middle of what begins here; it may be cut short.
          {"a":1}\\n{"a":{"b":[1           | LANDING_FILE   | , line 2: the file ends in the middle of what begins here; it may be cut short.
          {"a":1}\\n{"a":"x                | LANDING_FILE   | , line 2: the file ends in the middle of what begins here; it may be cut short.
          [{"a":1},\\n{"a":2}              | LANDING_FILE   | , line 2: the file ends in the middle of what begins here; it may be cut short.
          [{"a":1}]\\n{"a":2}              | LANDING_FILE   | , line 2: something stands after the array; a file holds one array, or objects alone.
          {"a":1}\\n[{"a":2}]              | LANDING_FILE   | , line 2: a row must be a JSON object, and this is an array.
          {"a":1}\\n12                     | LANDING_FILE   | , line 2: a row must be a JSON object, and this is a number.
          [{"a":1}, null]                  | LANDING_FILE   | , line 1: a row must be a JSON object, and this is null.
          {"a":1}\\n{"a":1,}               | LANDING_FILE   | , line 2, character 8: this cannot be read as JSON: Unexpected character ('}' (code 125)): was expecting double-quote
          {"a":1}\\n{a:1}                  | LANDING_FILE   | , line 2, character 2: this cannot be read as JSON: Unexpected character
          {"a":1}\\nid,name                | LANDING_FILE   | , line 2, character 1: this cannot be read as JSON: Unrecognized token 'id'
          {"a":01}                         | LANDING_FILE   | , line 1, character 7: this cannot be read as JSON: Invalid numeric value: Leading zeroes not allowed
          {"a":NaN}                        | LANDING_FILE   | , line 1, character
          {"a":1,"b":2,"a":3}              | LANDING_FILE   | , line 1, character 17: this cannot be read as JSON: Duplicate Object property "a"
          {"b":{"c":1,"c":2}}              | LANDING_FILE   | , line 1, character 16: this cannot be read as JSON: Duplicate Object property "c"
          {"address":{"c":1,"c":2}}        | LANDING_FILE   | , line 1, character 22: this cannot be read as JSON: Duplicate Object property "c"
          {"a":"x\\u0000"}                 | LANDING_FILE   | , line 1: the value of a holds a NUL.
          {"a":["x\\u0000"]}               | LANDING_FILE   | , line 1: a value in a holds a NUL.
          {"a":{"b":"\\ud800x"}}           | LANDING_FILE   | , line 1: the value of a.b holds half of a surrogate pair.
          {"a":"x\\0y"}                    | LANDING_FILE   | , line 1, character 8: holds a NUL.
          {"userId":1}\\n{"User ID":1}     | LANDING_COLUMN | , line 2: "userId" and "User ID" would both become the column user_id. Rename one of them.
          {"a_b":1,"a":{"b":1}}            | LANDING_COLUMN | , line 1: "a_b" and "a.b" would both become the column a_b. Rename one of them.
          {"a.b":1,"a":{"b":1}}            | LANDING_COLUMN | , line 1: two columns are called "a.b". Rename one of them.
          {"":1}                           | LANDING_COLUMN | , line 1: a column has no name.
          """)
  void broken_json_is_refused_with_its_place(String text, String problem, String says) {
    refused("x.jsonl", bytes(text), Problem.valueOf(problem), "x.jsonl" + says);
  }

  @Test
  void bounds_of_json_are_kept() throws IOException {
    String longest = "x".repeat(1 << 20);
    String begin = "{\"a\":1}\n{\"b\":";
    assertThat(read("x.jsonl", ("{\"a\":\"" + longest + "\"}").getBytes(UTF_8))).hasSize(1);
    String says = "x.jsonl, line 2: the value of b is longer than 1 MiB.";
    for (String value :
        List.of(
            "\"x" + longest + "\"",
            "\"" + "ü".repeat(1 + (1 << 19)) + "\"",
            "[\"" + longest + "\",1]",
            "[" + "1,".repeat(1 << 20) + "1]")) {
      refused("x.jsonl", (begin + value + "}").getBytes(UTF_8), Problem.LANDING_LIMIT, says);
    }
    String many =
        IntStream.rangeClosed(1, 17)
            .mapToObj(i -> "\"c%d\":\"%s\"".formatted(i, longest))
            .collect(Collectors.joining(",", "{", "}"));
    refused(
        "x.jsonl",
        many.getBytes(UTF_8),
        Problem.LANDING_LIMIT,
        "x.jsonl, line 1: the values of this row are longer than 16 MiB together.");
    String wide =
        IntStream.rangeClosed(1, 501)
            .mapToObj(i -> "\"c%d\":%d".formatted(i, i))
            .collect(Collectors.joining(",", "{", "}"));
    refused(
        "x.jsonl",
        wide.getBytes(UTF_8),
        Problem.LANDING_LIMIT,
        "x.jsonl, line 1: \"c501\" would be column 501; at most 500 are read.");
    refused(
        "x.jsonl",
        (begin + "[".repeat(200) + "]".repeat(200) + "}").getBytes(UTF_8),
        Problem.LANDING_LIMIT,
        "x.jsonl, line 2: objects and arrays are nested deeper than 100 levels.");
    refused(
        "x.jsonl",
        (begin + "1".repeat(1_001) + "}").getBytes(UTF_8),
        Problem.LANDING_LIMIT,
        "x.jsonl, line 2: a number is longer than 1,000 characters.");
  }

  // ---- Files ----

  @Test
  void files_and_directories_are_read_one_after_the_other() throws IOException {
    write("first.csv", "id,Name\n1,a\n".getBytes(UTF_8));
    Path exported = Files.createDirectory(directory.resolve("exported"));
    write("exported/2.jsonl", "{\"name\":\"c\",\"plan\":{\"id\":7},\"ID\":3}".getBytes(UTF_8));
    write("exported/1.csv.gz", gzip("name;e-mail\nb;b@x.org\n".getBytes(UTF_8)));
    write("exported/.hidden.csv", "id\n9\n".getBytes(UTF_8));
    write("exported/README.md", "no rows".getBytes(UTF_8));
    Files.createDirectory(exported.resolve("more.csv"));
    try (Rows rows =
        RowFiles.open(
            List.of(directory.resolve("first.csv"), exported),
            null,
            WHOLE,
            InputStream.nullInputStream())) {
      assertThat(said(rows))
          .containsExactly(
              "id=U:1 Name=U:a", "Name=U:b e-mail=U:b@x.org", "id=I:3 Name=T:c plan.id=I:7");
      assertThat(rows.columns()).containsExactly("id", "Name", "e-mail", "plan.id");
      assertThat(rows.size()).isPositive().isEqualTo(rows.read());
    }
    try (Rows rows =
        RowFiles.open(
            List.of(exported), RowFiles.Kind.JSON, WHOLE, InputStream.nullInputStream())) {
      assertThat(said(rows)).hasSize(1);
    }
  }

  @Test
  void standard_input_and_a_said_format_need_no_ending() throws IOException {
    var stdin = new ByteArrayInputStream(gzip("{\"a\":1}".getBytes(UTF_8)));
    write("report.out", "{\"a\":2}".getBytes(UTF_8));
    try (Rows rows =
        RowFiles.open(
            List.of(RowFiles.STDIN, directory.resolve("report.out")),
            RowFiles.Kind.JSON,
            WHOLE,
            stdin)) {
      Rows.Row first = Objects.requireNonNull(rows.next());
      assertThat(first.place()).hasToString("standard input, line 1");
      assertThat(said(rows)).containsExactly("a=I:2");
      assertThat(rows.size()).isZero();
    }
    write("rows.csv", "{\"a\":3}".getBytes(UTF_8));
    try (Rows rows =
        RowFiles.open(
            List.of(directory.resolve("rows.csv")),
            RowFiles.Kind.JSON,
            WHOLE,
            InputStream.nullInputStream())) {
      assertThat(said(rows)).containsExactly("a=I:3");
    }
  }

  /** As {@code cat one.gz two.gz} gives them, and through a pipe that says of nothing at hand. */
  @Test
  void packed_parts_one_after_the_other_are_one_file() throws IOException {
    var both = new ByteArrayOutputStream();
    both.write(gzip("a\n1\n".getBytes(UTF_8)));
    both.write(gzip("2\n".getBytes(UTF_8)));
    try (Rows rows =
        RowFiles.open(
            List.of(RowFiles.STDIN),
            RowFiles.Kind.CSV,
            WHOLE,
            new ByteArrayInputStream(both.toByteArray()) {
              @Override
              public synchronized int available() {
                return 0;
              }
            })) {
      assertThat(said(rows)).containsExactly("a=U:1", "a=U:2");
    }
  }

  @Test
  void what_cannot_be_opened_is_refused() throws IOException {
    refused(List.of(Path.of("nowhere.csv")), null, "nowhere.csv: there is no such file.");
    write("x.xlsx", new byte[] {'P', 'K', 3, 4});
    write("noending", "a\n1".getBytes(UTF_8));
    write("x.parquet.gz", new byte[1]);
    for (String name : List.of("x.xlsx", "noending", "x.parquet.gz")) {
      refused(
          List.of(directory.resolve(name)),
          null,
          name
              + ": its ending does not say what it is. Say the format, or name it with one of .csv"
              + " .tsv .txt .jsonl .ndjson .json .parquet, and with .gz after it where it is"
              + " text.");
    }
    Path empty = Files.createDirectory(directory.resolve("empty"));
    Files.createDirectory(empty.resolve("x.csv"));
    refused(List.of(empty), null, "empty: the directory has no file that ends in one of .csv .tsv");
    refused(
        List.of(empty),
        RowFiles.Kind.PARQUET,
        "empty: the directory has no file that ends in one of .parquet.");
    refused(List.of(RowFiles.STDIN), null, "-: say the format of standard input: csv or jsonl.");
    refused(
        List.of(RowFiles.STDIN),
        RowFiles.Kind.PARQUET,
        "-: Parquet is not read from standard input. Name a file.");
    refused(
        List.of(RowFiles.STDIN, RowFiles.STDIN),
        RowFiles.Kind.CSV,
        "-: standard input can be read once only.");
  }

  @Test
  void packed_files_that_are_broken_are_refused() {
    byte[] whole = gzip(("a,b\n" + "1,2\n".repeat(100_000)).getBytes(UTF_8));
    refused(
        "x.csv.gz",
        Arrays.copyOf(whole, whole.length / 2),
        Problem.LANDING_FILE,
        "x.csv.gz: the compressed file is cut short.");
    refused(
        "x.csv.gz",
        Arrays.copyOf(whole, whole.length - 4),
        Problem.LANDING_FILE,
        "x.csv.gz: the compressed file is cut short.");
    refused(
        "x.csv.gz",
        Arrays.copyOf(whole, 5),
        Problem.LANDING_FILE,
        "x.csv.gz: the compressed file is cut short.");
    byte[] damaged = whole.clone();
    damaged[damaged.length - 6] ^= 1;
    refused(
        "x.csv.gz", damaged, Problem.LANDING_FILE, "x.csv.gz: the compressed file is damaged (");
    byte[] json = gzip("{\"a\":1}\n".repeat(100_000).getBytes(UTF_8));
    refused(
        "x.jsonl.gz",
        Arrays.copyOf(json, json.length / 2),
        Problem.LANDING_FILE,
        "x.jsonl.gz: the compressed file is cut short.");
    refused(
        "x.csv.gz",
        "a,b\n1,2\n".getBytes(UTF_8),
        Problem.LANDING_FILE,
        "x.csv.gz: it ends in .gz, and is not compressed with gzip.");
    refused("x.csv.gz", new byte[0], Problem.LANDING_FILE, "x.csv.gz: the file is empty.");
  }

  @Test
  void all_files_together_have_at_most_500_columns() throws IOException {
    write("1.csv", (columns(400) + "\n").getBytes(UTF_8));
    write("2.csv", (columns(400).replace("c", "d") + "\n").getBytes(UTF_8));
    Failure failure =
        catchThrowableOfType(
            Failure.class,
            () -> {
              try (Rows rows =
                  RowFiles.open(List.of(directory), null, WHOLE, InputStream.nullInputStream())) {
                said(rows);
              }
            });
    assertThat(failure.problem()).isEqualTo(Problem.LANDING_LIMIT);
    assertThat(failure)
        .hasMessageContaining("2.csv: \"d101\" would be column 501; at most 500 are read.");
  }

  // ---- What the tests are written in ----

  private static byte[] bytes(String text) {
    return text.replace("\\n", "\n").replace("\\r", "\r").replace("\\0", "\0").getBytes(UTF_8);
  }

  private static byte[] gzip(byte[] content) {
    var packed = new ByteArrayOutputStream();
    try (var out = new GZIPOutputStream(packed)) {
      out.write(content);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return packed.toByteArray();
  }

  private Path write(String name, byte[] content) throws IOException {
    return Files.write(directory.resolve(name), content);
  }

  private Rows open(String name, byte[] content) throws IOException {
    return RowFiles.open(List.of(write(name, content)), null, WHOLE, InputStream.nullInputStream());
  }

  private List<String> read(String name, byte[] content) throws IOException {
    try (Rows rows = open(name, content)) {
      return said(rows);
    }
  }

  private List<String> places(String name, byte[] content) throws IOException {
    List<String> places = new ArrayList<>();
    try (Rows rows = open(name, content)) {
      for (Rows.Row row = rows.next(); row != null; row = rows.next()) {
        places.add(row.place().toString().replace(directory + "/", ""));
      }
    }
    return places;
  }

  /** Each row as {@code column=KIND:text}, what has no value left out. */
  static List<String> said(Rows rows) {
    List<String> said = new ArrayList<>();
    for (Rows.Row row = rows.next(); row != null; row = rows.next()) {
      List<String> cells = new ArrayList<>();
      for (int i = 0; i < row.cells().length; i++) {
        Cell cell = row.cells()[i];
        if (cell != null) {
          cells.add(
              "%s=%s:%s"
                  .formatted(rows.columns().get(i), cell.kind().name().charAt(0), cell.text()));
        }
      }
      said.add(String.join(" ", cells));
    }
    return said;
  }

  private void refused(String name, byte[] content, Problem problem, String says) {
    Failure failure = catchThrowableOfType(Failure.class, () -> read(name, content));
    assertThat(failure).as(says).isNotNull();
    assertThat(failure.getMessage()).startsWith(directory + "/" + says);
    assertThat(failure.problem()).isEqualTo(problem);
  }

  private void refused(List<Path> paths, RowFiles.@Nullable Kind kind, String says) {
    Failure failure =
        catchThrowableOfType(
            Failure.class,
            () -> RowFiles.open(paths, kind, WHOLE, InputStream.nullInputStream()).close());
    assertThat(failure).as(says).isNotNull();
    assertThat(String.valueOf(failure.getMessage()).replace(directory + "/", "")).startsWith(says);
    assertThat(failure.problem()).isEqualTo(Problem.LANDING_FILE);
  }
}
