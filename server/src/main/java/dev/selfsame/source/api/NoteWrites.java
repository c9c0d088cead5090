package dev.selfsame.source.api;

import dev.selfsame.access.Actor;
import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.identity.Channel;
import dev.selfsame.identity.Claim;
import dev.selfsame.identity.Source;
import dev.selfsame.intake.Intake;
import dev.selfsame.intake.Receipt;
import dev.selfsame.intake.Submission;
import dev.selfsame.resolution.Reason;
import dev.selfsame.store.Database;
import dev.selfsame.store.FoundNote;
import dev.selfsame.store.NoteQueries;
import dev.selfsame.store.NoteRecord;
import dev.selfsame.store.StoredLedger;
import dev.selfsame.store.StoredSources;
import dev.selfsame.store.UserQueries;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Takes feedback about users from programs and from integrations. Thread-safe. */
public final class NoteWrites {

  /** So many integrations at most; each is a source. */
  public static final int MOST_INTEGRATIONS = 100;

  private static final String INSIGHTS = " insights";

  /** One of the two is free, or somebody made sources of both names to be in the way. */
  private static final List<String> NAMES = List.of("notes", "notes api");

  private final String space;
  private final Database database;
  private final Intake intake;
  private final UserQueries users;
  private final NoteQueries notes;
  private final InstantSource clock;
  private final StoredLedger ledger;
  private final SplittableRandom random = new SplittableRandom();

  public NoteWrites(
      String space,
      Database database,
      Intake intake,
      UserQueries users,
      NoteQueries notes,
      InstantSource clock) {
    this.space = space;
    this.database = database;
    this.intake = intake;
    this.users = users;
    this.notes = notes;
    this.clock = clock;
    this.ledger = new StoredLedger(database, space);
  }

  /** The id of a note that is to be kept; version 7: the newer, the greater. */
  public UUID newId() {
    long low;
    long bits;
    synchronized (random) {
      low = random.nextLong();
      bits = random.nextLong(0x1000);
    }
    return new UUID(clock.millis() << 16 | 0x7000 | bits, low >>> 2 | 0x8000_0000_0000_0000L);
  }

  /**
   * Keeps a note; returns when it is committed. A refusal is a receipt; of a request that was done
   * before, that of then. Of a note that is there already, by the name that it has where it comes
   * from: {@link Reason#SOURCE_REPEATED}, and the one that is there.
   *
   * @param once the request's name; null: it has none
   * @throws Failure {@code TOO_BUSY} or {@code STORE_AWAY} where it is not known that it was done
   */
  public NoteWritten write(NoteWrite write, Actor actor, @Nullable Once once) {
    Source source = write.integration() == null ? notes() : insights(write.integration());
    long at = Submission.micros(clock.instant());
    Claim claim = NotePayload.claim(write, source, at);
    Submission submission =
        new Submission(
            claim,
            at,
            once == null ? null : once.key(0),
            NotePayload.of(write, actor),
            null,
            Set.of(),
            null,
            write.note(),
            write.warnings());
    Receipt receipt = Told.decided(intake, List.of(submission)).getFirst();
    if (once != null && receipt.repeated()) {
      receipt = Told.before(ledger, once.key(0));
    }
    return new NoteWritten(receipt, kept(receipt, write.note().record()));
  }

  private @Nullable FoundNote kept(Receipt receipt, @Nullable NoteRecord record) {
    if (receipt.reason() == Reason.SOURCE_REPEATED && record != null) {
      return notes.find(record);
    }
    return receipt.reason() == null ? notes.at(receipt.position()) : null;
  }

  /** The source that an integration's notes are of; its number is not looked at. */
  public static Source source(String integration) {
    return Source.insights(0, integration + INSIGHTS);
  }

  private Source notes() {
    for (Source source : users.settings().sources().values()) {
      if (source.channel() == Channel.NOTES) {
        return source;
      }
    }
    for (String name : NAMES) {
      Source made = StoredSources.ensure(database, space, Source.notes(0, name));
      if (made.channel() == Channel.NOTES) {
        return made;
      }
    }
    throw new Failure(
        Problem.INVALID_SETTING,
        "Sources of other kinds are called %s; the notes have no name left"
            .formatted(String.join(" and ", NAMES)));
  }

  private Source insights(String integration) {
    String name = integration + INSIGHTS;
    int there = 0;
    for (Source source : users.settings().sources().values()) {
      if (source.channel() == Channel.INSIGHTS) {
        if (source.name().equals(name)) {
          return source;
        }
        there++;
      }
    }
    if (there >= MOST_INTEGRATIONS) {
      throw new Failure(
          Problem.INVALID_SETTING,
          "There are %d integrations that send notes already; expected at most %d. Is %s one of them?"
              .formatted(there, MOST_INTEGRATIONS, integration));
    }
    Source made = StoredSources.ensure(database, space, source(integration));
    if (made.channel() != Channel.INSIGHTS) {
      throw new Failure(
          Problem.INVALID_SETTING,
          "A source of another kind is called %s; name the integration otherwise".formatted(name));
    }
    return made;
  }
}
