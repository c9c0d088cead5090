package dev.selfsame.ask;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.store.ReaderQuery.Column;
import java.awt.Font;
import java.awt.font.FontRenderContext;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

final class SvgChartTest {
  private static final String LONG =
      "WWW an extraordinarily long label that goes on and on: Wärmepumpenstromtarifvergleichsportal"
          + " 企業向けの長い名前";

  @ParameterizedTest
  @EnumSource(
      value = ChartKind.class,
      names = {"BAR", "COLUMN", "LINE", "PIE"})
  void no_text_leaves_the_picture_whatever_the_data(ChartKind kind) throws Exception {
    for (int rows : new int[] {1, 2, 7, 33, 500}) {
      for (String label : new String[] {"a", "newsletter", LONG}) {
        for (String value : new String[] {"1", "-12.345", "1234567890.12", "9e300"}) {
          for (int series : new int[] {1, 3}) {
            boolean pie = kind == ChartKind.PIE;
            // A pie is of one column, and has nothing below 0.
            if (!pie || (series == 1 && !value.startsWith("-"))) {
              check(SvgChart.of(chart(kind, rows, label, value, series)));
            }
          }
        }
      }
    }
  }

  /** Measured with a font that is among the widest. */
  private static void check(String svg) throws Exception {
    Document document = parsed(svg);
    double width = Double.parseDouble(document.getDocumentElement().getAttribute("width"));
    double height = Double.parseDouble(document.getDocumentElement().getAttribute("height"));
    assertThat(width).isEqualTo(440);
    NodeList texts = document.getElementsByTagName("text");
    assertThat(texts.getLength()).isGreaterThan(2);
    for (int i = 0; i < texts.getLength(); i++) {
      Element text = (Element) texts.item(i);
      double x = Double.parseDouble(text.getAttribute("x"));
      double y = Double.parseDouble(text.getAttribute("y"));
      double size = Double.parseDouble(text.getAttribute("font-size"));
      String shown = text.getLastChild().getTextContent();
      double wide =
          new Font("DejaVu Sans", Font.PLAIN, 100)
                  .getStringBounds(shown, new FontRenderContext(null, true, true))
                  .getWidth()
              * size
              / 100;
      double left =
          switch (text.getAttribute("text-anchor")) {
            case "start" -> x;
            case "middle" -> x - wide / 2;
            default -> x - wide;
          };
      assertThat(left).as(shown).isGreaterThanOrEqualTo(0);
      assertThat(left + wide).as(shown).isLessThanOrEqualTo(width);
      assertThat(y - size).as(shown).isGreaterThanOrEqualTo(0);
      assertThat(y + size * 0.3).as(shown).isLessThanOrEqualTo(height);
    }
  }

  @Test
  void what_data_say_is_text_and_never_markup() throws Exception {
    Reply reply =
        reply(
            ChartKind.BAR,
            "<script>alert('1')</script> & \"so\"",
            List.<@Nullable String[]>of(
                new @Nullable String[] {"</text><script>x</script>\u0000\uFFFF", "1"},
                new @Nullable String[] {null, null}),
            1);
    Document document = parsed(SvgChart.of(Chart.of(reply)));
    assertThat(document.getElementsByTagName("script").getLength()).isZero();
    assertThat(document.getElementsByTagName("title").item(0).getTextContent())
        .isEqualTo("<script>alert('1')</script> & \"so\"");
    assertThat(document.getDocumentElement().getTextContent())
        .contains("</text><script>x</script>")
        .contains("–");
  }

  @Test
  void light_and_dark_in_one_file_and_light_alone_for_png() {
    Chart chart = chart(ChartKind.BAR, 3, "a", "1", 2);
    assertThat(SvgChart.of(chart)).contains("@media (prefers-color-scheme:dark)");
    assertThat(SvgChart.light(chart)).doesNotContain("@media").contains("fill=\"#ffffff\"");
  }

  @Test
  void bars_are_as_long_as_their_values() throws Exception {
    Reply reply =
        reply(
            ChartKind.BAR,
            "T",
            List.<@Nullable String[]>of(
                new @Nullable String[] {"a", "10"}, new @Nullable String[] {"b", "5"}),
            1);
    NodeList bars = parsed(SvgChart.of(Chart.of(reply))).getElementsByTagName("rect");
    assertThat(bars.getLength()).isEqualTo(3);
    double first = Double.parseDouble(((Element) bars.item(1)).getAttribute("width"));
    double second = Double.parseDouble(((Element) bars.item(2)).getAttribute("width"));
    assertThat(first).isEqualTo(second * 2, org.assertj.core.api.Assertions.within(0.2));
  }

  @Test
  void rows_that_are_too_many_are_counted_and_none_is_said() {
    assertThat(SvgChart.of(chart(ChartKind.BAR, 50, "a", "1", 1)))
        .contains("10 more rows are not drawn.");
    assertThat(SvgChart.of(chart(ChartKind.COLUMN, 0, "a", "1", 1))).contains("No rows.");
  }

  @Test
  void a_column_that_is_missing_or_no_number_is_named() {
    Reply reply = reply(ChartKind.BAR, "T", List.of(), 1);
    Question asked = reply.question();
    for (List<String> y : List.of(List.of("nothing"), List.of("x"))) {
      Question wrong =
          new Question(
              "q", asked.origin(), "T", "", ChartKind.BAR, List.of("x"), y, null, "SELECT 1");
      assertThatThrownBy(
              () -> Chart.of(new Reply(wrong, reply.columns(), List.of(), false, Duration.ZERO)))
          .hasMessage(
              y.contains("nothing")
                  ? "The question q: the chart needs a column nothing, and the answer has x, y0."
                  : "The question q: the chart needs numbers in the column x, and it is text.")
          .extracting(e -> ((Failure) e).problem())
          .isEqualTo(Problem.QUESTION_INVALID);
    }
    assertThatThrownBy(() -> Chart.of(reply(ChartKind.NONE, "T", List.of(), 1)))
        .extracting(e -> ((Failure) e).problem())
        .isEqualTo(Problem.NO_CHART);
  }

  @Test
  void a_png_is_the_picture_twice_as_large() throws Exception {
    for (ChartKind kind : List.of(ChartKind.BAR, ChartKind.COLUMN, ChartKind.LINE)) {
      var image = ImageIO.read(new ByteArrayInputStream(PngChart.of(chart(kind, 5, "a", "7", 2))));
      assertThat(image.getWidth()).isEqualTo(880);
      // The corner is paper, and something is drawn in the colour of each series.
      assertThat(image.getRGB(2, 2)).isEqualTo(0xffffffff);
      int[] pixels = image.getRGB(0, 0, 880, image.getHeight(), null, 0, 880);
      assertThat(IntStream.of(pixels).filter(p -> p == 0xff2f6fde).count()).isGreaterThan(20);
      assertThat(IntStream.of(pixels).filter(p -> p == 0xffd9730d).count()).isGreaterThan(20);
    }
  }

  /**
   * How Java fails where fontconfig knows no font, and where its library or FreeType is missing.
   */
  @Test
  void where_there_are_no_fonts_that_is_said() {
    for (Throwable without :
        List.of(
            new InternalError("Fontconfig head is null, check your fonts or fonts configuration"),
            new UnsatisfiedLinkError("libfreetype.so.6: cannot open shared object file"),
            new NoClassDefFoundError("Could not initialize class sun.font.SunFontManager"),
            new NullPointerException())) {
      assertThatThrownBy(() ->
              PngChart.of(
                  chart(ChartKind.BAR, 1, "a", "1", 1),
                  () -> {
                    if (without instanceof Error error) {
                      throw error;
                    }
                    throw (RuntimeException) without;
                  }))
          .hasMessageStartingWith("This machine has no fonts to draw a PNG with (" + without)
          .extracting(e -> ((Failure) e).problem())
          .isEqualTo(Problem.NO_FONTS);
    }
  }

  private static Chart chart(ChartKind kind, int rows, String label, String value, int series) {
    List<@Nullable String[]> all = new ArrayList<>();
    for (int i = 0; i < rows; i++) {
      @Nullable String[] row = new @Nullable String[1 + series];
      row[0] = label + (i == 0 ? "" : " " + i);
      for (int s = 1; s <= series; s++) {
        row[s] = i % 3 == 2 ? "0" : value;
      }
      all.add(row);
    }
    return Chart.of(reply(kind, rows % 2 == 0 ? "Short?" : LONG + "?", all, series));
  }

  private static Reply reply(
      ChartKind kind, String title, List<@Nullable String[]> rows, int series) {
    List<Column> columns = new ArrayList<>(List.of(new Column("x", "text")));
    List<String> y = new ArrayList<>();
    for (int i = 0; i < series; i++) {
      columns.add(new Column("y" + i, "numeric"));
      y.add("y" + i);
    }
    Question question =
        new Question(
            "q",
            Question.Origin.OWN,
            title,
            "",
            kind,
            List.of("x"),
            y,
            "pieces of something with a long name that does not fit into one line of it",
            "SELECT 1");
    return new Reply(question, columns, rows, false, Duration.ZERO);
  }

  private static Document parsed(String svg) throws Exception {
    try {
      return DocumentBuilderFactory.newInstance()
          .newDocumentBuilder()
          .parse(new ByteArrayInputStream(svg.getBytes(UTF_8)));
    } catch (IOException e) {
      throw new AssertionError(svg, e);
    }
  }
}
