package dev.selfsame.source.segment;

import dev.selfsame.access.Access;
import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.intake.Intake;
import dev.selfsame.intake.Receipt;
import dev.selfsame.intake.Submission;
import dev.selfsame.resolution.Outcome;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Hands the messages of a request to the intake and waits for their commit, however they came. */
public final class Handover {

  /** How many of the events over a batch's limit an answer names; the others it counts. */
  static final int NAMED_BEYOND = 1_000;

  private final Function<String, Intake> intakes;
  private final InstantSource clock;
  private final int maxEventBytes;
  private final Duration answerWithin;
  private final MeterRegistry metrics;

  /**
   * @param intakes the intake of a space, by the space's name
   */
  public Handover(
      Function<String, Intake> intakes,
      InstantSource clock,
      SegmentSettings settings,
      MeterRegistry metrics) {
    this.intakes = intakes;
    this.clock = clock;
    this.maxEventBytes = settings.maxEventBytes();
    this.answerWithin = settings.answerWithin();
    this.metrics = metrics;
  }

  /** Hands on what can be, and says what was not taken, in the order of the request. */
  List<Rejection> of(Access.WriteKey target, TrackingRequest request, int maxEvents) {
    Instant now = clock.instant();
    long receivedAt = TimeUnit.SECONDS.toMicros(now.getEpochSecond()) + now.getNano() / 1_000;
    var events = new SegmentEvents(target.source(), receivedAt, target.landsVisits());
    List<Message> messages = request.messages();
    List<Submission> submissions = new ArrayList<>(messages.size());
    List<Integer> indexes = new ArrayList<>(messages.size());
    List<Rejection> rejections = new ArrayList<>();
    for (int i = 0; i < messages.size(); i++) {
      Message message = messages.get(i);
      Rejection rejection = unfit(i, message, maxEvents);
      if (rejection != null) {
        tooLargeAlone(request, rejection);
        rejections.add(rejection);
      } else {
        submissions.add(submission(events, message, request.envelope()));
        indexes.add(i);
      }
    }
    if (!submissions.isEmpty()) {
      List<Receipt> receipts = receipts(intakes.apply(target.space()), submissions);
      for (int i = 0; i < receipts.size(); i++) {
        if (receipts.get(i).outcome() == Outcome.REJECTED) {
          int index = indexes.get(i);
          rejections.add(Rejection.decided(index, messages.get(index), receipts.get(i).reason()));
        }
      }
      rejections.sort(Comparator.comparingInt(Rejection::index));
    }
    for (Rejection rejection : rejections) {
      metrics.counter("selfsame.tracking.rejected", "code", rejection.code()).increment();
    }
    return rejections;
  }

  private @Nullable Rejection unfit(int index, Message message, int maxEvents) {
    if (index >= maxEvents) {
      return Rejection.oneTooMany(index, message, maxEvents);
    }
    if (!message.object) {
      return Rejection.notAnObject(index);
    }
    if (message.whole.to - message.whole.from > maxEventBytes) {
      return Rejection.tooLarge(index, message, maxEventBytes);
    }
    return message.depth > SegmentEvents.DEEPEST ? Rejection.tooDeep(index, message) : null;
  }

  /**
   * As Segment does, and as RULES' limits say: alone, an event that is too large is a request that
   * is.
   */
  private static void tooLargeAlone(TrackingRequest request, Rejection rejection) {
    if (!request.batch() && rejection.code().equals(Problem.EVENT_TOO_LARGE.code())) {
      throw new Failure(Problem.EVENT_TOO_LARGE, rejection.message());
    }
  }

  private static Submission submission(SegmentEvents events, Message message, Envelope envelope) {
    try {
      return events.submission(message, envelope);
    } catch (JsonCursor.Malformed e) {
      throw new IllegalStateException("The message has been read before. Indicates a bug.", e);
    }
  }

  private List<Receipt> receipts(Intake intake, List<Submission> submissions) {
    CompletableFuture<List<Receipt>> committed = intake.submit(submissions);
    try {
      return committed.get(answerWithin.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new Failure(
          Problem.STORE_AWAY,
          "The events were not committed within %d seconds; send them again."
              .formatted(answerWithin.toSeconds()),
          0,
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Failure(Problem.STORE_AWAY, "The server is stopping; send the events again.", 0, e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Failure failure) {
        throw failure;
      }
      throw new IllegalStateException("The intake failed in an unforeseen way", e.getCause());
    }
  }
}
