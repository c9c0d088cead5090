package dev.selfsame.source.segment;

import java.time.Duration;

/**
 * Bounds of the Tracking API, and what it does with an unknown write key.
 *
 * @param maxBodyBytes of one request, inflated
 * @param maxEventBytes of one event
 * @param maxEvents of one batch
 * @param unknownKeyIsOk answer 200 to an unknown write key, as Segment does, and drop its events
 * @param answerWithin how long a request waits for its commit before it is told to come back
 */
public record SegmentSettings(
    int maxBodyBytes,
    int maxEventBytes,
    int maxEvents,
    boolean unknownKeyIsOk,
    Duration answerWithin) {

  private static final int SEGMENT_BODY = 500 * 1024;
  private static final int SEGMENT_EVENT = 32 * 1024;
  private static final int SEGMENT_EVENTS = 2_500;
  private static final int LARGEST_BODY = 32 * 1024 * 1024;
  private static final int MOST_EVENTS = 100_000;

  public static final SegmentSettings DEFAULT =
      new SegmentSettings(
          SEGMENT_BODY, SEGMENT_EVENT, SEGMENT_EVENTS, false, Duration.ofSeconds(20));

  public SegmentSettings {
    if (maxBodyBytes < SEGMENT_BODY || maxBodyBytes > LARGEST_BODY) {
      throw new IllegalArgumentException(
          "A request must be allowed %d (what the SDKs send) to %d bytes; got %d"
              .formatted(SEGMENT_BODY, LARGEST_BODY, maxBodyBytes));
    }
    if (maxEventBytes < SEGMENT_EVENT || maxEventBytes > maxBodyBytes) {
      throw new IllegalArgumentException(
          "An event must be allowed %d bytes up to a request's %d; got %d"
              .formatted(SEGMENT_EVENT, maxBodyBytes, maxEventBytes));
    }
    if (maxEvents < SEGMENT_EVENTS || maxEvents > MOST_EVENTS) {
      throw new IllegalArgumentException(
          "A batch must be allowed %d to %d events; got %d"
              .formatted(SEGMENT_EVENTS, MOST_EVENTS, maxEvents));
    }
    if (!answerWithin.isPositive()) {
      throw new IllegalArgumentException(
          "The time to answer within must be positive; got " + answerWithin);
    }
  }

  public SegmentSettings withUnknownKeyIsOk(boolean on) {
    return new SegmentSettings(maxBodyBytes, maxEventBytes, maxEvents, on, answerWithin);
  }

  public SegmentSettings withMaxBodyBytes(int bytes) {
    return new SegmentSettings(bytes, maxEventBytes, maxEvents, unknownKeyIsOk, answerWithin);
  }
}
