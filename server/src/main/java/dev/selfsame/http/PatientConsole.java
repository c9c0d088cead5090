package dev.selfsame.http;

import ch.qos.logback.core.OutputStreamAppender;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;

/**
 * Writes lines to stderr, those of a tenth of a second together: thousands of requests a second
 * have a line each, and writing costs more than a line. A program that is killed loses the last
 * ones; one that ends does not.
 */
public final class PatientConsole<E> extends OutputStreamAppender<E> {

  private static final Duration PATIENCE = Duration.ofMillis(100);
  private static final int BYTES = 64 * 1024;

  private final OutputStream lines;

  public PatientConsole() {
    this(System.err);
  }

  PatientConsole(OutputStream to) {
    lines = new BufferedOutputStream(to, BYTES);
  }

  @Override
  public void start() {
    setImmediateFlush(false);
    setOutputStream(lines);
    super.start();
    Thread.ofPlatform().name("access log").daemon().start(this::flushNowAndThen);
    Runtime.getRuntime().addShutdownHook(new Thread(this::hurry, "access log's end"));
  }

  private void flushNowAndThen() {
    try {
      while (isStarted()) {
        Thread.sleep(PATIENCE);
        flush();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** From now on each line is written at once. */
  void hurry() {
    setImmediateFlush(true);
    flush();
  }

  private void flush() {
    try {
      lines.flush();
    } catch (IOException e) {
      addError("The access log cannot be written", e);
    }
  }
}
