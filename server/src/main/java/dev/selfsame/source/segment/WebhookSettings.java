package dev.selfsame.source.segment;

/**
 * Bounds of a webhook's requests; a single event's are the Tracking API's.
 *
 * @param maxBodyBytes of one request, inflated
 * @param maxEvents of one array; Segment sends up to 4,000
 */
public record WebhookSettings(int maxBodyBytes, int maxEvents) {

  private static final int SMALLEST_BODY = 512 * 1024;
  private static final int LARGEST_BODY = 32 * 1024 * 1024;
  private static final int FEWEST_EVENTS = 1_000;
  private static final int MOST_EVENTS = 100_000;

  public static final WebhookSettings DEFAULT = new WebhookSettings(8 * 1024 * 1024, 4_000);

  public WebhookSettings {
    if (maxBodyBytes < SMALLEST_BODY || maxBodyBytes > LARGEST_BODY) {
      throw new IllegalArgumentException(
          "A webhook's request must be allowed %d to %d bytes; got %d"
              .formatted(SMALLEST_BODY, LARGEST_BODY, maxBodyBytes));
    }
    if (maxEvents < FEWEST_EVENTS || maxEvents > MOST_EVENTS) {
      throw new IllegalArgumentException(
          "A webhook's array must be allowed %d (what Segment sends unless told otherwise) to %d events; got %d"
              .formatted(FEWEST_EVENTS, MOST_EVENTS, maxEvents));
    }
  }
}
