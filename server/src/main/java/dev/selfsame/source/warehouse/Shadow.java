package dev.selfsame.source.warehouse;

import dev.selfsame.intake.Intake;
import dev.selfsame.intake.Preview;
import dev.selfsame.intake.Receipt;
import dev.selfsame.intake.Submission;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * An intake that writes nothing, for any number of claims: a preview keeps the users that it
 * touched in memory, so after so many it begins anew on the store as it is. Not thread-safe.
 */
final class Shadow implements Intake, AutoCloseable {

  private static final int MOST = 200_000;

  private final Supplier<Preview> previews;
  private Preview preview;
  private int decided;

  Shadow(Supplier<Preview> previews) {
    this.previews = previews;
    this.preview = previews.get();
  }

  @Override
  public CompletableFuture<List<Receipt>> submit(List<Submission> submissions) {
    if (decided >= MOST) {
      preview.close();
      preview = previews.get();
      decided = 0;
    }
    decided += submissions.size();
    return preview.submit(submissions);
  }

  @Override
  public void close() {
    preview.close();
  }
}
