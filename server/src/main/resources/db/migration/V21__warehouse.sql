-- Queries on databases of the company's own, whose rows are people.

-- How to reach one. The secret is encrypted; its key is in no database.
CREATE TABLE selfsame.connection (
  space smallint NOT NULL REFERENCES selfsame.space,
  name text COLLATE "C" NOT NULL,
  kind text NOT NULL,
  url text NOT NULL,
  login text,
  secret bytea,
  options jsonb NOT NULL DEFAULT '{}',
  changed_at timestamptz NOT NULL,
  PRIMARY KEY (space, name)
);

-- A source of channel warehouse: what is asked, and what its columns mean.
CREATE TABLE selfsame.sync (
  space smallint NOT NULL,
  source smallint NOT NULL,
  connection text COLLATE "C" NOT NULL,
  query text NOT NULL,
  -- Null: not configured yet.
  mapping jsonb,
  -- Up to here, by the warehouse's clock, all rows were read and applied.
  watermark timestamptz,
  changed_at timestamptz NOT NULL,
  PRIMARY KEY (space, source),
  FOREIGN KEY (space, source) REFERENCES selfsame.source,
  FOREIGN KEY (space, connection) REFERENCES selfsame.connection
);

-- What each row said when it was last applied, as keyed hashes; the part that its claim was written to.
CREATE TABLE selfsame.sync_row (
  space smallint NOT NULL,
  source smallint NOT NULL,
  row bytea NOT NULL,
  said bytea NOT NULL,
  part uuid NOT NULL,
  PRIMARY KEY (space, source, row)
);
CREATE INDEX sync_row_part ON selfsame.sync_row (space, part);

CREATE TABLE selfsame.sync_run (
  id uuid PRIMARY KEY,
  space smallint NOT NULL,
  source smallint NOT NULL,
  state text NOT NULL,
  actor text NOT NULL,
  started_at timestamptz NOT NULL,
  changed_at timestamptz NOT NULL,
  counts jsonb NOT NULL,
  error jsonb
);
CREATE INDEX sync_run_source ON selfsame.sync_run (space, source, started_at);

-- Columns that an operator picked are the users' own, whatever the policy says of Segment's traits.
CREATE OR REPLACE VIEW public.user_traits AS
SELECT DISTINCT ON (coalesce(p.merged_into, p.id), trait.key)
  coalesce(p.merged_into, p.id)::text AS user_id, trait.key AS name, trait.value,
  selfsame.time(p.landed_at) AS updated_at
FROM selfsame.space s
JOIN selfsame.policy y ON y.space = s.number AND y.version = s.policy_version
JOIN selfsame.part p ON p.space = s.number AND p.traits IS NOT NULL
CROSS JOIN LATERAL jsonb_each(p.traits) trait
WHERE s.number = 1 AND (y.settings -> 'traits' = '"all"' OR y.settings -> 'traits' ? trait.key
  OR EXISTS (SELECT FROM selfsame.sync q WHERE q.space = s.number AND q.mapping -> 'traits' ? trait.key))
ORDER BY coalesce(p.merged_into, p.id), trait.key, p.landed_at DESC, p.id DESC;
