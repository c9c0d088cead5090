package dev.selfsame.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selfsame.identity.Source;
import dev.selfsame.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

final class CurrentSettingsTest {
  @RegisterExtension final TestDatabase hub = TestDatabase.forEachTest();

  private final CurrentSettings settings = new CurrentSettings("default");
  private Connection connection;

  @BeforeEach
  void connect() throws SQLException {
    hub.open();
    connection = hub.connect();
  }

  @AfterEach
  void end() throws SQLException {
    connection.close();
  }

  @Test
  void what_stands_is_read_each_time_and_understood_once() throws SQLException {
    SpaceSettings before = settings.read(connection);
    hub.sql("UPDATE selfsame.space SET position = position + 7, suppressions = 2");
    SpaceSettings after = settings.read(connection);
    assertThat(after.position()).isEqualTo(before.position() + 7);
    assertThat(after.suppressions()).isEqualTo(2);
    assertThat(after.policy()).isSameAs(before.policy());
    assertThat(after.sources()).isSameAs(before.sources());
  }

  @Test
  void a_new_version_of_the_policy_counts_at_once() throws SQLException {
    assertThat(settings.read(connection).policy().matchPreviousEmails()).isFalse();
    hub.sql(
        """
        INSERT INTO selfsame.policy SELECT (jsonb_populate_record(p, jsonb_build_object('version', 2,
          'settings', p.settings || '{"match_previous_emails": true}'))).* FROM selfsame.policy p;
        UPDATE selfsame.space SET policy_version = 2\
        """);
    SpaceSettings after = settings.read(connection);
    assertThat(after.policyVersion()).isEqualTo(2);
    assertThat(after.policy().matchPreviousEmails()).isTrue();
    assertThat(after)
        .usingRecursiveComparison()
        .isEqualTo(SpaceSettings.read(connection, "default"));
  }

  @Test
  void a_source_counts_as_it_is_set_and_once_it_is_there() throws SQLException {
    Source before = source("segment");
    assertThat(before.trusted()).isTrue();
    hub.sql(
        """
        UPDATE selfsame.source SET settings = settings || '{"trusted": false}' WHERE name = 'segment';
        INSERT INTO selfsame.source (space, number, name, channel, settings)
        VALUES (1, 900, 'shop', 'segment', '{}')\
        """);
    assertThat(source("segment").trusted()).isFalse();
    assertThat(source("shop").number()).isEqualTo(900);
  }

  private Source source(String name) throws SQLException {
    return settings.read(connection).sources().values().stream()
        .filter(each -> each.name().equals(name))
        .findFirst()
        .orElseThrow();
  }
}
