package dev.selfsame.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class ReportTest {

  @Test
  void a_result_takes_its_place_in_a_page_and_leaves_the_rest() {
    String page = "# Speed\n<!-- bench live -->\nold\n<!-- /bench live -->\nend\n";
    assertThat(Report.placed(page, "live", "new\n"))
        .isEqualTo("# Speed\n<!-- bench live -->\nnew\n<!-- /bench live -->\nend\n");
  }

  @Test
  void a_page_without_a_place_for_it_is_replaced() {
    assertThat(Report.placed("# Speed\n", "live", "new\n")).isEqualTo("new\n");
    assertThat(Report.placed("", "live", "new\n")).isEqualTo("new\n");
  }

  @Test
  void the_median_is_the_middle_or_the_mean_of_the_two_in_it() {
    assertThat(Report.median(3, 1, 2)).isEqualTo(2);
    assertThat(Report.median(4, 1, 2, 3)).isEqualTo(2.5);
  }
}
