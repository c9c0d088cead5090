-- Who looked at what: a user's own rows are asked for, and deleted when the user is erased.
CREATE INDEX pages_user_id ON segment.pages (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX screens_user_id ON segment.screens (user_id) WHERE user_id IS NOT NULL;
