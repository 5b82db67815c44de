"""Cleaning: the article, the whole article, and nothing but the article.

    RawArticle -gates-> markup or text -page|paragraphs-> blocks -label, sift-> kept + removed -> Article

`load()` makes the stage; docs/cleaning.md documents its rules, flags and figures.
"""

from __future__ import annotations

import dataclasses
import hashlib
import logging
import pathlib
import re
from collections.abc import Callable, Sequence
from typing import Any

from pipeline.article import Article, Component, Metadata, RawArticle, Removed, Segment, StageRun, Text
from pipeline.cleaning import language_id, limits, quality_flags
from pipeline.cleaning.boilerplate import learned_lines, line_classifier, rules
from pipeline.cleaning.boilerplate.sift import sift
from pipeline.cleaning.extraction import metadata, page
from pipeline.cleaning.normalize import repair
from pipeline.cleaning.quality import Flag, assess
from pipeline.cleaning.structure import paragraphs
from pipeline.cleaning.structure.blocks import Block
from pipeline.cleaning.structure.segments import label, outline
from pipeline.errors import InputRefused, Reason, Refusal, log_exception
from pipeline.languages import registry

Clock = Callable[[], float]  # seconds since the epoch
VERSION = "3"  # raise it when the same article would come out differently
_log = logging.getLogger(__name__)
_ODD = re.compile(r"[^ -%'-~‘’“”–—]|  |\.\.")  # what a headline with nothing to mend does not have
_LINES = re.compile(r"\n\s*\n")
_BETWEEN = "\n\n\n"  # blocks of a page while their characters are mended; no block holds a blank line


class Cleaning:
    """The cleaning stage: see `pipeline.contracts.Stage`."""

    name = "cleaning"
    fallback = False

    def __init__(
        self, *, known: learned_lines.Learned | None = None, config: str = "", clock: Clock = lambda: 0.0
    ) -> None:
        self.component = Component(name="cleaning", version=VERSION, config=config)
        self._clock = clock
        self._learned = known or learned_lines.Learned()

    def run(self, articles: Sequence[RawArticle]) -> list[Article | Refusal]:
        """Clean each article; one that cannot be taken is a Refusal in its place."""
        results: list[Article | Refusal] = []
        for article in articles:
            started = self._clock()
            try:
                cleaned = self._clean(article)
            except InputRefused as refused:
                results.append(Refusal(stage=self.name, reason=refused.reason, error=refused.error, uri=article.uri))
            except MemoryError:
                raise
            except Exception as error:
                log_exception(_log, error, "cleaning: %s", article.uri)
                name = type(error).__name__
                results.append(Refusal(stage=self.name, reason=Reason.STAGE_ERROR, error=name, uri=article.uri))
            else:
                spent = max(0.0, self._clock() - started) * 1000
                run = StageRun(
                    stage=self.name,
                    component=self.component,
                    started_at=round(started, 3),
                    duration_ms=round(spent, 3),
                )
                results.append(cleaned.written(run))
        return results

    @property
    def components(self) -> tuple[Component, ...]:
        """The one that it is."""
        return (self.component,)

    def _clean(self, article: RawArticle) -> Article:
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
            label(blocks),
            by=meta.by,
            page=article.html is not None,
            title=meta.title if article.html is not None else None,
            links=links,
            learned=self._learned.of(meta),
        )
        if not kept:
            raise InputRefused(Reason.EMPTY_AFTER_CLEAN, f"{len(removed)} lines, all of them boilerplate")
        if article.html is None:
            kept = outline(kept)
        flags |= quality_flags.observe(kept, removed, meta, links=links, free=free)
        text = _text(kept, removed, flags, meta.language)
        return Article(uri=article.uri, meta=meta, origin=article.origin, text=text)


def load(*, boilerplate: pathlib.Path | None = None, clock: Clock = lambda: 0.0) -> Cleaning:
    """The stage. `boilerplate` is a list of `copydesk learn-boilerplate`; raises SettingsError where unreadable."""
    line_classifier.load()
    config = hashlib.sha256(registry.english().digest("boilerplate").encode())
    if boilerplate is None:
        return Cleaning(config=config.hexdigest()[:16], clock=clock)
    lines = learned_lines.read(boilerplate)
    config.update(boilerplate.read_bytes())
    return Cleaning(known=lines, config=config.hexdigest()[:16], clock=clock)


def _from_text(body: str, flags: set[str]) -> list[Block]:
    limits.check_text(body)
    if len(body) > limits.CUT_TEXT:
        body = limits.cut(body)
        flags.add(Flag.TRUNCATED)
    body, found = repair(body)
    flags |= found
    blocks, wrapped = paragraphs.read(body, is_boilerplate=rules.matches)
    if wrapped:
        flags.add(Flag.HARD_WRAPPED)
    return blocks


def _mended(blocks: Sequence[Block], flags: set[str]) -> list[Block]:
    """The blocks of a page with their characters mended, within the limits of a text."""
    joined = _BETWEEN.join(block.text for block in blocks)
    limits.check_text(joined)
    if len(joined) > limits.CUT_TEXT:
        joined = limits.cut(joined)
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
    found = language_id.identify(value)
    if found.tag == "und":
        flags.add(Flag.UNKNOWN_LANGUAGE)
    elif declared and declared.split("-")[0].lower() != found.tag and found.confidence >= language_id.SURE:
        flags.add(Flag.LANGUAGE_MISMATCH)
    segments: list[Segment] = []
    start = 0
    for block in blocks:
        end = start + len(block.text)
        other = language_id.differs(block.text, found.tag)
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
