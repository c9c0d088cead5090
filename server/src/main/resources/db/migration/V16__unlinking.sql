-- Adoptions and links that were taken back: the claim that brought an identifier to a part, and the part that has it now.
CREATE TABLE selfsame.unlinking (
  space smallint NOT NULL,
  -- Of the claim that brought it.
  position bigint NOT NULL,
  part uuid NOT NULL,
  new_part uuid NOT NULL,
  undone_position bigint NOT NULL,
  undone_at bigint NOT NULL,
  PRIMARY KEY (space, position)
);
CREATE INDEX unlinking_part ON selfsame.unlinking (part);
CREATE INDEX unlinking_new_part ON selfsame.unlinking (new_part);
