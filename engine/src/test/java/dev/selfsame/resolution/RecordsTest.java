package dev.selfsame.resolution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.identity.Claim;
import dev.selfsame.identity.Raw;
import dev.selfsame.identity.Source;
import dev.selfsame.identity.User;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class RecordsTest {

  private static final String E = "ann@example.com";

  private final Ledger space = new Ledger();

  @Test
  void aLinkOutlivesAChangeOfEmail() {
    space.identify("u1", E);
    assertThat(space.record("z1", null, E).rule()).isEqualTo(Rule.R3);
    assertThat(space.record("z1", null, "new@example.com").rule()).isEqualTo(Rule.R1);
    assertThat(space.recordUser("z1")).isEqualTo(space.user("u1"));
    assertThat(space.record("z1", "u1", E).outcome()).isEqualTo(Outcome.UNCHANGED);
  }

  @Test
  void aLinkedUserWithoutAnIdGetsTheRecords() {
    space.record("z1", null, E);
    assertThat(space.record("z1", "u1", E).rule()).isEqualTo(Rule.R1A);
    assertThat(space.recordUser("z1")).isEqualTo(space.user("u1"));
  }

  @Test
  void aLinkedUserWithoutAnIdIsMergedWithTheOneNamed() {
    User first = space.record("z1", null, null).users().getFirst();
    space.identify("u1");
    assertThat(space.record("z1", "u1", null).rule()).isEqualTo(Rule.R1B);
    assertThat(space.user("u1").id()).isEqualTo(first.id());
    assertThat(space.users.all()).hasSize(1);
  }

  @Test
  void aRecordThatNamesAnotherIdMoves() {
    space.identify("u1", E);
    space.record("z1", "u1", E);
    Decision decision = space.record("z1", "u2", E);
    assertThat(decision.rule()).isEqualTo(Rule.R1C);
    assertThat(decision.outcome()).isEqualTo(Outcome.CREATED);
    assertThat(kinds(decision)).containsExactly(Flag.Kind.RECORD_MOVED, Flag.Kind.SAME_EMAIL);
    assertThat(space.recordUser("z1")).isEqualTo(space.user("u2"));
    assertThat(decision.users()).hasSize(2);
    Decision back = space.record("z1", "u1", E);
    assertThat(back.rule()).isEqualTo(Rule.R1C);
    assertThat(space.recordUser("z1")).isEqualTo(space.user("u1"));
  }

  @Test
  void aRecordThatMayNotBringItsUserAlongMovesAlone() {
    space.customer("cus_1", E);
    space.record("z1", null, E);
    space.identify("u1", null, "cus_2");
    Decision decision = space.record("z1", "u1", null);
    assertThat(decision.rule()).isEqualTo(Rule.R1C);
    assertThat(decision.checks()).containsExactly(Rule.G2);
    assertThat(kinds(decision)).containsExactly(Flag.Kind.BILLING_CONFLICT, Flag.Kind.RECORD_MOVED);
  }

  @Test
  void theExternalIdNamesTheUser() {
    space.identify("u1");
    assertThat(space.record("z1", "u1", E).rule()).isEqualTo(Rule.R2);
    space.customer("cus_1", "b@example.com");
    assertThat(space.record("z2", "u1", "b@example.com").rule()).isEqualTo(Rule.R6);
    assertThat(space.customerUser("cus_1")).isEqualTo(space.user("u1"));
  }

  @Test
  void anExternalIdThatIsFreeGoesToTheOneUserWithoutOne() {
    space.customer("cus_1", E);
    assertThat(space.record("z1", "u1", E).rule()).isEqualTo(Rule.R3B);
    assertThat(space.customerUser("cus_1")).isEqualTo(space.user("u1"));
    assertThat(space.record("z2", "u2", E).rule()).isEqualTo(Rule.R3C);
    assertThat(space.record("z3", null, E).rule()).isEqualTo(Rule.R5);
    assertThat(space.record("z4", "u4", "new@example.com").rule()).isEqualTo(Rule.R4);
  }

  @Test
  void aSourceThatCreatesNobodySkips() {
    Source source = Ledger.ZENDESK.withCreatesUsers(false);
    Decision decision = record(source, "z1", "u1", E, false);
    assertThat(decision.rule()).isEqualTo(Rule.R4);
    assertThat(decision.reason()).isEqualTo(Reason.CREATE_OFF);
    assertThat(space.users.all()).isEmpty();
  }

  @Test
  void anIdThatDiffersOnlyInCaseIsAnotherId() {
    space.identify("Ann", E);
    space.record("z1", null, E);
    Decision linked = space.record("z1", "ANN", E);
    assertThat(linked.rule()).isEqualTo(Rule.R1);
    assertThat(kinds(linked)).containsExactly(Flag.Kind.ID_CASE_DIFFERS);
    Decision fresh = space.record("z2", "ann", E);
    assertThat(fresh.rule()).isEqualTo(Rule.R3C);
    assertThat(kinds(fresh)).contains(Flag.Kind.ID_CASE_DIFFERS);
  }

  @Test
  void mergedRecordsBelongToOneUser() {
    space.record("z1", null, E);
    space.record("z2", "u2", "b@example.com");
    assertThat(space.recordMerged("z1", "z2").outcome()).isEqualTo(Outcome.MERGED);
    assertThat(space.recordUser("z1")).isEqualTo(space.user("u2"));
    assertThat(space.recordMerged("z3", "z1").outcome()).isEqualTo(Outcome.UPDATED);
    assertThat(space.recordUser("z3")).isEqualTo(space.user("u2"));
    space.record("z4", "u4", null);
    Decision forbidden = space.recordMerged("z4", "z1");
    assertThat(forbidden.outcome()).isEqualTo(Outcome.UNCHANGED);
    assertThat(kinds(forbidden)).containsExactly(Flag.Kind.RECORD_MERGED);
  }

  @Test
  void aDeletedRecordIsMarkedAndMayComeBack() {
    space.record("z1", null, E);
    assertThat(record(Ledger.ZENDESK, "z1", null, null, true).rule()).isEqualTo(Rule.R8);
    assertThat(space.recordUser("z1").identifiers().getFirst().deleted()).isTrue();
    space.record("z1", null, E);
    assertThat(space.recordUser("z1").identifiers().getFirst().deleted()).isFalse();
  }

  private Decision record(
      Source source, String id, @Nullable String x, @Nullable String email, boolean deleted) {
    return space.decide(
        new Claim.ToolRecord(
            source,
            1,
            Raw.text(id),
            Raw.text(x),
            Raw.text(email),
            Raw.ABSENT,
            deleted,
            Raw.ABSENT));
  }

  private static List<Flag.Kind> kinds(Decision decision) {
    return decision.flags().stream().map(Flag::kind).toList();
  }
}
