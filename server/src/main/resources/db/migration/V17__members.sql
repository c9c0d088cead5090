-- People who sign in to the dashboard.
CREATE TABLE selfsame.member (
  id uuid PRIMARY KEY,
  -- In lower case.
  email text NOT NULL,
  name text NOT NULL,
  role text NOT NULL CHECK (role IN ('viewer', 'operator', 'admin')),
  -- An Argon2id hash with its parameters and salt; null: invited, and not come yet.
  password text,
  created_at timestamptz NOT NULL,
  removed_at timestamptz
);
CREATE UNIQUE INDEX member_email ON selfsame.member (email) WHERE removed_at IS NULL;

-- A browser that someone signed in with. Of its cookie there is the SHA-256 alone. Like the links below it is in no backup, so no
-- key refers to members: a restore empties their table.
CREATE TABLE selfsame.member_session (
  hash bytea PRIMARY KEY,
  member uuid NOT NULL,
  -- What its forms carry, so that no other website can send them.
  form_token text NOT NULL,
  created_at timestamptz NOT NULL,
  -- Moves at most once an hour.
  seen_at timestamptz NOT NULL
);
CREATE INDEX member_session_member ON selfsame.member_session (member);

-- Links that let someone in once, to choose a password.
CREATE TABLE selfsame.sign_in_link (
  hash bytea PRIMARY KEY,
  -- Null: whoever sets up the hub, as long as it has no member.
  member uuid,
  expires_at timestamptz NOT NULL
);
