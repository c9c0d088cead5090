package dev.selfsame.store;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A claim or act as the ledger has it, with what it did.
 *
 * @param saidAt when it happened, as its source says
 * @param before what the fields that it changed were before, by part; null when it changed none
 */
public record FoundDecision(
    long position,
    Instant decidedAt,
    Instant saidAt,
    String source,
    String outcome,
    String code,
    @Nullable String reason,
    List<String> checks,
    List<String> flags,
    List<String> warnings,
    int policyVersion,
    @Nullable UUID part,
    @Nullable JsonNode before) {

  public FoundDecision {
    checks = List.copyOf(checks);
    flags = List.copyOf(flags);
    warnings = List.copyOf(warnings);
  }
}
