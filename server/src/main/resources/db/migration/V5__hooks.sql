-- Webhooks: what a request must prove to speak for a source. The shared secret stands here as it is, since a signature can only
-- be checked with the secret itself; readers cannot see this schema. The Authorization header is only compared: its SHA-256.
CREATE TABLE selfsame.hook (
  id text COLLATE "C" PRIMARY KEY,
  name text NOT NULL,
  hint text NOT NULL,
  space smallint NOT NULL,
  source smallint NOT NULL,
  secret bytea,
  authorization_hash bytea,
  created_at timestamptz NOT NULL DEFAULT now(),
  revoked_at timestamptz,
  FOREIGN KEY (space, source) REFERENCES selfsame.source,
  CHECK (secret IS NOT NULL OR authorization_hash IS NOT NULL)
);
CREATE INDEX hook_source ON selfsame.hook (source, space);
