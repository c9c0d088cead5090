package dev.selfsame.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What Ctrl-C and SIGTERM do while it is open: end the work in the database too, and wait a moment
 * until what was started for it is taken down. To be opened before that is started.
 */
final class StopHook implements AutoCloseable {

  private static final int PATIENCE_SECONDS = 20;

  private final CountDownLatch ended = new CountDownLatch(1);
  private final Thread hook = new Thread(this::stop, "stop");
  private volatile @Nullable Runnable stop;

  StopHook() {
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /** How the work that begins now is ended. */
  void stops(Runnable how) {
    stop = how;
  }

  private void stop() {
    Runnable how = stop;
    if (how != null) {
      how.run();
    }
    try {
      // In time or not: the program ends.
      boolean unusedInTime = ended.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Everything is taken down. */
  @Override
  public void close() {
    ended.countDown();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The program is ending already: the hook is what ends it.
      return;
    }
  }
}
