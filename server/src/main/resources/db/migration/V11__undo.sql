-- What taking back a merge needs to know and parts do not tell. By part, where it would stand otherwise, had the claim that
-- merged not merged: {"PART": {"made": …, "apart": …}}. NULL: nowhere.
ALTER TABLE selfsame.merge ADD COLUMN instead jsonb;
-- An erasure looks for the parts that it takes away.
CREATE INDEX merge_instead ON selfsame.merge USING gin (instead) WHERE instead IS NOT NULL;

-- Identifiers that a claim or a person moved from one part to another.
CREATE TABLE selfsame.identifier_move (
  space smallint NOT NULL,
  position bigint NOT NULL,
  ordinal smallint NOT NULL,
  type text COLLATE "C" NOT NULL,
  value text COLLATE "C" NOT NULL,
  from_part uuid NOT NULL,
  to_part uuid NOT NULL,
  PRIMARY KEY (space, position, ordinal)
);
CREATE INDEX identifier_move_from ON selfsame.identifier_move (from_part);
CREATE INDEX identifier_move_to ON selfsame.identifier_move (to_part);
