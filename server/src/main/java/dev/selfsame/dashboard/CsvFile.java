package dev.selfsame.dashboard;

import static java.nio.charset.StandardCharsets.UTF_8;

import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.QuoteStrategies;
import dev.selfsame.source.csv.Exports;
import dev.selfsame.source.csv.Guard;
import io.javalin.http.Context;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A file that browsers keep, sent while it is written: NULL is an empty cell, an empty text is
 * quoted, and no cell is a formula to a spreadsheet.
 */
final class CsvFile {

  private static final int BUFFER = 1 << 16;

  private final Context ctx;
  private final CsvWriter csv;

  /**
   * @param name what browsers call it
   */
  CsvFile(Context ctx, String name, List<String> header) throws IOException {
    this.ctx = ctx;
    name(ctx, name);
    this.csv =
        CsvWriter.builder()
            .quoteStrategy(QuoteStrategies.EMPTY)
            .build(
                new BufferedWriter(
                    new OutputStreamWriter(ctx.res().getOutputStream(), UTF_8), BUFFER));
    csv.writeRecord(header.stream().map(Guard::put).toList());
  }

  private static void name(Context ctx, String name) {
    ctx.contentType("text/csv; charset=utf-8")
        .header("Cache-Control", "no-store")
        .header("X-Content-Type-Options", "nosniff")
        .header("Content-Disposition", "attachment; filename=\"%s\"".formatted(name));
  }

  /** Where users go that the browser keeps under that name. */
  static Exports.Target users(Context ctx, String name) {
    return () -> {
      name(ctx, name);
      return ctx.res().getOutputStream();
    };
  }

  /** A cell of text, as it may stand in a spreadsheet. */
  static @Nullable String guarded(@Nullable String text) {
    return text == null ? null : Guard.put(text);
  }

  void row(@Nullable String[] cells) {
    csv.writeRecord(cells);
  }

  void end() {
    try {
      csv.flush();
      ctx.res().flushBuffer();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
