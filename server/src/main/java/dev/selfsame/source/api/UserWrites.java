package dev.selfsame.source.api;

import dev.selfsame.access.Actor;
import dev.selfsame.error.Failure;
import dev.selfsame.identity.Claim;
import dev.selfsame.identity.IdentifierType;
import dev.selfsame.identity.Source;
import dev.selfsame.identity.User;
import dev.selfsame.intake.Intake;
import dev.selfsame.intake.Preview;
import dev.selfsame.intake.Receipt;
import dev.selfsame.intake.Submission;
import dev.selfsame.store.Database;
import dev.selfsame.store.FoundUser;
import dev.selfsame.store.StoredLedger;
import dev.selfsame.store.UserQueries;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Creating and changing users for programs, done or only tried. Thread-safe. */
public final class UserWrites {

  /** So many at once at most. */
  public static final int MOST = 1_000;

  private static final List<String> TOOLS =
      List.of("hubspot_id", "intercom_id", "mailchimp_id", "salesforce_id", "zendesk_id");

  private final ApiSource source;
  private final Intake intake;
  private final Supplier<Preview> previews;
  private final UserQueries users;
  private final InstantSource clock;
  private final StoredLedger ledger;

  /**
   * @param previews makes an intake that writes nothing
   */
  public UserWrites(
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
   * Writes each by itself, in their order; returns when all are committed. A refusal is a receipt;
   * of a request that was done before, those of then.
   *
   * @param once the request's name; null: it has none
   * @throws Failure {@code TOO_BUSY} or {@code STORE_AWAY} where it is not known that all were done
   */
  public List<Written> write(List<UserWrite> writes, Actor actor, @Nullable Once once) {
    List<Receipt> receipts =
        Told.decided(intake, submissions(writes, actor, source.ensured(), once));
    List<Written> written = new ArrayList<>(receipts.size());
    for (int i = 0; i < receipts.size(); i++) {
      Receipt receipt = receipts.get(i);
      if (once != null && receipt.repeated()) {
        receipt = Told.before(ledger, once.key(writes.get(i).row()));
      }
      // A claim after this one may have merged it on.
      UUID live = receipt.user() == null ? null : users.live(receipt.user());
      FoundUser user = live == null ? null : users.user(live);
      written.add(
          new Written(receipt, user, user == null ? List.of() : users.identifiers(user.id())));
    }
    return written;
  }

  /** What {@link #write} would make of them now. Writes nothing. */
  public List<Written> preview(List<UserWrite> writes, Actor actor) {
    try (Preview preview = previews.get()) {
      List<Receipt> receipts =
          Told.decided(preview, submissions(writes, actor, source.foreseen(), null));
      List<Written> written = new ArrayList<>(receipts.size());
      for (Receipt receipt : receipts) {
        User user = receipt.user() == null ? null : preview.user(receipt.user());
        if (user == null) {
          written.add(new Written(receipt, null, List.of()));
        } else {
          UserQueries.Foreseen foreseen = users.foreseen(user, clock.instant());
          written.add(new Written(receipt, foreseen.user(), foreseen.identifiers()));
        }
      }
      return written;
    }
  }

  private List<Submission> submissions(
      List<UserWrite> writes, Actor actor, Source source, @Nullable Once once) {
    long at = Submission.micros(clock.instant());
    List<Submission> submissions = new ArrayList<>(writes.size());
    for (UserWrite write : writes) {
      Claim claim = UserWritePayload.claim(write, source, at);
      submissions.add(
          new Submission(
              claim,
              at,
              once == null ? null : once.key(write.row()),
              UserWritePayload.of(write, actor),
              null,
              Set.of(),
              Map.of()));
    }
    return submissions;
  }

  /** The types of tools' record ids that a user may be given. */
  public List<String> recordTypes() {
    return Stream.concat(
            TOOLS.stream(),
            users.settings().sources().values().stream()
                .map(Source::idType)
                .filter(Objects::nonNull)
                .filter(type -> type.kind() == IdentifierType.Kind.RECORD)
                .map(IdentifierType::name))
        .distinct()
        .sorted()
        .toList();
  }
}
