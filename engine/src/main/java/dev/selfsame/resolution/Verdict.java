package dev.selfsame.resolution;

import org.jspecify.annotations.Nullable;

/** Whether users may be joined, or which clause of G2 forbids it. */
enum Verdict {
  ALLOWED(null, null),
  TWO_EXTERNAL_IDS(null, Reason.DIFFERENT_EXTERNAL_IDS),
  TWO_CUSTOMERS(Flag.Kind.BILLING_CONFLICT, Reason.DIFFERENT_BILLING_IDS),
  KEPT_APART(Flag.Kind.KEPT_APART, Reason.KEPT_APART),
  LIMIT_REACHED(Flag.Kind.LIMIT_REACHED, Reason.LIMIT_REACHED),
  UNTRUSTED(Flag.Kind.UNVERIFIED_MATCH, Reason.UNTRUSTED_SOURCE);

  private final Flag.@Nullable Kind flag;
  private final @Nullable Reason reason;

  Verdict(Flag.@Nullable Kind flag, @Nullable Reason reason) {
    this.flag = flag;
    this.reason = reason;
  }

  boolean allowed() {
    return this == ALLOWED;
  }

  /** What a person is to look at; null where the row has a flag of its own for it. */
  Flag.@Nullable Kind flag() {
    return flag;
  }

  /** Why a claim that asked for just this is refused. */
  Reason reason() {
    if (reason == null) {
      throw new IllegalStateException("Joining is allowed. Indicates a bug");
    }
    return reason;
  }
}
