package dev.selfsame.store;

import dev.selfsame.identity.IdentifierType;
import dev.selfsame.identity.Source;
import java.util.Locale;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** The sources of a space that tools' records come from. */
public final class StoredSources {

  private StoredSources() {}

  /**
   * The source of that name, made where there is none. One that is there stays as it is set, but
   * that its external id is ours may be said later too.
   *
   * @param wanted its number is not looked at: the space gives it one
   */
  public static Source ensure(Database database, String space, Source wanted) {
    return database.write(handle -> {
      int number =
          handle
              .createQuery("SELECT number FROM selfsame.space WHERE name = :space FOR UPDATE")
              .bind("space", space)
              .mapTo(Integer.class)
              .one();
      Source there = find(SpaceSettings.read(handle.getConnection(), space), wanted.name());
      if (there == null) {
        add(handle, number, wanted);
      } else if (wanted.externalIdIsOurs() && !there.externalIdIsOurs()) {
        handle
            .createUpdate(
                """
                UPDATE selfsame.source SET settings = settings || '{"external_id_is_ours": true}'
                WHERE space = :space AND number = :number
                """)
            .bind("space", number)
            .bind("number", there.number())
            .execute();
      } else {
        return there;
      }
      // Which sources there are is part of what claims are decided under.
      handle
          .createUpdate(
              """
              INSERT INTO selfsame.policy (space, version, settings)
              SELECT p.space, p.version + 1, p.settings FROM selfsame.policy p
              JOIN selfsame.space s ON s.number = p.space AND s.policy_version = p.version WHERE s.number = :space
              """)
          .bind("space", number)
          .execute();
      handle
          .createUpdate(
              "UPDATE selfsame.space SET policy_version = policy_version + 1 WHERE number = :space")
          .bind("space", number)
          .execute();
      Source made = find(SpaceSettings.read(handle.getConnection(), space), wanted.name());
      if (made == null) {
        throw new IllegalStateException("The source %s was not made".formatted(wanted.name()));
      }
      return made;
    });
  }

  private static void add(Handle handle, int space, Source wanted) {
    ObjectNode settings = Json.MAPPER.createObjectNode();
    IdentifierType idType = wanted.idType();
    if (idType != null) {
      settings.put("id_type", idType.name());
    }
    settings.put("trusted", wanted.trusted());
    settings.put("external_id_is_ours", wanted.externalIdIsOurs());
    handle
        .createUpdate(
            """
            INSERT INTO selfsame.source (space, number, name, channel, settings)
            SELECT :space, max(number) + 1, :name, :channel, :settings::jsonb FROM selfsame.source WHERE space = :space
            """)
        .bind("space", space)
        .bind("name", wanted.name())
        .bind("channel", wanted.channel().name().toLowerCase(Locale.ROOT))
        .bind("settings", settings.toString())
        .execute();
  }

  private static @Nullable Source find(SpaceSettings space, String name) {
    return space.sources().values().stream()
        .filter(source -> source.name().equals(name))
        .findFirst()
        .orElse(null);
  }
}
