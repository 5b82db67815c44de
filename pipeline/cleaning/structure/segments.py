"""Splits off what a newsroom writes around its sentences, as blocks of their own: datelines, bylines, credits, captions, headings.

`label` runs before boilerplate is sifted, so that bylines and credits stay; `outline` runs after it,
on plain text only, so that a heading is judged by the paragraph that really follows it.
"""

# ruff: noqa: E501  (a pattern is read whole)

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence

from pipeline.article import SegmentKind
from pipeline.cleaning.structure.blocks import Block

_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec)[a-z]*\.?"
_AGENCY = r"\([A-Z][\w&.’' /-]{1,40}\)"
_CAPS = r"[A-ZÀ-Þ][A-ZÀ-Þ.'’-]+"
_PLACE = rf"{_CAPS}(?: {_CAPS}){{0,4}}(?:/{_CAPS})?"
_WHERE = rf"{_PLACE}(?:, [A-Z][\w.]*(?: [A-Z][\w.]*)?)?"
_WHEN = rf",? {_MONTH} \d{{1,2}}(?:, \d{{4}})?"
_DATELINE = re.compile(rf"(?:{_WHERE}(?:{_WHEN})?(?:,? {_AGENCY})?|{_AGENCY})\s?(?:--|[-–—])\s+(?=\S)")
_DATELINE_ALONE = re.compile(rf"{_WHERE}{_WHEN}(?:,? {_AGENCY})?[.:]?")
_NAME = r"(?:[A-ZÀ-Þ][\w.'’-]*|de|du|da|del|van|von|der|den|al|bin|la|le)"
_NAMES = rf"{_NAME}(?: {_NAME}){{1,3}}(?:(?:,| and| &| und| et| y| e) {_NAME}(?: {_NAME}){{1,3}}){{0,5}}"
_BYLINE = re.compile(
    rf"(?:(?:[Bb]y|BY|Von|Par|Por|Di|Door|(?:Written|Words|Story|Text|Report|Interview|News|Column|Review|Reviewed|Analysis|Introduced|"
    rf"As told to|Compiled) by|From our [\w ]{{3,30}}|WORDS|TEXT)[:,]? {_NAMES}(?:[,.|·-] ?.{{2,80}}|(?: [\w.+-]+@[\w.-]+)?(?: @\w+)?| (?:in|at) .{{2,30}})?)"
)
_NAME_ALONE = re.compile(
    rf"{_NAMES}(?:,? (?:[A-Z][\w&’'-]*|of|and|the|for|&|in|at|[a-z]+ (?:editor|correspondent|reporter|writer))(?: [\w&’'-]+){{0,4}})?"
    rf"|[\w&’' ]{{2,30}} (?:staff|reporters?|correspondent|bureau|desk)"
)
_POST = re.compile(r"^(?:[A-Z]\w+ )?(?:[Rr]eporter|[Cc]orrespondent|[Ee]ditor) " + _NAMES + "$")
_CREDIT = re.compile(
    r"\(?(?:(?:additional |with (?:additional )?|further )?(?:reporting|writing|editing|research|data|production|translation)(?: and \w+)? by\b.{2,200}|"
    r"(?:compiled|edited|translated|reported) by\b.{2,120}|.{3,120} contributed (?:to this|reporting|from)\b.{0,80}|source: ?.{2,60})\)?",
    re.IGNORECASE,
)
_CAPTION = re.compile(
    r"(?:pictured|caption|above|below|photo shows|file ?[-–—]|in this (?:\w+ ){0,3}(?:photo|image|picture))\b.{20,300}|"
    r".{30,300}(?:\b(?:photo(?:graph)?|picture|image|pic|credit)s? ?[:|/] ?.{2,50}|\((?:[^()]{2,40}/)?(?:getty|reuters|afp|ap|epa|pa|file photo|file|supplied|handout)[^()]{0,40}\))",
    re.IGNORECASE,
)
_END = re.compile(r"[.!?…。！？:;][\"'”’)\]»]*$")
_ITEM = re.compile(r"(?:[-+*•·▪‣–—★☆✓✔]|\(?\d{1,3}[.)]?|\(?[a-z]\)|½|¼|¾)\s*\S|.{1,60}\d[\d.,:%]*[a-z%]{0,4}$")
MAX_HEADING = 110  # characters
MAX_ITEM = 80  # characters
HEAD = 6  # blocks in which a byline or a dateline may stand


def label(blocks: Sequence[Block]) -> list[Block]:
    """The blocks, with bylines, credits and captions named and a dateline split off its paragraph."""
    result: list[Block] = []
    body = False
    for index, block in enumerate(blocks):
        if block.kind not in ("paragraph", "heading") or len(block.text) > 2000:
            result.append(block)
            body = body or len(block.text) > 200
            continue
        if not body and index < HEAD and (found := _DATELINE.match(block.text)) and len(block.text) > found.end() + 20:
            result.append(Block(kind="dateline", text=block.text[: found.end()].rstrip()))
            block = dataclasses.replace(block, kind="paragraph", level=None, text=block.text[found.end() :])
            body = True
        kind = None if len(block.text) > 320 else _kind(block.text, early=not body and 0 < index < HEAD)
        body = body or (len(block.text) > 100 and kind is None)
        result.append(dataclasses.replace(block, kind=kind, level=None) if kind else block)
    return result


def _kind(text: str, *, early: bool) -> SegmentKind | None:
    if len(text) <= 160:
        if _BYLINE.fullmatch(text) or (early and (_NAME_ALONE.fullmatch(text) or _POST.match(text))):
            return "byline"
        if early and _DATELINE_ALONE.fullmatch(text):
            return "dateline"
        if _CREDIT.fullmatch(text):
            return "credit"
    return "caption" if _CAPTION.fullmatch(text) else None


def outline(blocks: Sequence[Block]) -> list[Block]:
    """Plain text only: headings above paragraphs, and runs of short lines that are lists."""
    result = list(blocks)
    start = 0
    while start < len(result):
        end = start
        while end < len(result) and _is_short(result[end]):
            end += 1
        if end > start:
            _name_run(result, start, end)
        start = max(end, start + 1)
    return result


def _is_short(block: Block) -> bool:
    text = block.text
    return (
        block.kind == "paragraph"
        and len(text) <= MAX_HEADING
        and "\n" not in text
        and (_END.search(text) is None or (text[-1] == "?" and len(text) <= 60))
    )


def _name_run(blocks: list[Block], start: int, end: int) -> None:
    """Short lines start..end: one is a heading, three are a list, and the last may be the heading of what follows."""
    follows = blocks[end] if end < len(blocks) else None
    if start == 0:
        if len(blocks) > 1:
            _heading(blocks, 0)
        start += 1
    if follows is not None and end > start and _opens(blocks[end - 1], follows):
        _heading(blocks, end - 1)
        end -= 1
    if end - start < 3 and not (end - start == 2 and all(_ITEM.match(block.text) for block in blocks[start:end])):
        return
    if not _ITEM.match(blocks[start].text) and blocks[start].text[0].isupper() and len(blocks[start].text) <= 50:
        _heading(blocks, start)
        start += 1
    for index in range(start, end):
        if len(blocks[index].text) <= MAX_ITEM:
            blocks[index] = dataclasses.replace(blocks[index], kind="list")


def _opens(block: Block, follows: Block) -> bool:
    """Whether a short line is the heading of the block below it."""
    text = block.text
    if (
        text[0].islower()
        or not (text[0].isalnum() or text[0] in "\"'“‘¿¡")
        or text[-1] in ",–—-|"
        or len(text.split()) > 15
    ):
        return False
    return follows.kind in ("list", "quote", "table") or (
        _END.search(follows.text) is not None and not text[0].isdigit()
    )


def _heading(blocks: list[Block], index: int) -> None:
    blocks[index] = dataclasses.replace(blocks[index], kind="heading", level=2)
