package dev.selfsame.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.store.TransferProgress.Unit;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class ProgressLineTest {
  private static final long SECOND = 1_000_000_000L;

  private final StringWriter err = new StringWriter();
  private final AtomicLong now = new AtomicLong();

  @Test
  void a_terminal_has_one_line_with_bar_rate_and_time_left() {
    try (ProgressLine line = new ProgressLine(new PrintWriter(err), true, now::get)) {
      line.step("Reading", Unit.ROWS, 1_000_000);
      now.addAndGet(SECOND / 10);
      line.at(1);
      now.addAndGet(2 * SECOND - SECOND / 10);
      line.at(250_000);
    }
    assertThat(err.toString())
        .isEqualTo(
            "\r"
                + "\033[K  Reading              [........................]   0 %\r"
                + "\033[K  Reading              [######..................]  25 %  125,000 rows/s  6"
                + " s left\r"
                + "\033[K");
  }

  @Test
  void elsewhere_a_step_is_a_line_and_so_are_ten_seconds() {
    try (ProgressLine line = new ProgressLine(new PrintWriter(err), false, now::get)) {
      line.step("Loading", Unit.BYTES, 600_000_000);
      now.addAndGet(9 * SECOND);
      line.at(10_000_000);
      now.addAndGet(SECOND);
      line.at(20_000_000);
      line.step("Building the indexes", Unit.PIECES, 4);
      now.addAndGet(30 * SECOND);
      line.at(3);
      line.step("Analyzing", Unit.PIECES, 0);
    }
    assertThat(err.toString())
        .isEqualTo(
            """
            Loading
                3 %  2.0 MB/s  5 min left
            Building the indexes
               75 %  3 of 4  10 s left
            Analyzing
            """);
  }

  @Test
  void without_a_number_to_reach_there_is_no_bar_and_no_share() {
    try (ProgressLine line = new ProgressLine(new PrintWriter(err), true, now::get)) {
      line.step("Exporting", Unit.ROWS, 0);
      now.set(2 * SECOND);
      line.at(1_000);
    }
    assertThat(err.toString()).contains("Exporting").contains("1,000  500 rows/s");
    assertThat(err.toString()).doesNotContain("%").doesNotContain("left").doesNotContain("[#");
  }
}
