package dev.selfsame.store;

import dev.selfsame.access.Access;
import dev.selfsame.access.Actor;
import dev.selfsame.access.Grants;
import dev.selfsame.access.Hook;
import dev.selfsame.access.SecretHash;
import dev.selfsame.error.Failure;
import dev.selfsame.error.Problem;
import dev.selfsame.identity.Channel;
import dev.selfsame.identity.Source;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** Write keys, tokens and webhooks in the store, and the sources that they write to. */
public final class StoredGrants implements Grants {

  private final Database database;
  private final Actor actor;

  /** Grants that the program itself makes. */
  public StoredGrants(Database database) {
    this(database, Actor.PROGRAM);
  }

  /**
   * @param actor who makes and revokes grants
   */
  public StoredGrants(Database database, Actor actor) {
    this.database = database;
    this.actor = actor;
  }

  private void note(Handle handle, String act, Grant grant) {
    Map<String, Object> details = new TreeMap<>();
    details.put("id", grant.id());
    details.put("name", grant.name());
    details.put("kind", grant.kind().name().toLowerCase(Locale.ROOT));
    if (grant.scope() != null) {
      details.put("scope", grant.scope().name().toLowerCase(Locale.ROOT));
    }
    if (grant.source() != null) {
      details.put("source", grant.source());
    }
    ActLog.note(handle, grant.space(), act, actor, grant.createdAt(), details);
  }

  @Override
  public Access.@Nullable WriteKey writeKey(SecretHash hash) {
    return database.read(handle ->
        handle
            .createQuery(
                """
                SELECT s.name, k.source FROM selfsame.write_key k JOIN selfsame.space s ON s.number = k.space
                WHERE k.hash = :hash AND k.revoked_at IS NULL
                """)
            .bind("hash", hash.bytes())
            .map((row, context) -> target(handle, row.getString(1), row.getInt(2)))
            .findOne()
            .orElse(null));
  }

  @Override
  public Access.@Nullable Token token(SecretHash hash) {
    return database.read(handle ->
        handle
            .createQuery(
                "SELECT t.name, t.scope, s.name FROM selfsame.token t JOIN selfsame.space s ON"
                    + " s.number = t.space WHERE t.hash = :hash AND t.revoked_at IS NULL")
            .bind("hash", hash.bytes())
            .map((row, context) ->
                new Access.Token(row.getString(1), scope(row.getString(2)), row.getString(3)))
            .findOne()
            .orElse(null));
  }

  @Override
  public Access.@Nullable WriteKey source(String space, String name) {
    return database.read(handle -> {
      SpaceSettings settings = SpaceSettings.read(handle.getConnection(), space);
      return settings.sources().values().stream()
          .filter(source -> source.name().equals(name))
          .map(source -> target(settings, source))
          .findFirst()
          .orElse(null);
    });
  }

  @Override
  public List<Hook> hooks(String source) {
    return database.read(handle ->
        handle
            .createQuery(
                """
                SELECT h.source, h.secret, h.authorization_hash, s.name
                FROM selfsame.hook h JOIN selfsame.source o ON o.space = h.space AND o.number = h.source
                JOIN selfsame.space s ON s.number = h.space
                WHERE o.name = :source AND h.revoked_at IS NULL ORDER BY h.space, h.id
                """)
            .bind("source", source)
            .map((row, context) -> {
              byte[] hash = row.getBytes(3);
              return new Hook(
                  Objects.requireNonNull(target(handle, row.getString(4), row.getInt(1))),
                  row.getBytes(2),
                  hash == null ? null : SecretHash.of(hash));
            })
            .list());
  }

  /**
   * Makes the source of Segment's kind of that name that write keys write to, if there is none.
   *
   * @throws Failure if there is one of another kind or trust, or a webhook's
   */
  public void ensureSource(String space, String name, boolean trusted) {
    database.write(handle -> {
      ensure(handle, space, name, trusted, null);
      return true;
    });
  }

  /**
   * Makes it.
   *
   * @param hooks the channel that webhooks write to by it; null: write keys do
   */
  private static void ensure(
      Handle handle, String space, String name, boolean trusted, @Nullable Channel hooks)
      throws java.sql.SQLException {
    boolean notes = hooks == Channel.INSIGHTS;
    boolean hook = hooks == Channel.SEGMENT;
    int number =
        handle
            .createQuery("SELECT number FROM selfsame.space WHERE name = :space FOR UPDATE")
            .bind("space", space)
            .mapTo(Integer.class)
            .findOne()
            .orElseThrow(() -> StoredSpaces.unknown(space));
    Source there =
        SpaceSettings.read(handle.getConnection(), space).sources().values().stream()
            .filter(source -> source.name().equals(name))
            .findFirst()
            .orElse(null);
    if (there == null) {
      String settings =
          hook ? "{\"hook\": true, \"may_erase\": true}" : trusted ? "{}" : "{\"trusted\": false}";
      handle
          .createUpdate(
              """
              INSERT INTO selfsame.source (space, number, name, channel, settings)
              SELECT :space, max(number) + 1, :name, :channel, :settings::jsonb FROM selfsame.source WHERE space = :space
              """)
          .bind("space", number)
          .bind("name", name)
          .bind("channel", notes ? "insights" : "segment")
          .bind("settings", settings)
          .execute();
      PolicyVersions.sourcesChanged(handle, number);
    } else if (there.channel() != (notes ? Channel.INSIGHTS : Channel.SEGMENT)
        || there.trusted() != trusted) {
      throw new Failure(
          Problem.INVALID_PARAMETER,
          "The source %s is a %s %s source already; name another."
              .formatted(
                  name,
                  there.trusted() ? "trusted" : "not trusted",
                  there.channel().name().toLowerCase(Locale.ROOT)));
    } else if (!notes && hook != hook(handle, number, there.number())) {
      throw new Failure(
          Problem.INVALID_PARAMETER,
          hook
              ? "The source %s is for write keys. A webhook may erase, so it has a source of its own: name another."
                  .formatted(name)
              : "The source %s is a webhook's, which may erase; a write key may not: name another."
                  .formatted(name));
    }
  }

  private static boolean hook(Handle handle, int space, int source) {
    return handle
        .createQuery(
            "SELECT coalesce((settings ->> 'hook')::boolean, false) FROM selfsame.source WHERE"
                + " space = :space AND number = :source")
        .bind("space", space)
        .bind("source", source)
        .mapTo(Boolean.class)
        .one();
  }

  /** Whether this is the first that asks, on any server, ever: of what is to be done once. */
  public boolean first(String chore) {
    return database.write(handle ->
        handle
                .createUpdate(
                    "UPDATE selfsame.chore SET done_at = now() WHERE name = :name AND done_at IS"
                        + " NULL")
                .bind("name", chore)
                .execute()
            == 1);
  }

  @Override
  public List<Grant> list() {
    return database.read(handle ->
        handle
            .createQuery(
                """
                SELECT k.id, 'write_key', k.name, s.name, o.name, NULL, k.hint, k.created_at, k.revoked_at
                FROM selfsame.write_key k JOIN selfsame.space s ON s.number = k.space
                JOIN selfsame.source o ON o.space = k.space AND o.number = k.source
                UNION ALL
                SELECT h.id, 'hook', h.name, s.name, o.name, NULL, h.hint, h.created_at, h.revoked_at
                FROM selfsame.hook h JOIN selfsame.space s ON s.number = h.space
                JOIN selfsame.source o ON o.space = h.space AND o.number = h.source
                UNION ALL
                SELECT t.id, 'token', t.name, s.name, NULL, t.scope, t.hint, t.created_at, t.revoked_at
                FROM selfsame.token t JOIN selfsame.space s ON s.number = t.space
                ORDER BY 8, 1
                """)
            .map((row, context) -> {
              String scope = row.getString(6);
              Timestamp revoked = row.getTimestamp(9);
              return new Grant(
                  row.getString(1),
                  Kind.valueOf(row.getString(2).toUpperCase(Locale.ROOT)),
                  row.getString(3),
                  row.getString(4),
                  row.getString(5),
                  scope == null ? null : scope(scope),
                  row.getString(7),
                  row.getTimestamp(8).toInstant(),
                  revoked == null ? null : revoked.toInstant());
            })
            .list());
  }

  @Override
  public void create(Grant grant, SecretHash hash) {
    database.write(handle -> {
      String insert =
          switch (grant.kind()) {
            case WRITE_KEY ->
                """
                INSERT INTO selfsame.write_key (hash, id, name, hint, created_at, space, source)
                SELECT :hash, :id, :name, :hint, :at, o.space, o.number
                FROM selfsame.source o JOIN selfsame.space s ON s.number = o.space
                WHERE s.name = :space AND o.name = :source
                """;
            case TOKEN ->
                "INSERT INTO selfsame.token (hash, id, name, hint, created_at, scope, space)"
                    + " SELECT :hash, :id, :name, :hint, :at, :scope, number FROM selfsame.space"
                    + " WHERE name = :space";
            case HOOK -> throw new IllegalArgumentException("A webhook is kept by createHook");
          };
      var update =
          handle
              .createUpdate(insert)
              .bind("hash", hash.bytes())
              .bind("id", grant.id())
              .bind("name", grant.name())
              .bind("hint", grant.hint())
              .bind("at", Timestamp.from(grant.createdAt()))
              .bind("space", grant.space());
      Access.Scope scope = grant.scope();
      if (scope == null) {
        update.bind("source", grant.source());
      } else {
        update.bind("scope", scope.name().toLowerCase(Locale.ROOT));
      }
      if (update.execute() != 1) {
        throw grant.source() == null
            ? StoredSpaces.unknown(grant.space())
            : new IllegalStateException("The source %s is gone".formatted(grant.source()));
      }
      note(handle, "create_key", grant);
      return true;
    });
  }

  @Override
  public void createHook(
      Grant grant, Channel channel, byte @Nullable [] secret, @Nullable SecretHash authorization) {
    database.write(handle -> {
      ensure(handle, grant.space(), Objects.requireNonNull(grant.source()), true, channel);
      int made =
          handle
              .createUpdate(
                  """
                  INSERT INTO selfsame.hook (id, name, hint, created_at, space, source, secret, authorization_hash)
                  SELECT :id, :name, :hint, :at, o.space, o.number, :secret, :authorization
                  FROM selfsame.source o JOIN selfsame.space s ON s.number = o.space
                  WHERE s.name = :space AND o.name = :source
                  """)
              .bind("id", grant.id())
              .bind("name", grant.name())
              .bind("hint", grant.hint())
              .bind("at", Timestamp.from(grant.createdAt()))
              .bind("space", grant.space())
              .bind("source", grant.source())
              .bind("secret", secret)
              .bind("authorization", authorization == null ? null : authorization.bytes())
              .execute();
      if (made != 1) {
        throw new IllegalStateException("The source %s is gone".formatted(grant.source()));
      }
      note(handle, "create_key", grant);
      return true;
    });
  }

  @Override
  public boolean revoke(String id, Instant at) {
    return database.write(handle -> {
      for (String table : List.of("write_key", "token", "hook")) {
        Integer space =
            handle
                .createQuery(
                    "UPDATE selfsame.%s SET revoked_at = :at WHERE id = :id AND revoked_at IS NULL RETURNING space"
                        .formatted(table))
                .bind("at", Timestamp.from(at))
                .bind("id", id)
                .mapTo(Integer.class)
                .findOne()
                .orElse(null);
        if (space != null) {
          ActLog.note(handle, space, "revoke_key", actor, at, Map.of("id", id));
          return true;
        }
      }
      return false;
    });
  }

  private static Access.@Nullable WriteKey target(Handle handle, String space, int number)
      throws java.sql.SQLException {
    SpaceSettings settings = SpaceSettings.read(handle.getConnection(), space);
    Source source = settings.sources().get(number);
    return source == null ? null : target(settings, source);
  }

  private static Access.WriteKey target(SpaceSettings settings, Source source) {
    return new Access.WriteKey(
        settings.name(), source, settings.landingVisits().contains(source.number()));
  }

  private static Access.Scope scope(String name) {
    return Access.Scope.valueOf(name.toUpperCase(Locale.ROOT));
  }
}
