package dev.selfsame.source.api;

import dev.selfsame.access.Actor;
import dev.selfsame.identity.Account;
import dev.selfsame.identity.Claim;
import dev.selfsame.identity.Claim.LinkAccount.Linking;
import dev.selfsame.identity.Raw;
import dev.selfsame.identity.Source;
import dev.selfsame.intake.Intake;
import dev.selfsame.intake.Preview;
import dev.selfsame.intake.Receipt;
import dev.selfsame.intake.Submission;
import dev.selfsame.store.AccountQueries.Newcomer;
import dev.selfsame.store.Database;
import dev.selfsame.store.StoredLedger;
import dev.selfsame.store.UserQueries;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Writes accounts for programs and people: done, or only tried. Each returns when it is committed;
 * a refusal is a receipt. What takes an account away is an act of a person, as the audit lists
 * them. Thread-safe.
 */
public final class AccountWrites {

  /** What became of a write, and the account as it would be; null: it was refused. */
  public record Foreseen(Receipt receipt, @Nullable Account account) {}

  private final ApiSource source;
  private final Intake intake;
  private final Supplier<Preview> previews;
  private final UserQueries users;
  private final InstantSource clock;
  private final StoredLedger ledger;

  /**
   * @param previews makes an intake that writes nothing
   */
  public AccountWrites(
      String space,
      Database database,
      Intake intake,
      Supplier<Preview> previews,
      UserQueries users,
      InstantSource clock) {
    this.source = new ApiSource(space, database, users);
    this.intake = intake;
    this.previews = previews;
    this.users = users;
    this.clock = clock;
    this.ledger = new StoredLedger(database, space);
  }

  /**
   * Creates an account or changes one.
   *
   * @param once the request's name; null: it has none. Of a request that was done before, the
   *     receipt of then
   */
  public Receipt write(AccountWrite write, Actor actor, @Nullable Once once) {
    Receipt receipt =
        Told.decided(intake, List.of(put(write, actor, source.ensured(), once))).getFirst();
    return once != null && receipt.repeated() ? Told.before(ledger, once.key(0)) : receipt;
  }

  /** What {@link #write} would make of it now. Writes nothing. */
  public Foreseen preview(AccountWrite write, Actor actor) {
    try (Preview preview = previews.get()) {
      Receipt receipt =
          Told.decided(preview, List.of(put(write, actor, source.foreseen(), null))).getFirst();
      return new Foreseen(
          receipt, receipt.reason() == null ? preview.account(write.externalId().strip()) : null);
    }
  }

  private Submission put(AccountWrite write, Actor actor, Source by, @Nullable Once once) {
    long at = now();
    return new Submission(
        AccountPayload.claim(write, by, at),
        at,
        once == null ? null : once.key(0),
        AccountPayload.of(write, actor),
        write.traits().isEmpty() ? null : AccountPayload.traits(write),
        Set.of(),
        Map.of());
  }

  /** Links a user to the account, chooses it for the user's company, or takes the user off it. */
  public Receipt link(String account, UUID user, Linking linking, Actor actor) {
    long at = now();
    return done(
        new Claim.LinkAccount(source.ensured(), at, account, user, linking, Raw.ABSENT),
        at,
        AccountPayload.linking(account, user, linking, null, actor));
  }

  public Receipt delete(String account, Actor actor) {
    long at = now();
    return done(
        new Claim.DeleteAccount(byHand(), at, account),
        at,
        AccountPayload.deleting(account, actor));
  }

  /** Makes one account part of another. */
  public Receipt merge(String from, String into, Actor actor) {
    long at = now();
    return done(
        new Claim.MergeAccounts(byHand(), at, from, into),
        at,
        AccountPayload.merging(from, into, actor));
  }

  /** Links users to accounts that gained the domain of their emails, as far as that is so still. */
  void take(List<Newcomer> newcomers) {
    if (newcomers.isEmpty()) {
      return;
    }
    long at = now();
    Source by = source.ensured();
    Told.decided(
        intake,
        newcomers.stream()
            .map(each ->
                submission(
                    new Claim.LinkAccount(
                        by,
                        at,
                        each.account(),
                        each.user(),
                        Linking.BY_DOMAIN,
                        Raw.text(each.domain())),
                    at,
                    AccountPayload.linking(
                        each.account(),
                        each.user(),
                        Linking.BY_DOMAIN,
                        each.domain(),
                        Actor.PROGRAM)))
            .toList());
  }

  private Receipt done(Claim claim, long at, byte[] payload) {
    return Told.decided(intake, List.of(submission(claim, at, payload))).getFirst();
  }

  private static Submission submission(Claim claim, long at, byte[] payload) {
    return new Submission(claim, at, null, payload, null, Set.of(), Map.of());
  }

  private Source byHand() {
    return users.settings().acts();
  }

  private long now() {
    return Submission.micros(clock.instant());
  }
}
