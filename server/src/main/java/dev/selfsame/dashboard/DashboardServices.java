package dev.selfsame.dashboard;

import dev.selfsame.access.Actor;
import dev.selfsame.access.Grants.Grant;
import dev.selfsame.access.StoredAccess;
import dev.selfsame.ask.Asking;
import dev.selfsame.ask.Questions;
import dev.selfsame.connection.Connections;
import dev.selfsame.lookup.Identities;
import dev.selfsame.lookup.Lookup;
import dev.selfsame.policy.Policies;
import dev.selfsame.review.Bars;
import dev.selfsame.review.Erasures;
import dev.selfsame.review.Flagged;
import dev.selfsame.review.Merges;
import dev.selfsame.review.Moves;
import dev.selfsame.review.Retrials;
import dev.selfsame.review.Undos;
import dev.selfsame.source.api.AccountWrites;
import dev.selfsame.source.csv.Exports;
import dev.selfsame.source.csv.ImportSettings;
import dev.selfsame.source.csv.Imports;
import dev.selfsame.source.land.Landings;
import dev.selfsame.source.warehouse.Syncs;
import dev.selfsame.store.AccountQueries;
import dev.selfsame.store.ActLog;
import dev.selfsame.store.ActivityQueries;
import dev.selfsame.store.MergeQueries.StoredMerge;
import dev.selfsame.store.NoteQueries;
import dev.selfsame.store.StoredGrants;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Function;

/**
 * What the pages show and do, as REST has it.
 *
 * @param mostLanded bytes of one file that may land
 * @param questions those that are kept
 * @param asking what members ask in SQL
 * @param grants sources as that person makes them
 * @param keys keys and tokens as that person makes and ends them
 * @param importing the bounds of imports
 */
public record DashboardServices(
    Lookup lookup,
    Merges merging,
    Undos undos,
    Retrials retrials,
    Flagged flagged,
    Bars bars,
    Moves moves,
    Erasures erasures,
    ActLog acts,
    ActivityQueries activity,
    Policies policies,
    Landings landings,
    long mostLanded,
    Identities identities,
    Questions questions,
    Asking asking,
    Function<Actor, StoredGrants> grants,
    Function<Actor, StoredAccess> keys,
    Imports imports,
    ImportSettings importing,
    Exports exports,
    Connections connections,
    Syncs syncs,
    AccountQueries accounts,
    AccountWrites accountWrites,
    NoteQueries notes,
    InstantSource clock) {

  private static final String SPACE = "default";

  Instant now() {
    return clock.instant();
  }

  /**
   * Makes a write key for a source, and the source where there is none.
   *
   * @return its secret
   */
  String writeKey(Actor actor, String name, String source, boolean trusted) {
    grants.apply(actor).ensureSource(SPACE, source, trusted);
    return keys.apply(actor).issueWriteKey(name, SPACE, source).secret();
  }

  /** Keys, tokens and webhooks of the space that the pages are about, oldest first. */
  List<Grant> grants(Actor actor) {
    return keys.apply(actor).list().stream().filter(grant -> grant.space().equals(SPACE)).toList();
  }

  /** The newest merges. */
  List<StoredMerge> merges(int limit) {
    return undos.list(null, null, null, null, limit).merges();
  }
}
