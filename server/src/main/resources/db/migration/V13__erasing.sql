-- What an erasure looks for: which lines of the ledger name what their own part does not hold. By name is meant half of half of a
-- SHA-256 of an identifier, or of a part's id.
CREATE TABLE selfsame.mention (
  space smallint NOT NULL,
  name bigint NOT NULL,
  -- Some line that was written to this part; all zeros: the line at the position, which was written to none or to another.
  part uuid NOT NULL,
  position bigint NOT NULL,
  PRIMARY KEY (name, part, position, space)
);

-- Lines up to here were written before mentions were noted: they are searched as they are.
ALTER TABLE selfsame.space ADD COLUMN mentions_after bigint NOT NULL DEFAULT 0;
UPDATE selfsame.space SET mentions_after = position;

-- What stays of an erasure, named by its place in the ledger: how many users and rows went, and by whose word.
CREATE TABLE selfsame.erasure (
  space smallint NOT NULL,
  position bigint NOT NULL,
  at bigint NOT NULL,
  rule text NOT NULL,
  source smallint NOT NULL,
  suppressed boolean NOT NULL,
  -- Rows by table, and of what was erased how much there was: JSON.
  counts jsonb NOT NULL,
  PRIMARY KEY (space, position)
);
-- Parts that had to do with erased ones and are not erased themselves: shared an email, were one user, kept apart or flagged
-- together, or named by a line that lost the name. What the ledger says of them cannot be decided again as it was.
CREATE TABLE selfsame.erasure_touched (
  space smallint NOT NULL,
  part uuid NOT NULL,
  -- Of the first erasure that did.
  position bigint NOT NULL,
  PRIMARY KEY (part, space)
);
CREATE INDEX suppression_position ON selfsame.suppression (space, position);

-- What people and the program did that is no line of the ledger: keys and tokens, backups, settings.
CREATE TABLE selfsame.act (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  at bigint NOT NULL,
  act text COLLATE "C" NOT NULL,
  actor text NOT NULL,
  -- The address of the machine, as REST saw it or as it calls itself.
  origin text,
  details jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX act_at ON selfsame.act (at, id);

-- The acts among the lines of the ledger, which are few: source 3 is theirs (V1).
CREATE INDEX ledger_act ON selfsame.ledger (at, position) WHERE source = 3;
