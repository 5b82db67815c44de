"""Cleaning: the article, the whole article, and nothing but the article.

    RawArticle -gates-> markup or text -page|paragraphs-> blocks -label, sift-> kept + removed -> CleanedArticle

`load()` makes the stage; docs/cleaning.md documents its rules, flags and figures.
"""

from __future__ import annotations

import dataclasses
import hashlib
import pathlib
import re
from collections.abc import Sequence
from typing import Any

from pipeline.cleaning import gates, judge, language, learned, metadata, page, paragraphs, rules, signs, structure
from pipeline.cleaning.blocks import Block
from pipeline.cleaning.boilerplate import sift
from pipeline.cleaning.charset import decode_html_bytes
from pipeline.cleaning.paragraphs import split_title
from pipeline.cleaning.quality import Flag, assess
from pipeline.cleaning.repair import repair
from pipeline.errors import InputRefused, Reason, Refusal
from pipeline.records import CleanedArticle, Component, Metadata, RawArticle, Removed, Segment, Text

__all__ = ["Cleaning", "decode_html_bytes", "load", "split_title"]

VERSION = "3"  # raise it when the same article would come out differently
_ODD = re.compile(r"[^ -%'-~‘’“”–—]|  |\.\.")  # what a headline with nothing to mend does not have
_LINES = re.compile(r"\n\s*\n")
_BETWEEN = "\n\n\n"  # blocks of a page while their characters are mended; no block holds a blank line


class Cleaning:
    """The cleaning stage: see `pipeline.stages.Stage`."""

    name = "cleaning"
    fallback = False

    def __init__(self, *, learned_lines: learned.Learned | None = None, config: str = "") -> None:
        self.component = Component(name="cleaning", version=VERSION, config=config)
        self._learned = learned_lines or learned.Learned()

    def run(self, articles: Sequence[RawArticle]) -> list[CleanedArticle | Refusal]:
        """Clean each article; one that cannot be taken is a Refusal in its place."""
        results: list[CleanedArticle | Refusal] = []
        for article in articles:
            try:
                results.append(self._clean(article))
            except InputRefused as refused:
                results.append(Refusal(stage=self.name, reason=refused.reason, error=refused.error, uri=article.uri))
            except Exception as error:  # one article must not take the batch with it
                name = type(error).__name__
                results.append(Refusal(stage=self.name, reason=Reason.STAGE_ERROR, error=name, uri=article.uri))
        return results

    def _clean(self, article: RawArticle) -> CleanedArticle:
        flags: set[str] = set(article.flags)
        meta, links, free = article.meta, frozenset[str](), True
        if article.html is not None:
            found = page.read(article.html, meta.url)
            meta, links = metadata.complete(meta, found.meta), found.links
            free = found.free
            flags |= found.flags
            blocks = _mended(found.blocks, flags)
        else:
            blocks = _from_text(article.body or "", flags)
        if not blocks:
            raise InputRefused(Reason.EMPTY_TEXT, "no text")
        meta = _mended_meta(meta)
        kept, removed = sift(
            structure.label(blocks),
            by=meta.by,
            page=article.html is not None,
            title=meta.title if article.html is not None else None,
            links=links,
            learned=self._learned.of(meta),
        )
        if not kept:
            raise InputRefused(Reason.EMPTY_AFTER_CLEAN, f"{len(removed)} lines, all of them boilerplate")
        if article.html is None:
            kept = structure.outline(kept)
        flags |= signs.observe(kept, removed, meta, links=links, free=free)
        text = _text(kept, removed, flags, meta.language)
        return CleanedArticle(uri=article.uri, meta=meta, origin=article.origin, text=text)


def load(*, boilerplate: pathlib.Path | None = None) -> Cleaning:
    """The stage. `boilerplate` is a list of `copydesk learn-boilerplate`; raises SettingsError where unreadable."""
    judge.load()
    config = hashlib.sha256((rules.digest() + judge.digest()).encode())
    if boilerplate is None:
        return Cleaning(config=config.hexdigest()[:16])
    lines = learned.read(boilerplate)
    config.update(boilerplate.read_bytes())
    return Cleaning(learned_lines=lines, config=config.hexdigest()[:16])


def _from_text(body: str, flags: set[str]) -> list[Block]:
    gates.check_text(body)
    if len(body) > gates.CUT_TEXT:
        body = gates.cut(body)
        flags.add(Flag.TRUNCATED)
    body, found = repair(body)
    flags |= found
    blocks, wrapped = paragraphs.read(body)
    if wrapped:
        flags.add(Flag.HARD_WRAPPED)
    return blocks


def _mended(blocks: Sequence[Block], flags: set[str]) -> list[Block]:
    """The blocks of a page with their characters mended, within the limits of a text."""
    joined = _BETWEEN.join(block.text for block in blocks)
    gates.check_text(joined)
    if len(joined) > gates.CUT_TEXT:
        joined = gates.cut(joined)
        flags.add(Flag.TRUNCATED)
    given = joined.split(_BETWEEN)
    joined, found = repair(joined)
    flags |= found
    texts = joined.split(_BETWEEN)
    if len(texts) != len(given):  # what was invisible between two line ends is gone, and a block fell apart
        texts = [_LINES.sub("\n", repair(text)[0]) for text in given]
    return [
        dataclasses.replace(block, text=mended) if mended != block.text else block
        for block, raw in zip(blocks, texts, strict=False)
        if (mended := raw.strip())
    ]


def _mended_meta(meta: Metadata) -> Metadata:
    """The headline and the names are text too: mended, on one line."""
    changes: dict[str, Any] = {
        name: mended
        for name in ("title", "by", "source", "section", "description")
        if (given := getattr(meta, name))
        and _ODD.search(given)
        and (mended := " ".join(repair(given)[0].split())) != given
    }
    return dataclasses.replace(meta, **changes) if changes else meta


def _text(blocks: Sequence[Block], removed: Sequence[Removed], flags: set[str], declared: str | None) -> Text:
    value = "\n\n".join(block.text for block in blocks)
    found = language.identify(value)
    if found.tag == "und":
        flags.add(Flag.UNKNOWN_LANGUAGE)
    elif declared and declared.split("-")[0].lower() != found.tag and found.confidence >= language.SURE:
        flags.add(Flag.LANGUAGE_MISMATCH)
    segments: list[Segment] = []
    start = 0
    for block in blocks:
        end = start + len(block.text)
        other = language.differs(block.text, found.tag)
        if other:
            flags.add(Flag.MIXED_LANGUAGE)
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
