-- The published tables: stable SQL for everyone who reads. Views over the live rows of the default space; ids are text, times
-- are timestamptz.
CREATE FUNCTION selfsame.time(micros bigint) RETURNS timestamptz
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN timestamptz '1970-01-01 00:00:00+00' + micros * interval '1 microsecond';

-- One row per live user with the tools' ids still together; the views below unfold it.
CREATE VIEW selfsame.live_user AS
SELECT space, id, external_id, email, name, billing_type, billing_id, tools, created_at, updated_at
FROM selfsame.part WHERE merged_into IS NULL AND NOT compound
UNION ALL
SELECT space, id, external_id, email, name, billing_type, billing_id, tools, created_at, updated_at
FROM selfsame.folded;

CREATE VIEW public.users AS
SELECT id::text AS id, external_id, email, name, billing_id,
  selfsame.time(created_at) AS created_at, selfsame.time(updated_at) AS updated_at
FROM selfsame.live_user WHERE space = 1;
COMMENT ON VIEW public.users IS 'One row per live user. Source: Selfsame.';

CREATE VIEW public.user_identities AS
SELECT external_id AS segment_id, email,
  tools ->> 'zendesk_id' AS zendesk_id,
  coalesce(tools ->> 'stripe_id', CASE WHEN billing_type = 'stripe_id' THEN billing_id END) AS stripe_id,
  tools ->> 'salesforce_id' AS salesforce_id,
  tools ->> 'intercom_id' AS intercom_id,
  id::text AS user_id,
  tools ->> 'mailchimp_id' AS mailchimp_id,
  tools ->> 'hubspot_id' AS hubspot_id
FROM selfsame.live_user WHERE space = 1;
COMMENT ON VIEW public.user_identities IS
  'One row per live user: its id in every tool (of several, the live one linked first).';

CREATE VIEW public.user_identifiers AS
WITH held AS (
  -- Of a user made of several parts one external id and one billing id show; the other parts' still find the user.
  SELECT space, coalesce(merged_into, id) AS user_id, 'external_id' AS type, external_id AS value,
    NOT (compound OR merged_into IS NOT NULL) OR EXISTS (
      SELECT FROM selfsame.folded f
      WHERE f.space = part.space AND f.id = coalesce(merged_into, part.id) AND f.external_id = part.external_id) AS current,
    coalesce(external_source, source) AS source, coalesce(external_first, created_at) AS first_seen,
    coalesce(external_last, external_first, created_at) AS last_seen
  FROM selfsame.part WHERE external_id IS NOT NULL
  UNION ALL
  SELECT space, coalesce(merged_into, id), 'email', email, true, coalesce(email_source, source),
    coalesce(email_first, created_at), coalesce(email_last, email_first, created_at)
  FROM selfsame.part WHERE email IS NOT NULL
  UNION ALL
  SELECT space, coalesce(merged_into, id), billing_type, billing_id,
    NOT (compound OR merged_into IS NOT NULL) OR NOT EXISTS (
      SELECT FROM selfsame.folded f
      WHERE f.space = part.space AND f.id = coalesce(merged_into, part.id)
        AND f.billing_type = part.billing_type AND f.billing_id <> part.billing_id),
    coalesce(billing_source, source),
    coalesce(billing_first, created_at), coalesce(billing_last, billing_first, created_at)
  FROM selfsame.part WHERE billing_id IS NOT NULL
  UNION ALL
  SELECT i.space, coalesce(p.merged_into, p.id), i.type, i.value, i.current AND NOT i.deleted, i.source, i.first_seen, i.last_seen
  FROM selfsame.identifier i JOIN selfsame.part p ON p.space = i.space AND p.id = i.part
)
SELECT held.user_id::text AS user_id, held.type, held.value, held.current, source.name AS source,
  selfsame.time(held.first_seen) AS first_seen, selfsame.time(held.last_seen) AS last_seen
FROM held JOIN selfsame.source ON source.space = held.space AND source.number = held.source
WHERE held.space = 1;
COMMENT ON VIEW public.user_identifiers IS
  'Every identifier of every live user, aliases and replaced ones included (current = false). last_seen moves at most once a day.';

CREATE VIEW public.user_merges AS
SELECT position::text || CASE WHEN ordinal = 0 THEN '' ELSE '.' || ordinal END AS merge_id,
  absorbed::text AS absorbed_id, survivor::text AS survivor_id, rule AS code,
  selfsame.time(merged_at) AS merged_at, selfsame.time(undone_at) AS undone_at
FROM selfsame.merge WHERE space = 1;

CREATE VIEW public.user_decisions AS
SELECT l.position, coalesce(p.merged_into, p.id, l.part)::text AS user_id, source.name AS source, l.outcome, l.rule AS code,
  coalesce(l.flags, '{}') AS flags, selfsame.time(l.at) AS decided_at, l.policy AS policy_version
FROM selfsame.ledger l
JOIN selfsame.source ON source.space = l.space AND source.number = l.source
LEFT JOIN selfsame.part p ON p.space = l.space AND p.id = l.part
WHERE l.space = 1;

-- Which traits become the user's own is the space's policy: none (the default), all, or those named. Of a user made of several
-- parts the latest says.
CREATE VIEW public.user_traits AS
SELECT DISTINCT ON (coalesce(p.merged_into, p.id), trait.key)
  coalesce(p.merged_into, p.id)::text AS user_id, trait.key AS name, trait.value,
  selfsame.time(p.landed_at) AS updated_at
FROM selfsame.space s
JOIN selfsame.policy y ON y.space = s.number AND y.version = s.policy_version
JOIN selfsame.part p ON p.space = s.number AND p.traits IS NOT NULL
CROSS JOIN LATERAL jsonb_each(p.traits) trait
WHERE s.number = 1 AND (y.settings -> 'traits' = '"all"' OR y.settings -> 'traits' ? trait.key)
ORDER BY coalesce(p.merged_into, p.id), trait.key, p.landed_at DESC;

CREATE VIEW public.accounts AS
SELECT id::text AS id, external_id, name, domain,
  selfsame.time(created_at) AS created_at, selfsame.time(updated_at) AS updated_at
FROM selfsame.account WHERE space = 1;

CREATE VIEW public.account_users AS
SELECT a.account::text AS account_id, coalesce(p.merged_into, p.id)::text AS user_id,
  selfsame.time(min(a.first_seen)) AS first_seen
FROM selfsame.account_part a JOIN selfsame.part p ON p.space = a.space AND p.id = a.part
WHERE a.space = 1 GROUP BY 1, 2;

CREATE VIEW public.event_counts AS
SELECT source.name AS source, c.type, selfsame.time(c.minute * 60000000) AS minute, c.count
FROM selfsame.event_count c JOIN selfsame.source ON source.space = c.space AND source.number = c.source
WHERE c.space = 1;
