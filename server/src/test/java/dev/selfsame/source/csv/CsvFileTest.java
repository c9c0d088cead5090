package dev.selfsame.source.csv;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files as spreadsheets save them, and files that are broken. */
final class CsvFileTest {

  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "external_id,name\nid1,Zoë\n",
        "external_id;name\r\nid1;Zoë\r\n",
        "external_id\tname\rid1\tZoë",
        "\"external_id\",\"name\"\n\n\"id1\",\"Zoë\"\n\n",
        " External_ID ,NAME\nid1,Zoë\n",
        "name;external_id;as_of\nZoë;id1;\n",
      })
  void separators_line_ends_and_encodings_are_found_out(String text) throws IOException {
    for (Charset charset : List.of(UTF_8, UTF_16LE, UTF_16BE)) {
      for (String mark : List.of("", "\uFEFF")) {
        List<String> rows = read((mark + text).getBytes(charset));
        assertThat(rows).as("%s, mark '%s'", charset, mark).containsExactly("id1|Zoë");
      }
    }
  }

  @Test
  void quoted_cells_may_hold_separators_quotes_and_line_ends() throws IOException {
    assertThat(read("external_id,name\n\"a,b\",\"say \"\"hi\"\"\r\nthere\"\n".getBytes(UTF_8)))
        .containsExactly("a,b|say \"hi\"\r\nthere");
  }

  @Test
  void a_guard_is_put_and_taken_away_exactly() throws IOException {
    for (String cell : List.of("=1+1", "+49", "-", "@x", "'quoted", "\tx", "\rx", "''", "'=1")) {
      assertThat(Guard.put(cell)).isEqualTo("'" + cell);
      assertThat(Guard.strip(Guard.put(cell))).isEqualTo(cell);
    }
    for (String cell : List.of("", "a", "O'Neil", "1=1", "'t Hooft", "'")) {
      assertThat(Guard.strip(cell)).isEqualTo(cell);
    }
    assertThat(read("external_id,name\n'+49,'t Hooft\n".getBytes(UTF_8)))
        .containsExactly("+49|'t Hooft");
  }

  @Test
  void what_is_no_text_is_refused_with_its_place() {
    refused(
        "external_id,name\nid1,Zoë\n".getBytes(ISO_8859_1),
        Problem.CSV_ENCODING,
        "Line 2, character 7 of the file is not text in UTF-8");
    refused(
        "external_id\nid1\nid\u00002\n".getBytes(UTF_8),
        Problem.CSV_ENCODING,
        "Line 3, character 3 of the file holds a NUL");
    byte[] cut = "external_id\nid1".getBytes(UTF_16LE);
    refused(Arrays.copyOf(cut, cut.length - 1), Problem.CSV_ENCODING, "Line 2, character 3");
  }

  @Test
  void a_broken_row_is_refused_with_line_and_column() {
    refused(
        "external_id,name\nid1,Ann\nid2,\"Bob\nid3,Cid\n",
        Problem.CSV_SYNTAX,
        "Line 3, column 2 (name) of the file: a quote is opened and never closed");
    refused(
        "external_id,name\nid1,Ann\n\"id2\"x,Bob\n",
        Problem.CSV_SYNTAX,
        "Line 3, column 1 (external_id) of the file: something stands between a closing quote");
    refused(
        "external_id,name\nid1\n",
        Problem.CSV_SYNTAX,
        "Line 2, column 2 (name) of the file: the row has 1 cells, and the header 2");
    refused(
        "external_id,name\n\nid1,Ann,x\n",
        Problem.CSV_SYNTAX,
        "Line 3, column 3 of the file: the row has 3 cells, and the header 2");
  }

  @Test
  void a_header_that_cannot_be_imported_is_refused() {
    refused("", Problem.CSV_HEADER, "The file is empty");
    refused(
        "external_id,name,plan\n",
        Problem.CSV_HEADER,
        "Line 1, column 3 of the file is called \"plan\"; the columns that can be imported are id,"
            + " external_id, name, email, billing_id, created_at, as_of");
    refused(
        "email,name,Email\n",
        Problem.CSV_HEADER,
        "Line 1, columns 1 and 3 of the file are both called \"email\"");
    refused(
        "name,created_at\n",
        Problem.CSV_HEADER,
        "No column of the file names a user: one of id, external_id, email, billing_id is needed");
    refused(
        "external_id|name\n", Problem.CSV_HEADER, "Cells are separated by comma, semicolon or tab");
  }

  @Test
  void the_columns_of_a_result_are_passed_over() throws IOException {
    assertThat(
            read(
                "external_id,name,result,result_reason\nid1,Ann,rejected,no_key\n".getBytes(UTF_8)))
        .containsExactly("id1|Ann");
  }

  @Test
  void a_row_of_more_than_a_chunk_is_read_whole() throws IOException {
    String name = "é".repeat(200_000);
    assertThat(read(("external_id,name\nid1," + name + "\n").getBytes(UTF_8)))
        .containsExactly("id1|" + name);
  }

  @Test
  void as_of_tells_which_cells_were_left_as_they_were() {
    AsOf asOf =
        Objects.requireNonNull(
            AsOf.parse(AsOf.of("2026-11-22T07:10:00Z", "id1", "", "a@x.com", "cus_1")));
    assertThat(asOf.untouched(CsvColumn.EXTERNAL_ID, "id1")).isEqualTo("id1");
    assertThat(asOf.untouched(CsvColumn.NAME, "")).isEmpty();
    assertThat(asOf.untouched(CsvColumn.NAME, "Ann")).isNull();
    assertThat(asOf.untouched(CsvColumn.EMAIL, "b@x.com")).isNull();
    for (String other : List.of("", "2026-11-22", "2026-11-22T07:10:00Z/1-2-3-4", "a/b")) {
      assertThat(AsOf.parse(other)).as(other).isNull();
    }
  }

  private void refused(String text, Problem problem, String message) {
    refused(text.getBytes(UTF_8), problem, message);
  }

  private void refused(byte[] content, Problem problem, String message) {
    Failure failure = catchThrowableOfType(Failure.class, () -> read(content));
    assertThat(failure).as(message).isNotNull();
    assertThat(failure.problem()).as(failure.getMessage()).isEqualTo(problem);
    assertThat(failure).hasMessageContaining(message);
  }

  private List<String> read(byte[] content) throws IOException {
    Path path = directory.resolve("users.csv");
    Files.write(path, content);
    CsvFile file = CsvFile.open(path);
    List<String> rows = new ArrayList<>();
    try (CsvRows all = file.rows(bytes -> {})) {
      for (CsvRows.Row row = all.next(); row != null; row = all.next()) {
        rows.add(file.cell(row, CsvColumn.EXTERNAL_ID) + "|" + file.cell(row, CsvColumn.NAME));
      }
    }
    assertThat(file.check(bytes -> {})).isEqualTo(rows.size());
    return rows;
  }
}
