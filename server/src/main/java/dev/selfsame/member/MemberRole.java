package dev.selfsame.member;

import dev.selfsame.access.Access;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What a member may do; each includes the ones before. */
public enum MemberRole {
  /** Looks. */
  VIEWER(Access.Scope.READ),
  /** Settles, merges, undoes, imports. */
  OPERATOR(Access.Scope.WRITE),
  /** Changes settings, keys and members, and erases. */
  ADMIN(Access.Scope.ADMIN);

  private final Access.Scope scope;

  MemberRole(Access.Scope scope) {
    this.scope = scope;
  }

  /** What a token that may do as much has. */
  public Access.Scope scope() {
    return scope;
  }

  public String code() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The one of that code; null if there is none. */
  public static @Nullable MemberRole of(String code) {
    return Arrays.stream(values())
        .filter(role -> role.code().equals(code))
        .findFirst()
        .orElse(null);
  }
}
