"""Cleaning: the article, the whole article, and nothing but the article.

    RawArticle -gates-> markup or text -page|paragraphs-> blocks -boilerplate-> segments + removed -> CleanedArticle

`load()` makes the stage; docs/cleaning.md documents its rules, flags and figures.
"""

from __future__ import annotations

import dataclasses
import hashlib
import pathlib
from collections.abc import Sequence

from pipeline.cleaning import gates, language, metadata, page, paragraphs, structure
from pipeline.cleaning.blocks import Block
from pipeline.cleaning.boilerplate import sift
from pipeline.cleaning.charset import decode_html_bytes
from pipeline.cleaning.paragraphs import split_title
from pipeline.cleaning.quality import Flag, assess
from pipeline.cleaning.repair import repair
from pipeline.errors import InputRefused, Reason, Refusal
from pipeline.records import CleanedArticle, Component, RawArticle, Removed, Segment, Text

__all__ = ["Cleaning", "decode_html_bytes", "load", "split_title"]

VERSION = "1"  # raise it when the same article would come out differently


class Cleaning:
    """The cleaning stage: see `pipeline.stages.Stage`."""

    name = "cleaning"
    fallback = False

    def __init__(self, *, config: str = "") -> None:
        self.component = Component(name="cleaning", version=VERSION, config=config)

    def run(self, articles: Sequence[RawArticle]) -> list[CleanedArticle | Refusal]:
        """Clean each article; one that cannot be taken is a Refusal in its place."""
        results: list[CleanedArticle | Refusal] = []
        for article in articles:
            try:
                results.append(self._clean(article))
            except InputRefused as refused:
                results.append(Refusal(stage=self.name, reason=refused.reason, error=refused.error, uri=article.uri))
        return results

    def _clean(self, article: RawArticle) -> CleanedArticle:
        flags: set[str] = set(article.flags)
        meta = article.meta
        anchors: frozenset[str] = frozenset()
        if article.html is not None:
            found = page.read(article.html, meta.url)
            meta = metadata.complete(meta, found.meta)
            flags |= found.flags
            anchors = found.anchors
            blocks = []
            for block in found.blocks:
                text, mended = repair(block.text)
                flags |= mended
                if text := text.strip():
                    blocks.append(dataclasses.replace(block, text=text))
            gates.check_text("\n".join(block.text for block in blocks))
        else:
            body = article.body or ""
            gates.check_text(body)
            if len(body) > gates.CUT_TEXT:
                body = gates.cut(body)
                flags.add(Flag.TRUNCATED)
            body, mended = repair(body)
            flags |= mended
            blocks, wrapped = paragraphs.read(body)
            if wrapped:
                flags.add(Flag.HARD_WRAPPED)
        if not blocks:
            raise InputRefused(Reason.EMPTY_TEXT, "no text")
        kept, removed = sift(structure.label(blocks), title=meta.title, by=meta.by, anchors=anchors)
        if not kept:
            raise InputRefused(Reason.EMPTY_AFTER_CLEAN, f"{len(removed)} lines, all of them boilerplate")
        if article.html is None:
            kept = structure.outline(kept)
        return CleanedArticle(uri=article.uri, meta=meta, origin=article.origin, text=_text(kept, removed, flags))


def load(*, boilerplate: pathlib.Path | None = None) -> Cleaning:
    """The stage. `boilerplate` is a list made by `copydesk learn-boilerplate`; raises SettingsError where unreadable."""
    config = hashlib.sha256(boilerplate.read_bytes()).hexdigest()[:16] if boilerplate else ""
    return Cleaning(config=config)


def _text(blocks: Sequence[Block], removed: Sequence[Removed], flags: set[str]) -> Text:
    value = "\n\n".join(block.text for block in blocks)
    found = language.identify(value)
    if found.tag == "und":
        flags.add(Flag.UNKNOWN_LANGUAGE)
    segments: list[Segment] = []
    start = 0
    for block in blocks:
        end = start + len(block.text)
        other = language.differs(block.text, found.tag)
        segments.append(Segment(kind=block.kind, start=start, end=end, level=block.level, language=other))
        start = end + 2
    return Text(
        value=value,
        sha256=hashlib.sha256(value.encode()).hexdigest(),
        language=found,
        segments=tuple(segments),
        removed=tuple(removed),
        quality=assess(flags),
    )
