-- Feedback about users. Companies are accounts with a domain; one account a company, though groups may have said otherwise.
CREATE INDEX account_domain ON selfsame.account (space, domain) WHERE domain IS NOT NULL;

CREATE TABLE selfsame.note (
  space smallint NOT NULL,
  id uuid NOT NULL,
  -- Of the claim that came with it.
  position bigint NOT NULL,
  source smallint NOT NULL,
  title text NOT NULL,
  content text NOT NULL,
  display_url text,
  tags text[] NOT NULL,
  -- What it is called where it comes from.
  origin text COLLATE "C",
  record_id text COLLATE "C",
  -- The part that its claim was written to, so that it goes with merges and their undoing; null: nobody, or somebody erased since.
  part uuid,
  account uuid,
  created_at bigint NOT NULL,
  updated_at bigint NOT NULL,
  PRIMARY KEY (space, id),
  UNIQUE (space, position),
  CHECK ((origin IS NULL) = (record_id IS NULL))
);
CREATE UNIQUE INDEX note_record ON selfsame.note (space, origin, record_id) WHERE record_id IS NOT NULL;
CREATE INDEX note_created ON selfsame.note (space, created_at, id);
CREATE INDEX note_part ON selfsame.note (space, part) WHERE part IS NOT NULL;
CREATE INDEX note_account ON selfsame.note (space, account, created_at) WHERE account IS NOT NULL;
CREATE INDEX note_tags ON selfsame.note USING gin (tags);
CREATE INDEX note_words ON selfsame.note USING gin (to_tsvector('simple', title || ' ' || content));

CREATE VIEW public.notes AS
SELECT n.id::text AS id, n.title, n.content, n.display_url, n.tags, n.origin AS source_origin, n.record_id AS source_record_id,
  coalesce(p.merged_into, p.id)::text AS user_id, n.account::text AS account_id,
  selfsame.time(n.created_at) AS created_at, selfsame.time(n.updated_at) AS updated_at
FROM selfsame.note n LEFT JOIN selfsame.part p ON p.space = n.space AND p.id = n.part
WHERE n.space = 1;
COMMENT ON VIEW public.notes IS 'Feedback that was written down, with the user and the account that it is about.';
