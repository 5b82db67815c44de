"""Language packs: what is particular to a language, as data, for the stages to read."""
