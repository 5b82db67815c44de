"""What recognition, rules and linking pass on: a span of a text, and what it names."""

from __future__ import annotations

from dataclasses import dataclass

NAMES = frozenset({"PERSON", "ORG", "GPE", "LOC", "FAC", "NORP", "PRODUCT", "EVENT", "WORK_OF_ART", "LAW", "LANGUAGE"})


@dataclass(frozen=True, slots=True)
class Name:
    """A span of a text and its OntoNotes label; `evidence` is what says so (the keys of `mention_rules.WEIGHTS`)."""

    start: int
    end: int
    label: str
    evidence: str = "model"
    seen: str = ""  # the model's own label for the span, empty if it found none there
