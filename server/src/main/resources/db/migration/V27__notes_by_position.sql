-- A note is answered with as soon as its claim is decided.
CREATE INDEX note_position ON selfsame.note (position, space);
