package dev.selfsame.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.testing.SampleUsers;
import dev.selfsame.testing.TestDatabase;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;

/** A user with 150,000 claims, a part of it and others around. */
final class UserHistoryTest {
  @RegisterExtension static final TestDatabase hub = TestDatabase.migrated();

  private static final int CLAIMS = 150_000;
  private static final int LIMIT = 101;

  @BeforeAll
  static void fill() {
    SampleUsers.insert(hub);
    hub.sql(
        """
        INSERT INTO selfsame.ledger (space, position, at, said_at, source, policy, part, outcome, rule, before, payload)
        SELECT 1, 100 + n, 10000000 + n, 10000000 + n, 1, 1,
          CASE WHEN n %% 4 = 0 THEN '%s'::uuid WHEN n %% 7 = 0 THEN '%s'::uuid ELSE '%s'::uuid END,
          'updated', 'K2', NULL, '{"type": "identify", "userId": "bea"}'
        FROM generate_series(1, %d) n;
        ANALYZE selfsame.ledger; ANALYZE selfsame.part; ANALYZE selfsame.merge;
        """
            .formatted(SampleUsers.id(1), SampleUsers.id(3), SampleUsers.id(2), CLAIMS * 4 / 3));
  }

  @Test
  void each_page_is_a_walk_along_the_index_and_costs_as_the_first() {
    List<Long> costs = new ArrayList<>();
    for (long before : List.of(Long.MAX_VALUE, 100L + CLAIMS, 100L + CLAIMS / 2, 400L)) {
      JsonNode plan = plan(before);
      List<String> scans = new ArrayList<>();
      scans(plan, scans);
      assertThat(scans)
          .as("%s", plan)
          .anyMatch(scan -> scan.startsWith("Index Scan ledger") && scan.contains("part_position"))
          .noneMatch(scan -> scan.startsWith("Seq Scan ledger"))
          .noneMatch(scan -> scan.startsWith("Bitmap Heap Scan ledger"));
      costs.add(plan.get("Shared Hit Blocks").asLong() + plan.get("Shared Read Blocks").asLong());
    }
    long first = costs.getFirst();
    assertThat(first).as("blocks of the first page").isLessThan(2_500);
    assertThat(costs)
        .allSatisfy(cost -> assertThat(cost).isBetween(first * 8 / 10, first * 12 / 10));
  }

  @Test
  void pages_follow_each_other_to_the_end() {
    UserHistory history = new UserQueries(hub.open(), "default").history();
    UUID bea = UUID.fromString(SampleUsers.id(2));
    List<Long> seen = new ArrayList<>();
    Long before = 1_000L;
    while (before != null) {
      Long from = before;
      List<UserHistory.Line> page = history.at(now -> now.page(bea, from, 100));
      page.forEach(line -> seen.add(line.decision().position()));
      before = page.size() < 100 ? null : page.getLast().decision().position();
    }
    assertThat(seen).doesNotHaveDuplicates().isSortedAccordingTo((a, b) -> Long.compare(b, a));
    // A quarter of the 899 positions after 100 is somebody else's; 2, 3 and the merge at 9 are
    // ours.
    assertThat(seen).hasSize(899 - 224 + 3).endsWith(9L, 3L, 2L);
  }

  /** What the statement does on a server, whose plans may be made for any values. */
  private static JsonNode plan(long before) {
    String sql =
        UserHistory.PAGE
            .replace(":space", "1")
            .replace(":user", "'%s'::uuid".formatted(SampleUsers.id(2)))
            .replace(":before", Long.toString(before))
            .replace(":limit", Integer.toString(LIMIT));
    String json =
        String.join("\n", hub.rows("EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) " + sql));
    return Json.MAPPER.readTree(json).get(0).get("Plan");
  }

  private static void scans(JsonNode node, List<String> into) {
    // Months that are still to come have an empty partition, which nothing is read of.
    boolean read =
        node.path("Shared Hit Blocks").asLong() + node.path("Shared Read Blocks").asLong() > 0;
    if (read && node.has("Relation Name")) {
      into.add(
          "%s %s by %s"
              .formatted(
                  node.get("Node Type").asString(),
                  node.get("Relation Name").asString(),
                  node.path("Index Name").asString("")));
    }
    node.path("Plans").forEach(child -> scans(child, into));
  }
}
