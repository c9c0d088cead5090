package dev.selfsame.sdk;

import java.time.Duration;
import java.util.Locale;

/** What goes wrong with the first request on its way to the hub, and with no other. */
enum Fault {
  NONE,
  /** 429 with {@code Retry-After}, as the hub answers when its queue is full. */
  TOO_BUSY,
  /** 503 without a time to wait. */
  AWAY,
  /** The connection is closed before the hub has seen anything. */
  REQUEST_LOST,
  /** The hub takes everything, then the connection is closed instead of its answer. */
  ANSWER_LOST;

  /** Longer than any SDK waits that does not read it, but for Java's. */
  static final Duration RETRY_AFTER = Duration.ofSeconds(5);

  /** How it is called in names of sources and ids. */
  String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
