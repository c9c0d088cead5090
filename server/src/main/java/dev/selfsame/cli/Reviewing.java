package dev.selfsame.cli;

import dev.selfsame.intake.IntakeSettings;
import dev.selfsame.intake.Pipeline;
import dev.selfsame.intake.Preview;
import dev.selfsame.lookup.Lookup;
import dev.selfsame.review.Bars;
import dev.selfsame.review.Flagged;
import dev.selfsame.review.Merges;
import dev.selfsame.store.Database;
import dev.selfsame.store.FlagQueries;
import dev.selfsame.store.MergeQueries;
import dev.selfsame.store.UserQueries;
import java.io.PrintWriter;
import java.time.InstantSource;
import java.util.function.Supplier;

/** Flags and bars of a hub, for the time of one command. */
final class Reviewing implements AutoCloseable {

  private final OpenHub hub;
  private final Pipeline intake;
  private final Lookup lookup;
  private final Bars bars;
  private final Flagged flagged;

  Reviewing(HubOptions options, PrintWriter progress) {
    hub = OpenHub.of(options, progress);
    try {
      Database database = hub.database();
      UserQueries users = new UserQueries(database, options.space());
      FlagQueries queries = new FlagQueries(database, options.space());
      Supplier<Preview> previews =
          () -> Preview.open(options.space(), database.sessions("preview"));
      InstantSource clock = InstantSource.system();
      lookup = new Lookup(users);
      intake =
          new Pipeline(
              options.space(), database.sessions("review"), IntakeSettings.DEFAULT, traits -> {});
      intake.start();
      bars = new Bars(intake, previews, users, queries, clock);
      Merges merges =
          new Merges(intake, previews, users, new MergeQueries(database, options.space()), clock);
      flagged = new Flagged(intake, merges, bars, users, queries, clock);
    } catch (RuntimeException e) {
      hub.close();
      throw e;
    }
  }

  Lookup lookup() {
    return lookup;
  }

  Bars bars() {
    return bars;
  }

  Flagged flagged() {
    return flagged;
  }

  @Override
  public void close() {
    intake.close();
    hub.close();
  }
}
