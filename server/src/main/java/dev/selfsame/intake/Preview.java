package dev.selfsame.intake;

import dev.selfsame.identity.Account;
import dev.selfsame.identity.User;
import dev.selfsame.resolution.Flag;
import dev.selfsame.store.Session;
import dev.selfsame.store.Snapshot;
import dev.selfsame.store.SpaceSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * An intake that writes nothing: it decides each claim on top of what the claims before it would
 * leave, and of one moment of the store. The users that it touches stay in memory. For claims that
 * have no message of their own to be repeated; of several that link accounts, none knows the links
 * of those before. Not thread-safe.
 */
public final class Preview implements Intake, AutoCloseable {

  private static final int EXPECTED = 1_000;

  private final Session session;
  private final SpaceSettings space;
  private final Preparer preparer = new Preparer(IntakeSettings.DEFAULT, UserIds.random());

  /** The users as all claims so far would leave them. */
  private final Snapshot left;

  private final List<Flag> flags = new ArrayList<>();
  private long position;

  private Preview(Session session, SpaceSettings space) {
    this.session = session;
    this.space = space;
    this.left = new Snapshot(space.policy().matchPreviousEmails(), EXPECTED);
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
    List<Request.Item> items = new Request(submissions).items();
    while (!items.isEmpty()) {
      Preparer.Prepared prepared =
          preparer.prepare(
              session, space, position, items, List.of(new Preparer.Decided(left, Map.of())));
      receipts.addAll(prepared.receipts());
      left.addAll(prepared.batch().snapshot());
      flags.addAll(prepared.batch().raised());
      position = prepared.batch().end();
      items = prepared.rest();
    }
    return CompletableFuture.completedFuture(receipts);
  }

  /** A user as the claims so far would leave it; null if they touched none of that id. */
  public @Nullable User user(UUID id) {
    return left.users().user(id);
  }

  /** An account as the claims so far would leave it; null if they touched none of that id. */
  public @Nullable Account account(String externalId) {
    return left.users().account(externalId);
  }

  /** Every flag that the claims so far would raise and that is stored. */
  public List<Flag> flags() {
    return List.copyOf(flags);
  }

  @Override
  public void close() {
    session.close();
  }
}
