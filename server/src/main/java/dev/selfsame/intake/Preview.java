package dev.selfsame.intake;

import dev.selfsame.identity.User;
import dev.selfsame.store.Session;
import dev.selfsame.store.SpaceSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * An intake that writes nothing: it decides each claim on top of what the claims before it would
 * leave, and of one moment of the store. What it was given stays in memory. Not thread-safe.
 */
public final class Preview implements Intake, AutoCloseable {

  private final Session session;
  private final SpaceSettings space;
  private final Preparer preparer = new Preparer(IntakeSettings.DEFAULT, UserIds.random());
  private final List<Preparer.Decided> decided = new ArrayList<>();
  private long position;

  private Preview(Session session, SpaceSettings space) {
    this.session = session;
    this.space = space;
    this.position = space.position();
  }

  public static Preview open(String space, Session.Connector connector) {
    Session session = Session.openReading(connector);
    try {
      return new Preview(session, session.settings(space));
    } catch (RuntimeException e) {
      session.close();
      throw e;
    }
  }

  /** Answers at once. */
  @Override
  public CompletableFuture<List<Receipt>> submit(List<Submission> submissions) {
    List<Receipt> receipts = new ArrayList<>(submissions.size());
    List<Request.Item> left = new Request(submissions).items();
    while (!left.isEmpty()) {
      Preparer.Prepared prepared = preparer.prepare(session, space, position, left, decided);
      receipts.addAll(prepared.receipts());
      decided.add(prepared.decided());
      position = prepared.batch().end();
      left = prepared.rest();
    }
    return CompletableFuture.completedFuture(receipts);
  }

  /** A user as the claims so far would leave it; null if they touched none of that id. */
  public @Nullable User user(UUID id) {
    for (Preparer.Decided batch : decided.reversed()) {
      User user = batch.snapshot().users().user(id);
      if (user != null) {
        return user;
      }
    }
    return null;
  }

  @Override
  public void close() {
    session.close();
  }
}
