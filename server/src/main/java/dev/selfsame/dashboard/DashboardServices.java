package dev.selfsame.dashboard;

import dev.selfsame.access.Actor;
import dev.selfsame.access.StoredAccess;
import dev.selfsame.ask.Asking;
import dev.selfsame.ask.Questions;
import dev.selfsame.lookup.Identities;
import dev.selfsame.lookup.Lookup;
import dev.selfsame.review.Bars;
import dev.selfsame.review.Erasures;
import dev.selfsame.review.Flagged;
import dev.selfsame.review.Merges;
import dev.selfsame.review.Moves;
import dev.selfsame.review.Undos;
import dev.selfsame.store.ActLog;
import dev.selfsame.store.MergeQueries.StoredMerge;
import dev.selfsame.store.StoredGrants;
import java.util.List;
import java.util.function.Function;

/**
 * What the pages show and do, as REST has it.
 *
 * @param questions those that are kept
 * @param asking what members ask in SQL
 * @param grants sources as that person makes them
 * @param keys keys and tokens as that person makes and ends them
 */
public record DashboardServices(
    Lookup lookup,
    Merges merging,
    Undos undos,
    Flagged flagged,
    Bars bars,
    Moves moves,
    Erasures erasures,
    ActLog acts,
    Identities identities,
    Questions questions,
    Asking asking,
    Function<Actor, StoredGrants> grants,
    Function<Actor, StoredAccess> keys) {

  /** The newest merges. */
  List<StoredMerge> merges(int limit) {
    return undos.list(null, null, null, null, limit).merges();
  }
}
