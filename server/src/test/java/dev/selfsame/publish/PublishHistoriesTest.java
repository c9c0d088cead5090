package dev.selfsame.publish;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.error.Failure;
import dev.selfsame.identity.IdentifierType;
import dev.selfsame.identity.Raw;
import dev.selfsame.intake.Preview;
import dev.selfsame.review.Bars;
import dev.selfsame.review.KeepApartRequest;
import dev.selfsame.review.MoveRequest;
import dev.selfsame.review.Moves;
import dev.selfsame.source.api.UserWrite;
import dev.selfsame.source.api.UserWrites;
import dev.selfsame.source.land.Landing;
import dev.selfsame.source.land.LandingRequest;
import dev.selfsame.source.land.LandingWatch;
import dev.selfsame.source.land.RowSource;
import dev.selfsame.store.FlagQueries;
import dev.selfsame.store.MergeQueries;
import dev.selfsame.store.UserQueries;
import dev.selfsame.testing.TestDatabase;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Whatever happens in the hub, publishing what changed leaves what the views say, row by row: by
 * every channel and act that there is, in random histories.
 */
final class PublishHistoriesTest extends WithHub {
  @RegisterExtension static final TestDatabase hub = TestDatabase.migrated();
  @RegisterExtension static final TestDatabase warehouse = TestDatabase.empty();

  private Random random = new Random();
  private int people = 7;

  PublishHistoriesTest() {
    super(hub, warehouse);
  }

  @Test
  void what_changed_leaves_what_the_views_say() {
    publications.add("dwh", toWarehouse(), null, false, false, ANN);
    connections.add("duck", "duckdb:" + data.resolve("who.db"), null, null, Map.of(), false, ANN);
    publications.add("duck", new Target.Tables("duck", "crm", "s_"), null, false, false, ANN);
    int incremental = 0;
    Map<String, Integer> happened = new HashMap<>();
    for (long seed = 1; seed <= 3; seed++) {
      random = new Random(seed);
      people = seed == 2 ? 40 : 8;
      for (int round = 0; round < 50; round++) {
        StringBuilder did = new StringBuilder();
        for (int i = 1 + random.nextInt(seed == 3 ? 15 : 3); i > 0; i--) {
          now = now.plusSeconds(random.nextInt(90_000));
          String act = something();
          happened.merge(act, 1, Integer::sum);
          did.append(act).append(' ');
        }
        PublishResult result = publish("dwh");
        incremental += result.full() ? 0 : 1;
        assertThat(tables(warehouse, "public."))
            .as("seed %d, round %d: %s", seed, round, did)
            .isEqualTo(views());
        if (random.nextInt(6) == 0) {
          publish("duck");
          assertThat(duckdb("jdbc:duckdb:" + data.resolve("who.db"), name -> "crm.s_" + name))
              .as("DuckDB, seed %d, round %d: %s", seed, round, did)
              .isEqualTo(views());
        }
      }
    }
    assertThat(happened)
        .containsKeys(
            "track", "land", "call", "merge", "undo", "unlink", "move", "erase", "keep apart");
    // The first alone is whole.
    assertThat(incremental).isEqualTo(149);
    publish("duck");
    assertThat(hub.rows("SELECT count(*) FROM selfsame.unpublished")).containsExactly("0");
  }

  private String something() {
    return switch (random.nextInt(14)) {
      case 0, 1, 2, 3 -> track();
      case 4, 5 -> land();
      case 6 -> call();
      case 7, 8 -> mergeSome();
      case 9, 10 -> undoSome();
      case 11 -> random.nextBoolean() ? unlink() : keepApart();
      case 12 -> move();
      default -> eraseSome();
    };
  }

  private String track() {
    List<String> events = new ArrayList<>();
    for (int i = 1 + random.nextInt(8); i > 0; i--) {
      events.add(
          switch (random.nextInt(8)) {
            case 0 ->
                "{\"type\":\"alias\",\"previousId\":\"u%d\",\"userId\":\"u%d\"}"
                    .formatted(random.nextInt(people), random.nextInt(people));
            case 1 ->
                "{\"type\":\"group\",\"groupId\":\"a%d\",\"userId\":\"u%d\",\"traits\":{%s}}"
                    .formatted(
                        random.nextInt(4),
                        random.nextInt(people),
                        random.nextBoolean() ? "" : "\"name\":\"A" + random.nextInt(3) + "\"");
            default ->
                "{\"type\":\"identify\",\"userId\":\"u%d\",\"traits\":{%s\"email\":\"mail%d@x.org\"%s}}"
                    .formatted(
                        random.nextInt(people),
                        random.nextInt(3) == 0 ? "" : "\"name\":\"N" + random.nextInt(9) + "\",",
                        random.nextInt(people),
                        random.nextInt(3) == 0
                            ? ",\"billingUserId\":\"cus_" + random.nextInt(people) + "\""
                            : "");
          });
    }
    events(String.join(",", events));
    return "track";
  }

  private String land() {
    String email = random.nextInt(5) == 0 ? "null" : "\"mail" + random.nextInt(people) + "@x.org\"";
    switch (random.nextInt(3)) {
      case 0 ->
          land(
              "stripe.customers",
              "{\"id\":\"cus_%d\",\"email\":%s,\"name\":\"C%d\",\"is_deleted\":%s}"
                  .formatted(
                      random.nextInt(people), email, random.nextInt(9), random.nextInt(6) == 0));
      case 1 ->
          land(
              "zendesk.users",
              "{\"id\":\"90%d\",\"external_id\":%s,\"email\":%s,\"name\":\"Z\"}"
                  .formatted(
                      random.nextInt(people),
                      random.nextBoolean() ? "null" : "\"u" + random.nextInt(people) + "\"",
                      email));
      default ->
          land(
              "salesforce.leads",
              "{\"id\":\"s%d\",\"email\":%s,\"first_name\":\" L\",\"last_name\":\"M\",\"master_record_id\":%s}"
                  .formatted(
                      random.nextInt(people),
                      email,
                      random.nextInt(3) == 0 ? "\"s" + random.nextInt(people) + "\"" : "null"));
    }
    return "land";
  }

  private void land(String table, String row) {
    new Landing(database, SPACE, () -> now)
        .land(
            LandingRequest.into(table),
            RowSource.lines("rows", row),
            pipeline,
            () -> Preview.open(SPACE, database.sessions("preview")),
            LandingWatch.NONE);
  }

  private String call() {
    UserWrites writes =
        new UserWrites(
            SPACE,
            database,
            pipeline,
            () -> Preview.open(SPACE, database.sessions("preview")),
            new UserQueries(database, SPACE),
            () -> now);
    List<UUID> live = live();
    List<UserWrite> several = new ArrayList<>();
    for (int i = 1 + random.nextInt(5); i > 0; i--) {
      Map<String, String> texts = new HashMap<>();
      Set<String> cleared = new HashSet<>();
      field("external_id", "u" + random.nextInt(people), texts, cleared);
      field("name", "Called " + random.nextInt(3), texts, cleared);
      field("email", "mail" + random.nextInt(people) + "@x.org", texts, cleared);
      field("billing_id", "cus_" + random.nextInt(people), texts, cleared);
      UUID user =
          live.isEmpty() || random.nextInt(3) == 0 ? null : live.get(random.nextInt(live.size()));
      several.add(new UserWrite(i, user, texts, cleared));
    }
    writes.write(several, ANN, null);
    return "call";
  }

  private void field(String name, String value, Map<String, String> texts, Set<String> cleared) {
    switch (random.nextInt(10)) {
      case 0, 1, 2 -> texts.put(name, value);
      case 3 -> cleared.add(name);
      default -> {}
    }
  }

  private List<UUID> live() {
    return hub.rows("SELECT id FROM users ORDER BY id").stream().map(UUID::fromString).toList();
  }

  private String mergeSome() {
    List<UUID> live = new ArrayList<>(live());
    Collections.shuffle(live, random);
    if (live.size() < 4) {
      return "no merge";
    }
    merge(live.subList(0, 2 + random.nextInt(2)).toArray(UUID[]::new));
    return "merge";
  }

  private String undoSome() {
    List<String> merges =
        new ArrayList<>(
            hub.rows("SELECT merge_id FROM user_merges WHERE undone_at IS NULL ORDER BY merge_id"));
    if (merges.isEmpty()) {
      return "no undo";
    }
    undos().undo(merges.get(random.nextInt(merges.size())), ANN);
    return "undo";
  }

  private String unlink() {
    List<String> links =
        new ArrayList<>(
            hub.rows(
                "SELECT position FROM selfsame.ledger WHERE rule IN ('K4', 'S2', 'R3', 'R3b') ORDER"
                    + " BY 1"));
    Collections.shuffle(links, random);
    for (String link : links) {
      try {
        undos().undo(link, ANN);
        return "unlink";
      } catch (Failure refused) {
        assertThat(refused.problem().code())
            .isIn("already_undone", "not_held", "last_identifier", "unknown_merge", "erased_user");
      }
    }
    return "no unlink";
  }

  private String keepApart() {
    List<UUID> live = live();
    if (live.size() < 2) {
      return "nothing";
    }
    int first = random.nextInt(live.size() - 1);
    new Bars(
            pipeline,
            () -> Preview.open(SPACE, database.sessions("preview")),
            new UserQueries(database, SPACE),
            new FlagQueries(database, SPACE),
            () -> now)
        .keepApart(
            new KeepApartRequest(List.of(live.get(first), live.get(first + 1)), false, ANN, null));
    return "keep apart";
  }

  private String move() {
    List<String> held =
        hub.rows(
            "SELECT user_id, type, value FROM user_identifiers WHERE type <> 'email' ORDER BY 1, 2,"
                + " 3");
    List<UUID> live = live();
    if (held.isEmpty() || live.size() < 2) {
      return "nothing";
    }
    String[] one = held.get(random.nextInt(held.size())).split("\\|", 3);
    UUID to = live.get(random.nextInt(live.size()));
    try {
      new Moves(
              pipeline,
              () -> Preview.open(SPACE, database.sessions("preview")),
              new UserQueries(database, SPACE),
              new MergeQueries(database, SPACE),
              () -> now)
          .move(
              new MoveRequest(
                  IdentifierType.of(one[1]),
                  Raw.text(one[2]),
                  UUID.fromString(one[0]),
                  to,
                  random.nextBoolean() ? null : (Boolean) random.nextBoolean(),
                  ANN));
      return "move";
    } catch (Failure refused) {
      return "no move";
    }
  }

  private String eraseSome() {
    List<UUID> live = live();
    if (live.size() < 4) {
      return "no erasure";
    }
    erase(live.get(random.nextInt(live.size())));
    return "erase";
  }
}
