"""The entities stage: mentions found by spaCy's model, resolved into entities."""

from __future__ import annotations

from pipeline.entities.stage import Entities, load

__all__ = ["Entities", "load"]
