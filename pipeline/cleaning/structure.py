"""Datelines, bylines, credits and captions: what a newsroom writes around its sentences, as blocks of their own."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence

from pipeline.cleaning.blocks import Block
from pipeline.records import SegmentKind

_AGENCY = r"\((?:[A-Z][\w&.’' /-]{1,40})\)"
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec)[a-z]*\.?"
_PLACE = r"[A-ZÀ-Þ][A-ZÀ-Þ.'’\-]+(?: [A-ZÀ-Þ][A-ZÀ-Þ.'’\-]+){0,4}"
DATELINE = re.compile(
    rf"(?:{_PLACE}(?:/{_PLACE})?(?:, (?:[A-Z][\w.]*)(?: [A-Z][\w.]*)?)?(?:,? {_MONTH} \d{{1,2}}(?:, \d{{4}})?)?(?:,? {_AGENCY})?|{_AGENCY})\s?(?:--|[-–—])\s+(?=\S)"
)
_BYLINE = re.compile(
    r"(?:By|BY) (?:[A-Z][\w.'’\-]+|de|van|von|der|al|and|with|,)(?:,? (?:[A-Z][\w.'’\-]*|de|van|von|der|al|and|in|of|for|the|&))*$"
)
_CREDIT = re.compile(
    r"\(?(?:(?:Additional |With additional )?(?:Reporting|Writing|Editing|Compiled|Edited|Written|Translated) by\b.*|"
    r"(?:Photo(?:graph)?s?|Image|Picture|Illustration|Credit|Video)(?: credit)?s?(?::| by) .{2,120})$",
    re.IGNORECASE,
)


def label(blocks: Sequence[Block]) -> list[Block]:
    """The blocks, with bylines and credits named and a dateline split off the first paragraph."""
    result: list[Block] = []
    dated = False
    for block in blocks:
        if block.kind not in ("paragraph", "heading"):
            result.append(block)
            continue
        if (
            not dated
            and len(result) < 6
            and (found := DATELINE.match(block.text))
            and len(block.text) > found.end() + 20
        ):
            dated = True
            result.append(Block(kind="dateline", text=block.text[: found.end()].rstrip()))
            result.append(dataclasses.replace(block, kind="paragraph", level=None, text=block.text[found.end() :]))
            continue
        kind = _kind(block.text)
        result.append(dataclasses.replace(block, kind=kind, level=None) if kind else block)
    return result


def _kind(text: str) -> SegmentKind | None:
    if len(text) > 200:
        return None
    if _BYLINE.match(text):
        return "byline"
    if _CREDIT.match(text):
        return "credit"
    return None
