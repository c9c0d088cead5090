package dev.selfsame.ask;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Values as people read them beside a bar, the same everywhere. */
public final class Numbers {

  private static final BigDecimal HUGE = BigDecimal.valueOf(1_000_000_000_000L);

  private Numbers() {}

  /** With at most two decimals; a percent sign follows, another unit does not. */
  public static String shown(@Nullable BigDecimal value, @Nullable String unit) {
    if (value == null) {
      return "–";
    }
    return number(value) + ("%".equals(unit) ? " %" : "");
  }

  private static String number(BigDecimal value) {
    boolean tiny = value.signum() != 0 && value.abs().compareTo(new BigDecimal("0.01")) < 0;
    String pattern = tiny || value.abs().compareTo(HUGE) >= 0 ? "0.##E0" : "#,##0.##";
    var format = new DecimalFormat(pattern, DecimalFormatSymbols.getInstance(Locale.ROOT));
    format.setRoundingMode(RoundingMode.HALF_UP);
    String text = format.format(value);
    return text.equals("-0") ? "0" : text;
  }
}
