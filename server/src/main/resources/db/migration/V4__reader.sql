-- What the program does by itself, once or from time to time, on whichever server comes first: it locks the row.
CREATE TABLE selfsame.chore (
  name text COLLATE "C" PRIMARY KEY,
  done_at timestamptz
);
INSERT INTO selfsame.chore (name) VALUES ('partitions'), ('reader'), ('trait columns'),
  ('first write key'), ('first token');

-- The login that SQL of people and tools runs under: its name is its own in the whole cluster, its password random. The grants
-- are repeated when the schema has changed since.
CREATE TABLE selfsame.reader (
  role text COLLATE "C" PRIMARY KEY,
  password text NOT NULL,
  granted_schema integer NOT NULL
);

-- Every user that an identify of Segment's named, as Segment's own table has them: one row per userId, one column per trait.
-- Replaced by the program when a new trait appears. A value that only a billing or record source stated is not Segment's. An
-- identify without traits of its own lands nothing, but names its user all the same.
CREATE VIEW segment.users AS
SELECT external_id AS id, external_id AS user_id,
  CASE WHEN NOT CASE WHEN email_position IS NULL THEN weak ELSE email_weak END THEN email END AS email,
  CASE WHEN NOT CASE WHEN name_position IS NULL THEN weak ELSE name_weak END THEN name END AS name,
  selfsame.time(coalesce(landed_at, updated_at)) AS received_at,
  traits ->> 'referral_source' AS "referral_source"
FROM selfsame.part WHERE space = 1 AND external_id IS NOT NULL
  AND (landed_at IS NOT NULL OR coalesce(external_source, source) IN (
    SELECT number FROM selfsame.source WHERE space = 1 AND channel = 'segment'));
COMMENT ON VIEW segment.users IS 'One row per userId that an identify named; a new trait becomes a column.';
