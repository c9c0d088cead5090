-- Which emails are somebody's, where a space says that they are unique: one row each, written in the commit that gives the
-- email to a user, so that the database itself refuses a second one. A space where they are shared has no rows.
CREATE TABLE selfsame.unique_email (
  email text COLLATE "C" NOT NULL,
  space smallint NOT NULL REFERENCES selfsame.space,
  PRIMARY KEY (email, space)
);
INSERT INTO selfsame.unique_email (email, space)
  SELECT DISTINCT p.email, p.space FROM selfsame.part p
  JOIN selfsame.space s ON s.number = p.space JOIN selfsame.policy y ON y.space = s.number AND y.version = s.policy_version
  WHERE y.settings ->> 'emails' = 'unique' AND p.email IS NOT NULL;

-- Further spaces beside the one that is there from the start. Null: that one.
ALTER TABLE selfsame.space ADD COLUMN created_at timestamptz;

-- Whatever lets somebody in, and what people did, belongs to one.
ALTER TABLE selfsame.token ADD COLUMN space smallint NOT NULL DEFAULT 1 REFERENCES selfsame.space;
ALTER TABLE selfsame.act ADD COLUMN space smallint NOT NULL DEFAULT 1 REFERENCES selfsame.space;
INSERT INTO selfsame.chore (name) VALUES ('spaces');

-- Each space's readers have a login of their own. No key refers to the space: a restore empties its table, and leaves this one alone.
ALTER TABLE selfsame.reader ADD COLUMN space smallint NOT NULL DEFAULT 1 UNIQUE;
