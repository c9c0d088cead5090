package dev.selfsame.intake;

import dev.selfsame.store.Session;
import dev.selfsame.store.SpaceSettings;
import java.util.List;
import java.util.function.Function;

/**
 * A claim decided and written in earnest, looked at, and taken back before anybody sees it: for
 * what only the writing itself can tell. Other writers of the space wait meanwhile.
 */
public final class Trial {

  private Trial() {}

  /** What was looked at while it stood. */
  public record Tried<T>(Receipt receipt, T found) {}

  public static <T> Tried<T> of(
      String space, Session.Connector connector, Submission submission, Function<Look, T> look) {
    try (Session session = Session.open(connector)) {
      try {
        session.lock(session.settings(space).number());
        SpaceSettings settings = session.settings(space);
        Preparer.Prepared prepared =
            new Preparer(IntakeSettings.DEFAULT, UserIds.random())
                .prepare(
                    session,
                    settings,
                    settings.position(),
                    new Request(List.of(submission)).items(),
                    List.of());
        session.takePositions(settings.number(), prepared.batch());
        session.write(settings.number(), prepared.encoded());
        Receipt receipt = prepared.receipts().getFirst();
        return new Tried<>(
            receipt, look.apply(new Look(session, settings.number(), receipt.position())));
      } finally {
        session.rollback();
      }
    }
  }

  /** The session in which it stands. */
  public record Look(Session session, int space, long position) {}
}
