-- Who made a version of the policy, and where in the ledger that stands; NULL for those that came with a source.
ALTER TABLE selfsame.policy ADD COLUMN made_by text, ADD COLUMN position bigint;

-- From here on each version keeps the settings of every source too, by name, so that what was decided under it can be decided
-- again.
UPDATE selfsame.policy p SET settings = p.settings || jsonb_build_object('sources',
  (SELECT jsonb_object_agg(o.name, o.settings) FROM selfsame.source o WHERE o.space = p.space))
FROM selfsame.space s WHERE s.number = p.space AND s.policy_version = p.version;
