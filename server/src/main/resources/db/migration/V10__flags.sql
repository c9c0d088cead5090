-- What people review: which users are kept apart and by which act, how flags were closed, and what flags are computed from the
-- users as they are. Counted in the commits that change them, so that a page of them never counts.
ALTER TABLE selfsame.space
  -- Users that show an external id and no live billing id, those aside that a person dismissed.
  ADD COLUMN missing_billing bigint NOT NULL DEFAULT 0;

ALTER TABLE selfsame.part
  -- An open flag names it: a change of what finds it may close the flag.
  ADD COLUMN flagged boolean NOT NULL DEFAULT false,
  -- A person said that this user need not have a billing id; until it gets one.
  ADD COLUMN billing_dismissed boolean NOT NULL DEFAULT false;
ALTER TABLE selfsame.folded ADD COLUMN billing_dismissed boolean NOT NULL DEFAULT false;

CREATE INDEX part_missing_billing ON selfsame.part (created_at, id, space)
  WHERE merged_into IS NULL AND NOT compound AND external_id IS NOT NULL AND billing_id IS NULL AND NOT billing_dismissed;
CREATE INDEX folded_missing_billing ON selfsame.folded (created_at, id, space)
  WHERE external_id IS NOT NULL AND billing_id IS NULL AND NOT billing_dismissed;

-- How it was closed: itself, merge, keep_apart or dismiss. By whom and why says the ledger, at closed_position.
ALTER TABLE selfsame.flag ADD COLUMN closed_how text;
CREATE INDEX flag_open_page ON selfsame.flag (kind, opened_at, position, ordinal, space) WHERE closed_at IS NULL;
CREATE INDEX flag_closed_page ON selfsame.flag (kind, opened_at, position, ordinal, space) WHERE closed_at IS NOT NULL;
CREATE INDEX flag_closed_by ON selfsame.flag (closed_position, space) WHERE closed_at IS NOT NULL;

-- The users that a flag names, each by itself.
CREATE TABLE selfsame.flag_user (
  space smallint NOT NULL,
  part uuid NOT NULL,
  position bigint NOT NULL,
  ordinal smallint NOT NULL,
  PRIMARY KEY (part, position, ordinal, space)
);

-- An email that several live users have, not all of them kept apart; and those of which that was so.
CREATE TABLE selfsame.same_email (
  space smallint NOT NULL,
  -- Half of the email's SHA-256: what the flag is called by.
  key uuid NOT NULL,
  email text COLLATE "C" NOT NULL,
  opened_at bigint NOT NULL,
  closed_at bigint,
  closed_position bigint,
  closed_how text,
  -- Whom it was about when it was closed.
  users uuid[],
  PRIMARY KEY (key, space)
);
CREATE INDEX same_email_open_page ON selfsame.same_email (opened_at, key, space) WHERE closed_at IS NULL;
CREATE INDEX same_email_closed_page ON selfsame.same_email (opened_at, key, space) WHERE closed_at IS NOT NULL;

CREATE TABLE selfsame.flag_count (
  space smallint NOT NULL,
  kind text COLLATE "C" NOT NULL,
  open bigint NOT NULL,
  closed bigint NOT NULL,
  PRIMARY KEY (space, kind)
);

-- Which parts are kept apart, and by which act or undo. The parts themselves say it to the rules (part.bars).
CREATE TABLE selfsame.bar (
  space smallint NOT NULL,
  -- The lesser id of the two stands first.
  one uuid NOT NULL,
  other uuid NOT NULL,
  position bigint NOT NULL,
  at bigint NOT NULL,
  rule text NOT NULL,
  PRIMARY KEY (one, other, space)
);
CREATE INDEX bar_other ON selfsame.bar (other, space);
CREATE INDEX bar_position ON selfsame.bar (position, one, other, space);

-- What is there already.
UPDATE selfsame.part p SET flagged = true
  FROM (SELECT DISTINCT space, unnest(users) AS id FROM selfsame.flag WHERE closed_at IS NULL) f
  WHERE p.space = f.space AND p.id = f.id;
INSERT INTO selfsame.flag_user (space, part, position, ordinal)
  SELECT DISTINCT space, unnest(users), position, ordinal FROM selfsame.flag;
UPDATE selfsame.flag SET closed_how = 'itself' WHERE closed_at IS NOT NULL;
INSERT INTO selfsame.same_email (space, key, email, opened_at)
  SELECT space, encode(substr(sha256(convert_to(email, 'UTF8')), 1, 16), 'hex')::uuid, email, max(coalesce(email_first, created_at))
  FROM selfsame.part WHERE email IS NOT NULL AND email_shared
  GROUP BY space, email HAVING count(DISTINCT coalesce(merged_into, id)) > 1;
INSERT INTO selfsame.flag_count (space, kind, open, closed)
  SELECT space, kind, count(*) FILTER (WHERE closed_at IS NULL), count(*) FILTER (WHERE closed_at IS NOT NULL)
  FROM selfsame.flag GROUP BY space, kind
  UNION ALL SELECT space, 'same_email', count(*), 0 FROM selfsame.same_email GROUP BY space;
UPDATE selfsame.space s SET missing_billing =
  (SELECT count(*) FROM selfsame.live_user u
   WHERE u.space = s.number AND u.external_id IS NOT NULL AND u.billing_id IS NULL);
