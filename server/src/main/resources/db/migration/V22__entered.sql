-- When a member first came: by a link, choosing a password, or by the company's own provider, without one. Null: invited.
ALTER TABLE selfsame.member ADD COLUMN entered_at timestamptz;
UPDATE selfsame.member SET entered_at = created_at WHERE password IS NOT NULL;
