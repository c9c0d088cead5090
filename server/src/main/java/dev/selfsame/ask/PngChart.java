package dev.selfsame.ask;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.github.weisj.jsvg.SVGDocument;
import com.github.weisj.jsvg.parser.LoaderContext;
import com.github.weisj.jsvg.parser.SVGLoader;
import com.github.weisj.jsvg.renderer.NullPlatformSupport;
import com.github.weisj.jsvg.view.FloatSize;
import com.github.weisj.jsvg.view.ViewBox;
import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.font.FontRenderContext;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import javax.imageio.ImageIO;

/** A chart as PNG, for where SVG is not shown: the light SVG, twice as large. */
public final class PngChart {

  private static final int SCALE = 2;

  static {
    // A server has no screen, and looking for one would fail.
    System.setProperty("java.awt.headless", "true");
    ImageIO.setUseCache(false);
  }

  private PngChart() {}

  /**
   * Draws it.
   *
   * @throws Failure {@code NO_FONTS} where the machine has nothing to write letters with
   */
  public static byte[] of(Chart chart) {
    try {
      double unusedWidth =
          new Font(Font.SANS_SERIF, Font.PLAIN, 12)
              .getStringBounds("a", new FontRenderContext(null, true, true))
              .getWidth();
    } catch (RuntimeException | Error e) {
      // Java says so in many ways: by an InternalError, by a library that is missing, by null.
      if (e instanceof VirtualMachineError vm && !(e instanceof InternalError)) {
        throw vm;
      }
      throw new Failure(
          Problem.NO_FONTS,
          "This machine has no fonts to draw a PNG with (%s). Install some (on Debian: fontconfig and fonts-dejavu-core) and start again, or take the SVG, which brings none."
              .formatted(e),
          0,
          e);
    }
    return draw(SvgChart.light(chart));
  }

  private static byte[] draw(String svg) {
    SVGDocument document =
        new SVGLoader()
            .load(
                new ByteArrayInputStream(svg.getBytes(UTF_8)), null, LoaderContext.createDefault());
    if (document == null) {
      throw new IllegalStateException("The chart's SVG cannot be read. Indicates a bug");
    }
    FloatSize size = document.size();
    BufferedImage image =
        new BufferedImage(
            Math.round(size.width * SCALE),
            Math.round(size.height * SCALE),
            BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    try {
      graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
      graphics.setRenderingHint(
          RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
      graphics.setRenderingHint(
          RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
      document.renderWithPlatform(
          NullPlatformSupport.INSTANCE,
          graphics,
          new ViewBox(0, 0, image.getWidth(), image.getHeight()));
    } finally {
      graphics.dispose();
    }
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    try {
      if (!ImageIO.write(image, "png", png)) {
        throw new IllegalStateException("This Java writes no PNG");
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return png.toByteArray();
  }
}
