package dev.selfsame.source.segment;

import java.util.List;
import java.util.Map;

/**
 * What an SDK asks for before it sends anything: where to send, and that nothing else is to be
 * loaded. Without the integration named Segment.io a browser would ignore its own apiHost and send
 * to Segment.
 */
record BrowserSettings(
    Map<String, SegmentIo> integrations,
    Map<String, Object> plan,
    Map<String, Object> edgeFunction,
    Map<String, Object> middlewareSettings,
    Metrics metrics,
    Map<String, Object> consentSettings,
    boolean legacyVideoPluginsEnabled,
    List<Object> remotePlugins) {

  /** How to reach this hub. */
  record SegmentIo(String apiKey, String apiHost, String protocol, boolean retryQueue) {}

  /** How often an SDK reports on itself: never. */
  record Metrics(int sampleRate) {}

  static BrowserSettings pointingAt(String scheme, String host, String writeKey) {
    return new BrowserSettings(
        Map.of("Segment.io", new SegmentIo(writeKey, host + "/v1", scheme, true)),
        Map.of(),
        Map.of(),
        Map.of(),
        new Metrics(0),
        Map.of(),
        false,
        List.of());
  }
}
