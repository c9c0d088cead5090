-- What it takes to ask across tools: a table of ids per tool, the tables that events and files land in, and the names that
-- queries in circulation use.

-- page and screen events, of the sources that say so; in the shape of Segment's own tables.
CREATE TABLE segment.pages (
  id varchar COLLATE "C" PRIMARY KEY,
  received_at timestamptz NOT NULL DEFAULT now(),
  uuid varchar,
  uuid_ts timestamptz,
  anonymous_id varchar,
  user_id varchar,
  name varchar,
  category varchar,
  title varchar,
  url varchar,
  path varchar,
  referrer varchar,
  search varchar,
  context_ip varchar,
  context_user_agent varchar,
  context_locale varchar,
  context_campaign_name varchar,
  context_campaign_source varchar,
  context_campaign_medium varchar,
  sent_at timestamptz,
  timestamp timestamptz,
  original_timestamp timestamptz
);

CREATE TABLE segment.screens (
  id varchar COLLATE "C" PRIMARY KEY,
  received_at timestamptz NOT NULL DEFAULT now(),
  uuid varchar,
  uuid_ts timestamptz,
  anonymous_id varchar,
  user_id varchar,
  name varchar,
  category varchar,
  title varchar,
  context_ip varchar,
  context_user_agent varchar,
  context_locale varchar,
  context_app_name varchar,
  context_app_version varchar,
  context_os_name varchar,
  context_os_version varchar,
  context_device_type varchar,
  sent_at timestamptz,
  timestamp timestamptz,
  original_timestamp timestamptz
);

-- segment.users is a view of what identifies said; rows of that table that come in files land here and become identifies.
CREATE TABLE segment.landed_users (
  id varchar COLLATE "C" PRIMARY KEY,
  received_at timestamptz NOT NULL DEFAULT now(),
  uuid varchar,
  uuid_ts timestamptz,
  email varchar,
  name varchar,
  referral_source varchar
);

-- What Mailchimp calls a list is an audience: one row each. The guide that everybody copies joins
-- mailchimp.lists.unique_email_id with Segment's user id. Mailchimp's own unique_email_id belongs to a member and is
-- Mailchimp's; so the view of that name has a row per member, and its unique_email_id is what the guide means.
ALTER TABLE mailchimp.lists RENAME TO audiences;
CREATE VIEW mailchimp.lists AS
SELECT coalesce(a.id, m.list_id) AS id, a.name, u.external_id AS unique_email_id, m.email_address,
  m.id AS list_member_id, m.unique_email_id AS mailchimp_unique_email_id, m.status,
  coalesce(m.received_at, a.received_at) AS received_at
FROM mailchimp.audiences a
FULL JOIN mailchimp.list_members m ON m.list_id = a.id
LEFT JOIN selfsame.identifier i ON i.space = 1 AND i.type = 'mailchimp_id' AND i.value = m.id
LEFT JOIN selfsame.part p ON p.space = i.space AND p.id = i.part
LEFT JOIN selfsame.live_user u ON u.space = p.space AND u.id = coalesce(p.merged_into, p.id);
COMMENT ON VIEW mailchimp.lists IS
  'One row per member of an audience; unique_email_id is Segment''s user id. Audiences alone: mailchimp.audiences.';

CREATE VIEW mailchimp.members AS SELECT * FROM mailchimp.list_members;

-- A charge's plan is found by these.
CREATE INDEX subscriptions_customer_id ON stripe.subscriptions (customer_id);
CREATE INDEX subscription_items_subscription_id ON stripe.subscription_items (subscription_id);

-- Tools beyond those that are known from the start: each has a schema, an identifier type and a column of user_identities.
CREATE TABLE selfsame.tool (
  name text COLLATE "C" PRIMARY KEY,
  ordinal integer NOT NULL UNIQUE
);

-- Landing tables that the program made because somebody landed rows of them. people: their rows are claims.
CREATE TABLE selfsame.landing_table (
  tool text COLLATE "C" NOT NULL,
  name text COLLATE "C" NOT NULL,
  people boolean NOT NULL,
  PRIMARY KEY (tool, name)
);

-- Landed rows whose claims are not decided yet, in the order in which they are made. again: what the row says could not be
-- settled, and is tried again when the tool lands next.
CREATE TABLE selfsame.landed_claim (
  tool text COLLATE "C" NOT NULL,
  seq bigint NOT NULL,
  name text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  again boolean NOT NULL DEFAULT false,
  PRIMARY KEY (tool, seq)
);

-- The landings of the last while, from wherever they were started.
CREATE TABLE selfsame.landing (
  id uuid PRIMARY KEY,
  tool text COLLATE "C" NOT NULL,
  name text COLLATE "C" NOT NULL,
  origin text NOT NULL,
  actor text NOT NULL,
  state text NOT NULL CHECK (state IN ('waiting', 'landing', 'deciding', 'done', 'failed', 'interrupted')),
  created_at timestamptz NOT NULL,
  changed_at timestamptz NOT NULL,
  -- How it was asked for, and what it counted: JSON.
  request jsonb NOT NULL,
  counts jsonb NOT NULL DEFAULT '{}',
  error jsonb
);
CREATE INDEX landing_created ON selfsame.landing (created_at);

INSERT INTO selfsame.chore (name) VALUES ('tool views');

-- The records of each tool with their user: a join from a record to its user finds one row, whoever else the user is. Only parts
-- that were merged are looked up, since questions read all records at a time. Billing ids stand in the part, too.
CREATE VIEW selfsame.tool_record AS
SELECT i.type, i.value, coalesce(m.merged_into, i.part) AS user_id
FROM selfsame.identifier i
LEFT JOIN selfsame.part m ON m.space = i.space AND m.id = i.part AND m.merged_into IS NOT NULL
WHERE i.space = 1;
CREATE VIEW selfsame.billing_record AS
SELECT p.billing_type AS type, p.billing_id AS value, coalesce(p.merged_into, p.id) AS user_id
FROM selfsame.part p WHERE p.space = 1 AND p.billing_id IS NOT NULL;

-- Counting tickets by who asked is what most questions begin with; a ticket is wide, and this is not.
CREATE INDEX tickets_requester ON zendesk.tickets (requester_id) INCLUDE (created_at, status);

CREATE VIEW public.zendesk_users AS
SELECT value AS zendesk_id, user_id::text AS user_id FROM selfsame.tool_record WHERE type = 'zendesk_id';
CREATE VIEW public.stripe_users AS
SELECT value AS stripe_id, user_id::text AS user_id FROM selfsame.tool_record WHERE type = 'stripe_id'
UNION ALL
SELECT value, user_id::text FROM selfsame.billing_record WHERE type = 'stripe_id';
CREATE VIEW public.salesforce_users AS
SELECT value AS salesforce_id, user_id::text AS user_id FROM selfsame.tool_record WHERE type = 'salesforce_id';
CREATE VIEW public.intercom_users AS
SELECT value AS intercom_id, user_id::text AS user_id FROM selfsame.tool_record WHERE type = 'intercom_id';
CREATE VIEW public.mailchimp_users AS
SELECT value AS mailchimp_id, user_id::text AS user_id FROM selfsame.tool_record WHERE type = 'mailchimp_id';
CREATE VIEW public.hubspot_users AS
SELECT value AS hubspot_id, user_id::text AS user_id FROM selfsame.tool_record WHERE type = 'hubspot_id';
CREATE VIEW public.chargebee_users AS
SELECT value AS chargebee_id, user_id::text AS user_id FROM selfsame.tool_record WHERE type = 'chargebee_id'
UNION ALL
SELECT value, user_id::text FROM selfsame.billing_record WHERE type = 'chargebee_id';
CREATE VIEW public.segment_users AS
SELECT p.external_id AS segment_id, coalesce(p.merged_into, p.id)::text AS user_id
FROM selfsame.part p WHERE p.space = 1 AND p.external_id IS NOT NULL
UNION ALL
SELECT value, user_id::text FROM selfsame.tool_record WHERE type = 'external_id';

-- As before, with the second billing provider: later tools stand at the end.
CREATE OR REPLACE VIEW public.user_identities AS
SELECT external_id AS segment_id, email,
  tools ->> 'zendesk_id' AS zendesk_id,
  coalesce(tools ->> 'stripe_id', CASE WHEN billing_type = 'stripe_id' THEN billing_id END) AS stripe_id,
  tools ->> 'salesforce_id' AS salesforce_id,
  tools ->> 'intercom_id' AS intercom_id,
  id::text AS user_id,
  tools ->> 'mailchimp_id' AS mailchimp_id,
  tools ->> 'hubspot_id' AS hubspot_id,
  coalesce(tools ->> 'chargebee_id', CASE WHEN billing_type = 'chargebee_id' THEN billing_id END) AS chargebee_id
FROM selfsame.live_user WHERE space = 1;

CREATE OR REPLACE VIEW selfsame.record_email AS
SELECT 'zendesk_id' AS type, id, email FROM zendesk.users
UNION ALL SELECT 'stripe_id', id, email FROM stripe.customers
UNION ALL SELECT 'salesforce_id', id, email FROM salesforce.leads
UNION ALL SELECT 'salesforce_id', id, email FROM salesforce.contacts
UNION ALL SELECT 'intercom_id', id, email FROM intercom.users
UNION ALL SELECT 'intercom_id', id, email FROM intercom.contacts
UNION ALL SELECT 'mailchimp_id', id, email_address FROM mailchimp.list_members
UNION ALL SELECT 'hubspot_id', id, coalesce(email, properties_email_value) FROM hubspot.contacts
UNION ALL SELECT 'chargebee_id', id, email FROM chargebee.customers;

CREATE OR REPLACE VIEW public.user_identities_by_email AS
SELECT u.external_id AS segment_id, l.email,
  coalesce(c.zendesk_id, u.tools ->> 'zendesk_id') AS zendesk_id,
  coalesce(c.stripe_id, u.tools ->> 'stripe_id', CASE WHEN u.billing_type = 'stripe_id' THEN u.billing_id END) AS stripe_id,
  coalesce(c.salesforce_id, u.tools ->> 'salesforce_id') AS salesforce_id,
  coalesce(c.intercom_id, u.tools ->> 'intercom_id') AS intercom_id,
  u.id::text AS user_id,
  coalesce(c.mailchimp_id, u.tools ->> 'mailchimp_id') AS mailchimp_id,
  coalesce(c.hubspot_id, u.tools ->> 'hubspot_id') AS hubspot_id,
  coalesce(c.chargebee_id, u.tools ->> 'chargebee_id', CASE WHEN u.billing_type = 'chargebee_id' THEN u.billing_id END) AS chargebee_id
FROM selfsame.listed_email l
JOIN selfsame.live_user u ON u.space = l.space AND u.id = l.user_id
CROSS JOIN LATERAL (
  SELECT
    min(first.value) FILTER (WHERE first.type = 'zendesk_id') AS zendesk_id,
    min(first.value) FILTER (WHERE first.type = 'stripe_id') AS stripe_id,
    min(first.value) FILTER (WHERE first.type = 'salesforce_id') AS salesforce_id,
    min(first.value) FILTER (WHERE first.type = 'intercom_id') AS intercom_id,
    min(first.value) FILTER (WHERE first.type = 'mailchimp_id') AS mailchimp_id,
    min(first.value) FILTER (WHERE first.type = 'hubspot_id') AS hubspot_id,
    min(first.value) FILTER (WHERE first.type = 'chargebee_id') AS chargebee_id
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
