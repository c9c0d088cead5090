-- Publishing: who is who, written into databases and directories of the company's own.

-- Where the published tables go. Either a connection, or a directory and the format of the files in it.
CREATE TABLE selfsame.publication (
  space smallint NOT NULL REFERENCES selfsame.space,
  name text COLLATE "C" NOT NULL,
  -- Of this definition: what stands there under another one is not continued.
  id uuid NOT NULL UNIQUE,
  connection text COLLATE "C",
  -- Null: the one that the connection has anyway.
  schema text,
  -- Put before the tables' names.
  prefix text NOT NULL,
  directory text,
  format text,
  -- Null: not by the clock.
  every_seconds integer,
  after_syncs boolean NOT NULL,
  due_at timestamptz,
  -- Runs that failed since one did not.
  failures integer NOT NULL DEFAULT 0,
  -- Up to this position of the ledger it is known to stand there. Null: nothing is.
  position bigint,
  published_at timestamptz,
  changed_at timestamptz NOT NULL,
  PRIMARY KEY (space, name),
  FOREIGN KEY (space, connection) REFERENCES selfsame.connection,
  CHECK ((connection IS NULL) <> (directory IS NULL) AND (directory IS NULL) = (format IS NULL))
);

CREATE TABLE selfsame.publication_run (
  id uuid PRIMARY KEY,
  space smallint NOT NULL,
  publication text COLLATE "C" NOT NULL,
  state text NOT NULL,
  actor text NOT NULL,
  started_at timestamptz NOT NULL,
  changed_at timestamptz NOT NULL,
  counts jsonb NOT NULL,
  error jsonb,
  FOREIGN KEY (space, publication) REFERENCES selfsame.publication ON DELETE CASCADE
);
CREATE INDEX publication_run_latest ON selfsame.publication_run (space, publication, started_at);

-- What an erasure changed and the ledger no longer tells: ids of users whose rows are written anew, or go, and names of merges
-- that are gone. Kept until every publication has passed the position; none where there is no publication.
CREATE TABLE selfsame.unpublished (
  space smallint NOT NULL,
  position bigint NOT NULL,
  kind text NOT NULL CHECK (kind IN ('user', 'merge')),
  id text COLLATE "C" NOT NULL,
  PRIMARY KEY (space, position, kind, id)
);

-- The end of the batch that last wrote the account; 0: before this column was there.
ALTER TABLE selfsame.account ADD COLUMN written_position bigint NOT NULL DEFAULT 0;
CREATE INDEX account_written ON selfsame.account (written_position, space);
-- Undone merges are found by when they were; those made, by their key.
CREATE INDEX merge_undone_position ON selfsame.merge (undone_position, space) WHERE undone_position IS NOT NULL;
CREATE INDEX unlinking_undone_position ON selfsame.unlinking (undone_position, space);
