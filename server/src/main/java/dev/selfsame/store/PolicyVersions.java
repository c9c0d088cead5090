package dev.selfsame.store;

import org.jdbi.v3.core.Handle;

/**
 * Makes the versions of a space's policy. Each keeps the settings of every source too, so that what
 * was decided under it can be decided again. The caller has locked the space's row.
 */
final class PolicyVersions {

  private PolicyVersions() {}

  /**
   * The settings stay, and a source is set otherwise: what is being decided under the version
   * before is decided again.
   */
  static void sourcesChanged(Handle handle, int space) {
    handle
        .createUpdate(
            """
            INSERT INTO selfsame.policy (space, version, settings)
            SELECT p.space, p.version + 1, p.settings || jsonb_build_object('sources',
              (SELECT jsonb_object_agg(o.name, o.settings) FROM selfsame.source o WHERE o.space = p.space))
            FROM selfsame.policy p
            JOIN selfsame.space s ON s.number = p.space AND s.policy_version = p.version WHERE s.number = :space
            """)
        .bind("space", space)
        .execute();
    handle
        .createUpdate(
            "UPDATE selfsame.space SET policy_version = policy_version + 1 WHERE number = :space")
        .bind("space", space)
        .execute();
  }
}
