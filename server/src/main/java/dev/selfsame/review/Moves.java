package dev.selfsame.review;

import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.identity.Claim;
import dev.selfsame.identity.Raw;
import dev.selfsame.intake.Intake;
import dev.selfsame.intake.Preview;
import dev.selfsame.intake.Receipt;
import dev.selfsame.resolution.Outcome;
import dev.selfsame.resolution.Reason;
import dev.selfsame.store.MergeQueries;
import dev.selfsame.store.UserQueries;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/** Moving one identifier to another user (M3): previewed, or done. Thread-safe. */
public final class Moves {

  private final Acts acts;
  private final MergeQueries merges;

  /**
   * @param previews makes an intake that writes nothing
   */
  public Moves(
      Intake intake,
      Supplier<Preview> previews,
      UserQueries users,
      MergeQueries merges,
      InstantSource clock) {
    this.acts = new Acts(intake, previews, users, clock);
    this.merges = merges;
  }

  /**
   * Moves it; returns when it is committed.
   *
   * @throws Failure {@code NOT_HELD}, {@code LAST_IDENTIFIER}, {@code SAME_USER}, {@code
   *     UNKNOWN_USER}, {@code ABSORBED_USER}, {@code LIMIT_REACHED} or {@code INVALID_REQUEST} when
   *     the rules refuse it, which the ledger keeps; {@code TOO_BUSY} or {@code STORE_AWAY} when
   *     nothing was done
   */
  public Moved move(MoveRequest request) {
    Receipt receipt = acts.done(act(request), payload(request));
    accepted(receipt, request);
    return new Moved(
        receipt.position(),
        acts.shown(request.from()),
        acts.shown(request.to()),
        merges.raised(receipt.position()).stream().map(RaisedFlag::of).toList());
  }

  /** What {@link #move} would make of it now; refused as it would be. Writes nothing. */
  public Moved preview(MoveRequest request) {
    try (Preview preview = acts.preview()) {
      accepted(acts.decided(preview, act(request), payload(request)), request);
      return new Moved(
          0,
          acts.shown(preview, request.from()),
          acts.shown(preview, request.to()),
          preview.flags().stream().map(RaisedFlag::of).toList());
    }
  }

  private Claim act(MoveRequest request) {
    return new Claim.MoveIdentifier(
        acts.source(),
        acts.now(),
        request.by(),
        request.type(),
        request.value(),
        request.from(),
        request.to(),
        request.current());
  }

  private static Map<String, Object> payload(MoveRequest request) {
    Map<String, Object> payload = new LinkedHashMap<>();
    payload.put("act", "move");
    request.actor().note(payload);
    payload.put("type", request.type().name());
    payload.put("value", text(request.value()));
    payload.put("from", request.from());
    payload.put("to", request.to());
    if (request.current() != null) {
      payload.put("current", request.current());
    }
    return payload;
  }

  private static String text(Raw value) {
    return switch (value) {
      case Raw.Text text -> storable(text.value());
      case Raw.Number number -> number.literal();
      case Raw.Absent absent -> "";
      case Raw.Other other -> other.kind();
    };
  }

  /** A refused value stands in the ledger too: without NULs and halves of characters. */
  private static String storable(String text) {
    return new String(
        text.replace('\0', '?').getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
  }

  private void accepted(Receipt receipt, MoveRequest request) {
    if (receipt.outcome() == Outcome.UPDATED) {
      return;
    }
    Reason reason = receipt.reason();
    if (reason == Reason.UNKNOWN_USER || reason == Reason.ABSORBED_USER) {
      acts.needLive(request.from());
      acts.needLive(request.to());
    }
    if (reason == null) {
      throw new IllegalStateException("The move did nothing. Indicates a bug");
    }
    throw switch (reason) {
      case SAME_USER ->
          new Failure(Problem.SAME_USER, "The identifier is to move to the user that has it");
      case UNKNOWN_USER, ABSORBED_USER ->
          new Failure(Problem.UNKNOWN_USER, "One of the two users was just taken away");
      case NOT_HELD ->
          new Failure(
              Problem.NOT_HELD,
              "The user %s does not hold this %s".formatted(request.from(), request.type().name()));
      case LAST_IDENTIFIER ->
          new Failure(
              Problem.LAST_IDENTIFIER,
              "Nothing else finds the user %s; if the two are one, merge them"
                  .formatted(request.from()));
      case LIMIT_REACHED ->
          new Failure(
              Problem.LIMIT_REACHED,
              "The user %s holds as many identifiers as a user may".formatted(request.to()));
      case VALUE_BLOCKED, VALUE_MALFORMED ->
          new Failure(
              Problem.INVALID_REQUEST,
              "The value cannot be a %s: %s"
                  .formatted(
                      request.type().name(),
                      reason == Reason.VALUE_BLOCKED
                          ? "it is on the list of values that identify nobody"
                          : "it is blank, too long or malformed"));
      default ->
          new IllegalStateException(
              "The move was refused by %s. Indicates a bug".formatted(reason));
    };
  }
}
