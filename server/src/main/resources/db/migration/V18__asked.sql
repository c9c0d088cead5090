-- What members asked in SQL, the last of each. In no backup, like their sessions.
CREATE TABLE selfsame.asked (
  id uuid PRIMARY KEY,
  member uuid NOT NULL,
  -- An erasure deletes the rows whose text names the person.
  sql text NOT NULL,
  asked_at timestamptz NOT NULL,
  -- Null while it runs.
  outcome text CHECK (outcome IN ('answered', 'failed', 'cancelled')),
  took_millis bigint,
  -- Null: there was no answer.
  row_count integer
);
CREATE INDEX asked_member ON selfsame.asked (member, asked_at);
