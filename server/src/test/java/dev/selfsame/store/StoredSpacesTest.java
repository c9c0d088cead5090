package dev.selfsame.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.selfsame.access.Actor;
import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.testing.TestDatabase;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Making spaces, and what readers see of them. */
final class StoredSpacesTest {
  @RegisterExtension final TestDatabase hub = TestDatabase.forEachTest();

  private static StoredSpaces.Space make(Database database, String name) {
    return new StoredSpaces(database).create(name, Actor.PROGRAM, TestDatabase.NOW);
  }

  @Test
  void a_space_begins_as_the_first_one_did() {
    Database database = hub.open();
    make(database, "acme");
    for (String table : List.of("source", "policy")) {
      String columns =
          table.equals("source") ? "number, name, channel, settings" : "version, settings";
      String rows =
          "SELECT " + columns + " FROM selfsame." + table + " WHERE space = %d ORDER BY 1";
      assertThat(hub.rows(rows.formatted(2))).isEqualTo(hub.rows(rows.formatted(1)));
    }
    assertThat(hub.rows("SELECT count(DISTINCT secret) FROM selfsame.space")).containsExactly("2");
    assertThat(new StoredSpaces(database).list())
        .extracting(StoredSpaces.Space::name)
        .containsExactly("default", "acme");
  }

  @Test
  void one_name_is_one_space_whoever_makes_it_at_once() throws Exception {
    Database database = hub.open();
    List<Callable<String>> makers = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      makers.add(() -> {
        try {
          return make(database, "acme").name();
        } catch (Failure failure) {
          return failure.problem().code();
        }
      });
    }
    List<String> made = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      for (Future<String> each : threads.invokeAll(makers)) {
        made.add(each.get());
      }
    }
    assertThat(made)
        .containsExactlyInAnyOrder("acme", "space_exists", "space_exists", "space_exists");
    assertThat(hub.rows("SELECT count(*) FROM selfsame.reader")).containsExactly("2");
  }

  @Test
  void there_are_fifty_at_most() {
    Database database = hub.open();
    hub.sql(
        "INSERT INTO selfsame.space (number, name) SELECT n, 's' || n FROM generate_series(2, %d) n"
            .formatted(StoredSpaces.MOST));
    assertThat(StoredSpaces.MOST).isEqualTo(50);
    assertThatThrownBy(() -> make(database, "more"))
        .isInstanceOfSatisfying(
            Failure.class, failure -> assertThat(failure.problem()).isEqualTo(Problem.SPACES_LIMIT))
        .hasMessage("There are 50 spaces, and may be no more");
  }

  @Test
  void a_newer_schema_has_its_views_in_each_space() {
    make(hub.open(), "acme");
    hub.sql("DROP VIEW acme.users; UPDATE selfsame.reader SET granted_schema = 1");
    Database.open(hub.address(), StoreSettings.DEFAULT, TestDatabase.NOW).close();
    assertThat(hub.rows("SELECT count(*) FROM acme.users")).containsExactly("0");
    assertThat(hub.rows("SELECT DISTINCT granted_schema FROM selfsame.reader"))
        .containsExactly(Integer.toString(Migrations.LATEST));
  }

  @Test
  void each_view_of_a_space_is_the_first_ones_with_the_other_number() {
    make(hub.open(), "acme");
    String definition = "SELECT pg_get_viewdef('%s.%s'::regclass)";
    for (String view : SpaceViews.NAMES) {
      String first = String.join("\n", hub.rows(definition.formatted("public", view)));
      String other = String.join("\n", hub.rows(definition.formatted("acme", view)));
      assertThat(other).as(view).isNotEqualTo(first).doesNotContain("= 1)");
      // PostgreSQL names a column that had no name.
      assertThat(other.replaceAll("(space|number) = 2\\b", "$1 = 1").replace(" AS text,", ","))
          .as(view)
          .isEqualTo(first.replace(" AS text,", ","));
    }
  }
}
