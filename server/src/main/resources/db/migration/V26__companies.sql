-- Accounts that programs and people write, choose and merge.
ALTER TABLE selfsame.account
  -- What it became part of: only its external id counts any more, which finds that one. One hop.
  ADD COLUMN merged_into uuid,
  -- What programs say of it besides: an object of texts, numbers and booleans.
  ADD COLUMN traits jsonb,
  -- Of the batch that gave it its domain: users of that domain are still to be looked for.
  ADD COLUMN domain_gained bigint;
CREATE INDEX account_merged ON selfsame.account (space, merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX account_domain_gained ON selfsame.account (space, domain_gained) WHERE domain_gained IS NOT NULL;

-- The position at which the account was chosen for its user's company; of several the last counts, of none the first link.
ALTER TABLE selfsame.account_part ADD COLUMN chosen bigint;

ALTER TABLE selfsame.unpublished DROP CONSTRAINT unpublished_kind_check;
ALTER TABLE selfsame.unpublished ADD CONSTRAINT unpublished_kind_check CHECK (kind IN ('user', 'merge', 'account'));

CREATE OR REPLACE VIEW public.accounts AS
SELECT id::text AS id, external_id, name, domain,
  selfsame.time(created_at) AS created_at, selfsame.time(updated_at) AS updated_at
FROM selfsame.account WHERE space = 1 AND merged_into IS NULL;

CREATE VIEW public.account_traits AS
SELECT a.id::text AS account_id, trait.key AS name, trait.value
FROM selfsame.account a CROSS JOIN LATERAL jsonb_each(a.traits) trait WHERE a.space = 1;
COMMENT ON VIEW public.account_traits IS 'What programs say of accounts besides their names and domains.';

CREATE OR REPLACE VIEW public.account_users AS
SELECT l.account::text AS account_id, l.user_id::text AS user_id, selfsame.time(l.first_seen) AS first_seen,
  l.account = (
    SELECT a.account FROM selfsame.part p JOIN selfsame.account_part a ON a.space = p.space AND a.part = p.id
    WHERE p.space = 1 AND (p.id = l.user_id OR p.merged_into = l.user_id)
    ORDER BY a.chosen DESC NULLS LAST, a.position, a.account LIMIT 1) AS is_company
FROM (
  SELECT a.account, coalesce(p.merged_into, p.id) AS user_id, min(a.first_seen) AS first_seen
  FROM selfsame.account_part a JOIN selfsame.part p ON p.space = a.space AND p.id = a.part
  WHERE a.space = 1 GROUP BY 1, 2) l;
