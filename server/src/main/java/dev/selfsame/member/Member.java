package dev.selfsame.member;

import dev.selfsame.store.StoredMembers.StoredMember;
import java.time.Instant;
import java.util.Locale;
import java.util.UUID;

/**
 * Someone who may sign in.
 *
 * @param email in lower case
 * @param invited has not come yet
 */
public record Member(
    UUID id, String email, String name, MemberRole role, boolean invited, Instant createdAt) {

  static Member of(StoredMember stored) {
    return new Member(
        stored.id(),
        stored.email(),
        stored.name(),
        MemberRole.valueOf(stored.role().toUpperCase(Locale.ROOT)),
        !stored.entered(),
        stored.createdAt());
  }

  /** As the ledger names people. */
  public String by() {
    return "member:" + email;
  }
}
