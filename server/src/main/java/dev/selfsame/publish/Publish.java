package dev.selfsame.publish;

import dev.selfsame.publish.Destination.Standing;
import dev.selfsame.store.PublishedRows;
import dev.selfsame.store.PublishedRows.Changes;
import dev.selfsame.store.PublishedRows.Position;
import dev.selfsame.store.PublishedRows.Wanted;
import dev.selfsame.store.PublishedTable;
import dev.selfsame.store.StoredPublications;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One publish: from a snapshot of the hub to a place. */
final class Publish {

  private static final int USERS_AT_A_TIME = 5_000;

  /** Where a publish can break off. */
  enum Step {
    BEGUN,
    WRITTEN,
    COMMITTED
  }

  private final StoredPublications.Entry publication;
  private final int mostChanges;
  private final Consumer<Step> steps;

  /**
   * @param mostChanges beyond, all is written
   * @param steps told of each step once it is taken
   */
  Publish(StoredPublications.Entry publication, int mostChanges, Consumer<Step> steps) {
    this.publication = publication;
    this.mostChanges = mostChanges;
    this.steps = steps;
  }

  /**
   * Does it.
   *
   * @param full all rows, whatever stands there
   * @throws dev.selfsame.error.Failure that names what is wrong; then nothing of it is seen there
   */
  PublishResult run(PublishedRows rows, Destination to, boolean full, Instant now) {
    long began = System.nanoTime();
    Standing standing = to.begin(full);
    steps.accept(Step.BEGUN);
    Position from = full || standing == null ? null : continued(standing, rows);
    boolean nothing = from != null && from.number() == rows.position().number();
    Changes changes =
        from == null || nothing || to.whole() ? null : rows.changes(from.number(), mostChanges);
    Map<String, Long> written = new TreeMap<>();
    if (!nothing) {
      for (PublishedTable table : PublishedTable.values()) {
        written.put(
            table.code(), changes == null ? all(table, rows, to) : some(table, changes, rows, to));
      }
    }
    steps.accept(Step.WRITTEN);
    if (!nothing) {
      to.commit(new Standing(publication.id(), rows.position()), now);
    }
    steps.accept(Step.COMMITTED);
    return new PublishResult(
        !nothing && changes == null,
        changes == null ? null : changes.since(),
        rows.position().number(),
        changes == null
            ? written.getOrDefault(PublishedTable.USERS.code(), 0L)
            : changes.users().size(),
        written,
        (System.nanoTime() - began) / 1_000_000);
  }

  /**
   * From where it can be led on: what stands there is this definition's, its line is in this
   * ledger, and it is not behind what is known to have stood there, since which the hub may have
   * forgotten what it had to tell.
   */
  private @Nullable Position continued(Standing standing, PublishedRows rows) {
    Position position = standing.position();
    long known = publication.position() == null ? 0 : publication.position();
    boolean ours = standing.publication().equals(publication.id());
    return ours
            && position.number() >= known
            && position.number() <= rows.position().number()
            && rows.continues(position)
        ? position
        : null;
  }

  private static long all(PublishedTable table, PublishedRows rows, Destination to) {
    to.clear(table);
    return to.fill(table, rows, new Wanted.All());
  }

  private static long some(
      PublishedTable table, Changes changes, PublishedRows rows, Destination to) {
    return switch (table) {
      case USERS, USER_IDENTITIES, USER_IDENTIFIERS -> {
        to.delete(table, changes.users().stream().map(UUID::toString).toList());
        long count = 0;
        for (int at = 0; at < changes.users().size(); at += USERS_AT_A_TIME) {
          List<UUID> some =
              changes.users().subList(at, Math.min(changes.users().size(), at + USERS_AT_A_TIME));
          count += to.fill(table, rows, new Wanted.Changed(changes.since(), some));
        }
        yield count;
      }
      case USER_MERGES -> some(table, changes.merges(), changes, rows, to);
      case ACCOUNTS -> some(table, changes.accounts(), changes, rows, to);
    };
  }

  private static long some(
      PublishedTable table,
      List<String> keys,
      Changes changes,
      PublishedRows rows,
      Destination to) {
    if (keys.isEmpty()) {
      return 0;
    }
    to.delete(table, keys);
    return to.fill(table, rows, new Wanted.Changed(changes.since(), List.of()));
  }
}
