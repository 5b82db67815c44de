"""A block is a segment without offsets: the output of extraction and paragraphs, the input of the rules."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.article import SegmentKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One block of text."""

    kind: SegmentKind
    text: str
    level: int | None = None
