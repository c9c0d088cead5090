package dev.selfsame.store;

import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.node.ObjectNode;

/**
 * A policy that somebody wants to stand.
 *
 * @param settings every key but {@code sources}, as {@link PolicySettings} has them
 * @param sources settings of sources, by the sources' names; what is not named stays as it is
 */
public record PolicyRequest(ObjectNode settings, Map<String, Map<String, Boolean>> sources) {

  public PolicyRequest {
    sources = new TreeMap<>(sources);
  }
}
