-- The store: parts, identifiers, merges, the ledger and what belongs to them. Times are microseconds since 1970 UTC, as
-- received here unless a comment says that they are an event's own ("said"). Text that is compared is normalised by the
-- program and collated "C". Only the program reads these tables; people read the views of V2.
CREATE SCHEMA IF NOT EXISTS selfsame;

-- The scope in which identifiers are unique. Every writing transaction locks its row first and takes its ledger positions
-- from it: commit order, ledger order and replay order are one.
CREATE TABLE selfsame.space (
  number smallint PRIMARY KEY,
  name text COLLATE "C" NOT NULL UNIQUE,
  position bigint NOT NULL DEFAULT 0,
  policy_version integer NOT NULL DEFAULT 1,
  -- How many suppressions there are: while none, no claim is checked against them.
  suppressions integer NOT NULL DEFAULT 0,
  -- Keys the hashes of suppressed identifiers.
  secret bytea NOT NULL DEFAULT decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex')
) WITH (fillfactor = 10);

-- Every version of a space's settings that decisions were made under.
CREATE TABLE selfsame.policy (
  space smallint NOT NULL REFERENCES selfsame.space,
  version integer NOT NULL,
  settings jsonb NOT NULL,
  made_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (space, version)
);

CREATE TABLE selfsame.source (
  space smallint NOT NULL REFERENCES selfsame.space,
  number smallint NOT NULL,
  name text COLLATE "C" NOT NULL,
  channel text NOT NULL,
  settings jsonb NOT NULL DEFAULT '{}',
  PRIMARY KEY (space, number),
  UNIQUE (space, name)
);

-- Keys are random and long, so a plain SHA-256 of one cannot be turned back.
CREATE TABLE selfsame.write_key (
  hash bytea PRIMARY KEY,
  id text COLLATE "C" NOT NULL UNIQUE,
  name text NOT NULL,
  hint text NOT NULL,
  space smallint NOT NULL,
  source smallint NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  revoked_at timestamptz,
  FOREIGN KEY (space, source) REFERENCES selfsame.source
);

CREATE TABLE selfsame.token (
  hash bytea PRIMARY KEY,
  id text COLLATE "C" NOT NULL UNIQUE,
  name text NOT NULL,
  hint text NOT NULL,
  scope text NOT NULL CHECK (scope IN ('read', 'write', 'admin')),
  created_at timestamptz NOT NULL DEFAULT now(),
  revoked_at timestamptz
);

-- A user as it was created, for ever: identifiers point here. A live user is a part with merged_into NULL and all parts merged
-- into it. The current external id, email, name and billing id are columns; every other identifier is a row of
-- selfsame.identifier. Where x_position is NULL the value came with the claim that created the part, and its times, source and
-- weight are that claim's; x_last NULL: not seen on a later day.
CREATE TABLE selfsame.part (
  space smallint NOT NULL,
  id uuid NOT NULL,
  merged_into uuid,
  -- Other parts are merged into this one: what people see is the row of selfsame.folded.
  compound boolean NOT NULL,
  -- It has rows in selfsame.identifier.
  more_identifiers boolean NOT NULL,
  -- Another part has, or had, the same email: a claim that repeats the email must look for the others.
  email_shared boolean NOT NULL,
  bars uuid[],
  created_position bigint NOT NULL,
  created_at bigint NOT NULL,
  said_at bigint NOT NULL,
  source smallint NOT NULL,
  -- The creating claim was of a billing or record source, whose values fill gaps and never outrank the others.
  weak boolean NOT NULL,
  updated_at bigint NOT NULL,
  external_id text COLLATE "C",
  external_at bigint,
  external_position bigint,
  external_source smallint,
  external_weak boolean,
  external_first bigint,
  external_last bigint,
  email text COLLATE "C",
  email_display text,
  email_at bigint,
  email_position bigint,
  email_source smallint,
  email_weak boolean,
  email_first bigint,
  email_last bigint,
  name text,
  name_at bigint,
  name_position bigint,
  name_source smallint,
  name_weak boolean,
  billing_type text COLLATE "C",
  billing_id text COLLATE "C",
  billing_at bigint,
  billing_position bigint,
  billing_source smallint,
  billing_weak boolean,
  billing_first bigint,
  billing_last bigint,
  -- The first live record id of each tool, by identifier type: {"zendesk_id": "1303028105"}. NULL: none.
  tools jsonb,
  -- Traits that identifies landed for segment.users, and the event time of the latest.
  traits jsonb,
  landed_at bigint,
  PRIMARY KEY (space, id)
) WITH (fillfactor = 85);
-- What differs stands first in an index: comparing the space first would cost every look-up and every insert, and a plan that
-- was made while a table was empty would take an index for its space alone.
CREATE UNIQUE INDEX part_external_id ON selfsame.part (external_id, space) WHERE external_id IS NOT NULL;
CREATE INDEX part_email ON selfsame.part (email, space, (external_id IS NULL)) WHERE email IS NOT NULL;
CREATE INDEX part_billing_id ON selfsame.part (billing_id, space) WHERE billing_id IS NOT NULL;
CREATE INDEX part_merged_into ON selfsame.part (merged_into, space) WHERE merged_into IS NOT NULL;

-- Identifiers that have no column of their own: aliases, further and former billing ids, record and fallback ids, former
-- emails. Only emails may be held twice.
CREATE TABLE selfsame.identifier (
  space smallint NOT NULL,
  type text COLLATE "C" NOT NULL,
  value text COLLATE "C" NOT NULL,
  part uuid NOT NULL,
  display text,
  current boolean NOT NULL,
  deleted boolean NOT NULL,
  weak boolean NOT NULL,
  source smallint NOT NULL,
  at bigint NOT NULL,
  position bigint NOT NULL,
  first_seen bigint NOT NULL,
  last_seen bigint NOT NULL,
  PRIMARY KEY (value, type, space, part)
);
CREATE UNIQUE INDEX identifier_held_once ON selfsame.identifier (value, type, space) WHERE type <> 'email';
CREATE INDEX identifier_part ON selfsame.identifier (part);

CREATE TABLE selfsame.merge (
  space smallint NOT NULL,
  position bigint NOT NULL,
  ordinal smallint NOT NULL,
  survivor uuid NOT NULL,
  absorbed uuid NOT NULL,
  rule text NOT NULL,
  settled jsonb,
  merged_at bigint NOT NULL,
  undone_position bigint,
  undone_at bigint,
  PRIMARY KEY (space, position, ordinal)
);
CREATE INDEX merge_survivor ON selfsame.merge (space, survivor);
CREATE INDEX merge_absorbed ON selfsame.merge (space, absorbed);

-- What people see of a user of several parts, folded by the program in the commit that changed it.
CREATE TABLE selfsame.folded (
  space smallint NOT NULL,
  id uuid NOT NULL,
  external_id text COLLATE "C",
  email text COLLATE "C",
  name text,
  billing_type text COLLATE "C",
  billing_id text COLLATE "C",
  tools jsonb,
  created_at bigint NOT NULL,
  updated_at bigint NOT NULL,
  PRIMARY KEY (space, id)
);

-- Every claim and act with its decision, in order. Partitioned by month of receipt; rows are only added (an erasure empties
-- payload and before).
CREATE TABLE selfsame.ledger (
  space smallint NOT NULL,
  position bigint NOT NULL,
  at bigint NOT NULL,
  said_at bigint NOT NULL,
  source smallint NOT NULL,
  policy integer NOT NULL,
  part uuid,
  outcome text NOT NULL,
  rule text NOT NULL,
  reason text,
  checks text[],
  flags text[],
  warnings text[],
  -- What the changed fields were before, by part: JSON. Text, as the payload is: jsonb would take each apart at every write.
  before text,
  -- The claim as it was sent, byte for byte: JSON.
  payload text,
  PRIMARY KEY (space, position, at)
) PARTITION BY RANGE (at);
CREATE INDEX ledger_part ON selfsame.ledger (part, position);
CREATE TABLE selfsame.ledger_rest PARTITION OF selfsame.ledger DEFAULT;

-- Which messages were decided: hashes of name and content. Partitioned by week of receipt and dropped whole.
CREATE TABLE selfsame.message_key (
  -- Where the index has it: beside messages of the same second if the messageId says when it was made.
  place bigint NOT NULL,
  id bigint NOT NULL,
  content bigint NOT NULL,
  space smallint NOT NULL,
  position bigint NOT NULL,
  at bigint NOT NULL
) PARTITION BY RANGE (at);
CREATE INDEX message_key_place ON selfsame.message_key (place);
CREATE TABLE selfsame.message_key_rest PARTITION OF selfsame.message_key DEFAULT;

-- Events that identify nobody, and repeats, by minute.
CREATE TABLE selfsame.event_count (
  space smallint NOT NULL,
  source smallint NOT NULL,
  type text COLLATE "C" NOT NULL,
  minute bigint NOT NULL,
  count bigint NOT NULL,
  PRIMARY KEY (space, source, type, minute)
);

CREATE TABLE selfsame.flag (
  space smallint NOT NULL,
  position bigint NOT NULL,
  ordinal smallint NOT NULL,
  kind text NOT NULL,
  users uuid[] NOT NULL,
  about_type text COLLATE "C",
  about_value text COLLATE "C",
  rule text NOT NULL,
  opened_at bigint NOT NULL,
  closed_at bigint,
  closed_position bigint,
  -- Hash of kind, users and identifier: the same flag is open at most once.
  key bigint NOT NULL,
  PRIMARY KEY (space, position, ordinal)
);
CREATE UNIQUE INDEX flag_open ON selfsame.flag (space, key) WHERE closed_at IS NULL;

CREATE TABLE selfsame.account (
  space smallint NOT NULL,
  id uuid NOT NULL,
  external_id text COLLATE "C" NOT NULL,
  name text,
  name_at bigint,
  name_position bigint,
  name_source smallint,
  domain text COLLATE "C",
  domain_at bigint,
  domain_position bigint,
  domain_source smallint,
  created_at bigint NOT NULL,
  updated_at bigint NOT NULL,
  PRIMARY KEY (space, id),
  UNIQUE (space, external_id)
);

CREATE TABLE selfsame.account_part (
  space smallint NOT NULL,
  account uuid NOT NULL,
  part uuid NOT NULL,
  source smallint NOT NULL,
  position bigint NOT NULL,
  first_seen bigint NOT NULL,
  PRIMARY KEY (space, account, part)
);
CREATE INDEX account_part_part ON selfsame.account_part (space, part);

-- Keyed hashes of identifiers that an erasure bars from coming back.
CREATE TABLE selfsame.suppression (
  space smallint NOT NULL,
  hash bytea NOT NULL,
  position bigint NOT NULL,
  at bigint NOT NULL,
  PRIMARY KEY (space, hash)
);

-- The columns of segment.users that came from traits, in the order in which they were first seen.
CREATE TABLE selfsame.trait_column (
  name text COLLATE "C" PRIMARY KEY,
  ordinal integer NOT NULL UNIQUE
);
INSERT INTO selfsame.trait_column VALUES ('referral_source', 1);

INSERT INTO selfsame.space (number, name) VALUES (1, 'default');
INSERT INTO selfsame.policy (space, version, settings) VALUES (1, 1, '{}');
INSERT INTO selfsame.source (space, number, name, channel) VALUES
  (1, 1, 'segment', 'segment'), (1, 2, 'csv', 'csv'), (1, 3, 'by hand', 'act');
