package dev.selfsame.source.land;

import dev.selfsame.error.Failure;
import dev.selfsame.store.LandingLog;
import dev.selfsame.store.LandingLog.State;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A landing's entry in the log, kept while it runs: looks on, tells another who looks on, and
 * writes down how far it is every second. One thread runs the landing; any may read the status.
 */
public final class LandingNote implements LandingWatch {

  private static final Logger LOG = LoggerFactory.getLogger(LandingNote.class);
  private static final Duration EVERY = Duration.ofSeconds(1);

  private final LandingLog log;
  private final InstantSource clock;
  private final LandingWatch outer;
  private volatile LandingStatus status;
  private Instant kept;

  private LandingNote(
      LandingLog log, InstantSource clock, LandingWatch outer, LandingStatus status) {
    this.log = log;
    this.clock = clock;
    this.outer = outer;
    this.status = status;
    this.kept = status.changedAt();
  }

  /**
   * Notes down a landing that is asked for.
   *
   * @param origin what runs it
   * @param actor who asked for it
   * @param size of the file in bytes; null where nobody knows
   * @param outer who looks on besides
   */
  public static LandingNote begin(
      LandingLog log,
      UUID id,
      LandingRequest request,
      LandingStatus.Asked asked,
      String origin,
      String actor,
      @Nullable Long size,
      InstantSource clock,
      LandingWatch outer) {
    Instant now = now(clock);
    LandingStatus status =
        new LandingStatus(
            id,
            request.name(),
            asked,
            origin,
            actor,
            State.WAITING,
            now,
            now,
            LandingStatus.Counts.none(size),
            null);
    log.begin(status.entry(request));
    return new LandingNote(log, clock, outer, status);
  }

  /** Takes up one that was begun earlier. */
  static LandingNote of(
      LandingLog log, LandingStatus status, InstantSource clock, LandingWatch outer) {
    return new LandingNote(log, clock, outer, status);
  }

  public LandingStatus status() {
    return status;
  }

  /** It runs from now on. */
  public void started() {
    update(of ->
        of.with(LandingStatus.Counts.none(of.counts().size())).in(State.LANDING, now(clock), null));
    keep();
  }

  @Override
  public void reading(long read, long size) {
    update(of -> of.with(of.counts().read(read, size)));
    keepSometimes();
    outer.reading(read, size);
  }

  @Override
  public void landing(long rows) {
    update(of -> of.with(of.counts().landing(rows)));
    keepSometimes();
    outer.landing(rows);
  }

  @Override
  public void deciding(long decided, long claims) {
    update(of -> {
      LandingStatus next = of.with(of.counts().decided(decided, claims));
      return of.state() == State.LANDING && !of.asked().preview()
          ? next.in(State.DECIDING, now(clock), null)
          : next;
    });
    keepSometimes();
    outer.deciding(decided, claims);
  }

  @Override
  public boolean stopped() {
    return outer.stopped();
  }

  /** It came to its end. */
  public void done(Landed landed) {
    LandingStatus next = status.with(status.counts().done(landed));
    end(next.in(State.DONE, now(clock), null));
  }

  /** It did not. */
  public void failed(Failure failure) {
    failed(LandingStatus.Broken.of(failure));
  }

  void failed(LandingStatus.Broken why) {
    end(status.in(State.FAILED, now(clock), why));
  }

  /** It was told to stop, or who ran it ends. */
  public void interrupted(Failure failure) {
    end(status.in(State.INTERRUPTED, now(clock), LandingStatus.Broken.of(failure)));
  }

  /** It will run from its beginning, later. */
  void waiting() {
    end(status.in(State.WAITING, now(clock), null));
  }

  /** Shown once it is written: who sees the end may rely on it. */
  private void end(LandingStatus next) {
    write(next);
    status = next;
  }

  private synchronized void update(UnaryOperator<LandingStatus> change) {
    status = change.apply(status);
  }

  private void keepSometimes() {
    Instant now = clock.instant();
    if (Duration.between(kept, now).compareTo(EVERY) >= 0) {
      update(of -> of.in(of.state(), now(clock), null));
      keep();
    }
  }

  /** How far it is may stay unwritten; how it ends may not. */
  private void keep() {
    kept = clock.instant();
    try {
      write(status);
    } catch (Failure failure) {
      LOG.warn("How far landing {} is could not be noted: {}", status.id(), failure.getMessage());
    }
  }

  private void write(LandingStatus of) {
    if (!log.change(of.id(), of.state(), of.changedAt(), of.countsText(), of.errorText())) {
      LOG.info("Landing {} was forgotten while it ran", of.id());
    }
  }

  private static Instant now(InstantSource clock) {
    return clock.instant().truncatedTo(ChronoUnit.MICROS);
  }
}
