package dev.selfsame.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.junit.jupiter.api.Test;

final class UserTest {

  private static final Part A = Part.created(new UUID(0, 1), 1, 0);
  private static final Part B = Part.created(new UUID(0, 2), 2, 0);
  private static final Part C = Part.created(new UUID(0, 3), 3, 0);

  @Test
  void aWeakValueNeverOutranksAStrongOne() {
    Field strong = new Field("strong", 1, 1, 1, false);
    Field weak = new Field("weak", 9, 9, 2, true);
    assertThat(weak.outranks(strong)).isFalse();
    assertThat(strong.outranks(weak)).isTrue();
    assertThat(weak.outranks(new Field("w", 8, 99, 2, true))).isTrue();
    assertThat(weak.outranks(new Field("w", 9, 8, 2, true))).as("later in the ledger").isTrue();
    assertThat(weak.outranks(new Field("w", 9, 10, 2, true))).isFalse();
  }

  @Test
  void aRulesMergeShowsTheHigherValue() {
    User user = merged(named(A, "Ann", 5, 4), named(B, "Bob", 7, 5), Map.of());
    assertThat(name(user)).isEqualTo("Bob");
    assertThat(user.id()).isEqualTo(A.id());
  }

  @Test
  void aSettledValueStandsUntilALaterOneOutranksIt() {
    Part ann = named(A, "Ann", 5, 4);
    Part bob = named(B, "Bob", 7, 5);
    User user = merged(ann, bob, Map.of(User.NAME, A.id()));
    assertThat(name(user)).isEqualTo("Ann");
    User later = user.with(named(B, "Bobby", 8, 11));
    assertThat(name(later)).isEqualTo("Bobby");
    assertThat(name(user.with(named(A, "Anna", 6, 11)))).isEqualTo("Anna");
  }

  @Test
  void eachPartsEmailMatches() {
    Part a = A.withCurrent(email("a@x.com", 1)).withCurrent(email("b@x.com", 2));
    User user = merged(a, B.withCurrent(email("c@x.com", 3)), Map.of());
    assertThat(user.has("b@x.com")).isTrue();
    assertThat(user.has("c@x.com")).isTrue();
    assertThat(user.has("a@x.com")).as("replaced").isFalse();
    assertThat(Objects.requireNonNull(user.email()).value()).isEqualTo("c@x.com");
  }

  @Test
  void aMergeInTheMiddleOfAChainCanBeTakenBack() {
    Part ann = named(A, "Ann", 5, 4);
    Part bob = named(B, "Bob", 7, 5);
    Part cid = named(C, "Cid", 9, 6);
    Merge first = merge(10, B.id(), C.id(), Map.of());
    Merge second = merge(11, A.id(), B.id(), Map.of());
    User user = User.of(A.id(), List.of(cid, bob, ann), List.of(second, first));
    assertThat(name(user)).isEqualTo("Cid");
    assertThat(user.parts()).containsExactly(ann, bob, cid);
    assertThat(user.without(second))
        .containsExactly(User.of(ann), User.of(B.id(), List.of(bob, cid), List.of(first)));
    List<User> apart = user.without(first);
    assertThat(apart.getLast()).isEqualTo(User.of(cid));
    assertThat(name(apart.getFirst())).isEqualTo("Bob");
  }

  @Test
  void mergesMustTieThePartsIntoTheUser() {
    Merge merge = merge(10, A.id(), B.id(), Map.of());
    assertThatThrownBy(() -> User.of(A.id(), List.of(A, B), List.of()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> User.of(B.id(), List.of(A, B), List.of(merge)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> User.of(A.id(), List.of(A, C), List.of(merge)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() ->
            User.of(A.id(), List.of(A, B, C), List.of(merge, merge(11, A.id(), B.id(), Map.of()))))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static Part named(Part part, String name, long at, long position) {
    return part.withName(new Field(name, at, position, 1, false));
  }

  private static Held email(String value, long at) {
    return new Held(Identifier.email(value), value, true, false, false, 1, at, at, at, at);
  }

  private static User merged(Part survivor, Part absorbed, Map<String, UUID> settled) {
    Merge merge = merge(10, survivor.id(), absorbed.id(), settled);
    return User.merged(User.of(survivor), User.of(absorbed), merge);
  }

  private static Merge merge(
      long position, UUID survivor, UUID absorbed, Map<String, UUID> settled) {
    return new Merge(position, 0, survivor, absorbed, "M1", settled);
  }

  private static String name(User user) {
    return Objects.requireNonNull(user.name()).value();
  }
}
