-- Every email that a live user has or had.
CREATE VIEW selfsame.listed_email AS
SELECT space, coalesce(merged_into, id) AS user_id, email FROM selfsame.part WHERE email IS NOT NULL
UNION
SELECT i.space, coalesce(p.merged_into, p.id), i.value
FROM selfsame.identifier i JOIN selfsame.part p ON p.space = i.space AND p.id = i.part
WHERE i.type = 'email';

-- The email that each landed record of a person carries, as it came.
CREATE VIEW selfsame.record_email AS
SELECT 'zendesk_id' AS type, id, email FROM zendesk.users
UNION ALL SELECT 'stripe_id', id, email FROM stripe.customers
UNION ALL SELECT 'salesforce_id', id, email FROM salesforce.leads
UNION ALL SELECT 'salesforce_id', id, email FROM salesforce.contacts
UNION ALL SELECT 'intercom_id', id, email FROM intercom.users
UNION ALL SELECT 'intercom_id', id, email FROM intercom.contacts
UNION ALL SELECT 'mailchimp_id', id, email_address FROM mailchimp.list_members
UNION ALL SELECT 'hubspot_id', id, coalesce(email, properties_email_value) FROM hubspot.contacts;

-- What people expect of a table of ids that was joined by email, without the rows that such a join doubles: a user is in it once
-- for each email, beside the records that carry that very email. Look-ups by user, so that one email costs a few of them.
CREATE VIEW public.user_identities_by_email AS
SELECT u.external_id AS segment_id, l.email,
  coalesce(c.zendesk_id, u.tools ->> 'zendesk_id') AS zendesk_id,
  coalesce(c.stripe_id, u.tools ->> 'stripe_id', CASE WHEN u.billing_type = 'stripe_id' THEN u.billing_id END) AS stripe_id,
  coalesce(c.salesforce_id, u.tools ->> 'salesforce_id') AS salesforce_id,
  coalesce(c.intercom_id, u.tools ->> 'intercom_id') AS intercom_id,
  u.id::text AS user_id,
  coalesce(c.mailchimp_id, u.tools ->> 'mailchimp_id') AS mailchimp_id,
  coalesce(c.hubspot_id, u.tools ->> 'hubspot_id') AS hubspot_id
FROM selfsame.listed_email l
JOIN selfsame.live_user u ON u.space = l.space AND u.id = l.user_id
CROSS JOIN LATERAL (
  SELECT
    min(first.value) FILTER (WHERE first.type = 'zendesk_id') AS zendesk_id,
    min(first.value) FILTER (WHERE first.type = 'stripe_id') AS stripe_id,
    min(first.value) FILTER (WHERE first.type = 'salesforce_id') AS salesforce_id,
    min(first.value) FILTER (WHERE first.type = 'intercom_id') AS intercom_id,
    min(first.value) FILTER (WHERE first.type = 'mailchimp_id') AS mailchimp_id,
    min(first.value) FILTER (WHERE first.type = 'hubspot_id') AS hubspot_id
  FROM (
    -- Of several the live one linked first.
    SELECT DISTINCT ON (held.type) held.type, held.value
    FROM (
      SELECT i.type, i.value, i.deleted, i.first_seen
      FROM selfsame.part p JOIN selfsame.identifier i ON i.space = p.space AND i.part = p.id
      WHERE p.space = u.space AND (p.id = u.id OR p.merged_into = u.id)
      UNION ALL
      SELECT p.billing_type, p.billing_id, false, coalesce(p.billing_first, p.created_at)
      FROM selfsame.part p
      WHERE p.space = u.space AND (p.id = u.id OR p.merged_into = u.id) AND p.billing_id IS NOT NULL
    ) held
    JOIN selfsame.record_email r ON r.type = held.type AND r.id = held.value
    WHERE lower(normalize(btrim(r.email), NFKC)) = l.email
    ORDER BY held.type, held.deleted, held.first_seen, held.value
  ) first
) c
WHERE l.space = 1;
COMMENT ON VIEW public.user_identities_by_email IS
  'One row per live user and email that it has or had: the tools'' records that carry that email, else the user''s first.';

-- As before, but of traits that two parts said at the same time the later part's show, always.
CREATE OR REPLACE VIEW public.user_traits AS
SELECT DISTINCT ON (coalesce(p.merged_into, p.id), trait.key)
  coalesce(p.merged_into, p.id)::text AS user_id, trait.key AS name, trait.value,
  selfsame.time(p.landed_at) AS updated_at
FROM selfsame.space s
JOIN selfsame.policy y ON y.space = s.number AND y.version = s.policy_version
JOIN selfsame.part p ON p.space = s.number AND p.traits IS NOT NULL
CROSS JOIN LATERAL jsonb_each(p.traits) trait
WHERE s.number = 1 AND (y.settings -> 'traits' = '"all"' OR y.settings -> 'traits' ? trait.key)
ORDER BY coalesce(p.merged_into, p.id), trait.key, p.landed_at DESC, p.id DESC;
