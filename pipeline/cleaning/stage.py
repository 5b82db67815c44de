"""The cleaning stage: a page or a text -> the text of the article, without boilerplate.

    RawArticle -limits-> markup or text -page|paragraphs-> blocks -label, sift-> kept + removed -> Article

`load()` makes the stage; docs/cleaning.md documents its rules, flags and figures.
"""

from __future__ import annotations

import dataclasses
import hashlib
import logging
import pathlib
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from pipeline import bylines
from pipeline.article import Article, Component, Language, Metadata, RawArticle, Removed, Segment, StageRun, Text
from pipeline.cleaning import language_id, limits, quality_flags
from pipeline.cleaning.boilerplate import learned_lines, line_classifier, rules
from pipeline.cleaning.boilerplate.line_classifier import Judge
from pipeline.cleaning.boilerplate.line_features import KINDS
from pipeline.cleaning.boilerplate.rules_alone import RulesAlone
from pipeline.cleaning.boilerplate.sift import sift
from pipeline.cleaning.extraction import addresses, fragment, metadata, page, signed
from pipeline.cleaning.normalize import repair
from pipeline.cleaning.quality import Flag, assess
from pipeline.cleaning.structure import ending, paragraphs
from pipeline.cleaning.structure.blocks import Block
from pipeline.cleaning.structure.segments import label, outline
from pipeline.errors import InputRefused, Reason, Refusal, log_exception
from pipeline.formats import markup
from pipeline.formats.field_names import FieldMap
from pipeline.languages import registry, tags
from pipeline.languages.registry import Pack, Packs

Clock = Callable[[], float]  # seconds since the epoch
VERSION = "6"  # raise it when the same article would come out differently
_log = logging.getLogger(__name__)
_ODD = re.compile(r"[^ -%'-;=-~‘’“”–—]|  |\.\.")  # what a headline with nothing to mend does not have
_TAG = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")  # BCP 47, as the record's schema has it
_LINES = re.compile(r"\n\s*\n")
_SAMPLED = 50  # blocks of a page that its language is told by
_BETWEEN = "\n\n\n"  # blocks of a page while their characters are mended; no block holds a blank line


class Cleaning:
    """The cleaning stage: see `pipeline.contracts.Stage`."""

    name = "cleaning"
    fallback = False

    def __init__(
        self, packs: Packs, *, known: learned_lines.Learned, learned: bytes = b"", clock: Clock = lambda: 0.0
    ) -> None:
        self._packs = packs
        self._clock = clock
        self._learned = known
        default = _reader(packs.default, learned)
        others = {language: pack for language, pack in packs.with_part("boilerplate").items() if pack != packs.default}
        # A language that has no lines of its own is read as English: a text's clutter often is.
        self._default = default
        self._readers = {language: _reader(pack, learned) for language, pack in others.items()}

    def run(self, articles: Sequence[RawArticle]) -> list[Article | Refusal]:
        """Clean each article; one that cannot be taken is a Refusal in its place."""
        results: list[Article | Refusal] = []
        for article in articles:
            started = self._clock()
            try:
                cleaned, component = self._clean(article)
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
                    component=component,
                    started_at=round(started, 3),
                    duration_ms=round(spent, 3),
                )
                results.append(cleaned.written(run))
        return results

    def bare(self, articles: Sequence[RawArticle]) -> list[Article]:
        """Each without its text: what is left of a cancellation that has none, or one that cannot be taken."""
        run = StageRun(
            stage=self.name, component=self._default.component, status="skipped", started_at=round(self._clock(), 3)
        )
        return [
            Article(
                uri=article.uri,
                meta=_mended_meta(article.meta),
                origin=article.origin,
                text=_no_text(article),
                editorial=article.editorial,
                carried=article.carried,
            ).written(run)
            for article in articles
        ]

    @property
    def components(self) -> tuple[Component, ...]:
        """One for each language pack that it has boilerplate of; an article is cleaned by one of them."""
        return tuple(reader.component for reader in (self._default, *self._readers.values()))

    def _reader(self, text: str, declared: str | None) -> _Reader:
        """By the language that the text, or else its declaration, is of."""
        if not self._readers:
            return self._default
        tag = language_id.honoured(declared, self._packs)
        tag = tag or language_id.of_parts(text.split("\n"), declared=declared).tag
        if tag == language_id.UNKNOWN.tag:
            tag = tags.canonical(declared) or tag
        return self._readers.get(tag, self._default)

    def _now(self, article: RawArticle) -> datetime | None:
        """About when the article was read: what its page dates later is odd."""
        if article.meta.fetched_at:
            return datetime.fromisoformat(article.meta.fetched_at)
        seconds = article.origin.timestamp or self._clock()
        return datetime.fromtimestamp(seconds, UTC) if seconds > 0 else None

    def _clean(self, article: RawArticle) -> tuple[Article, Component]:
        flags: set[str] = set(article.flags)
        meta, links, free, ended = article.meta, frozenset[str](), True, list[Removed]()
        left: Sequence[Removed] = ()
        if article.html is not None:
            if fragment.is_fragment(article.html):
                found = fragment.read(article.html)
            else:
                found = page.read(article.html, meta.url, now=self._now(article))
            meta, links = metadata.complete(meta, found.meta), found.links
            free, left = found.free, found.left
            flags |= found.flags
            blocks = _mended(found.blocks, flags)
            reader = self._reader("\n".join(block.text for block in blocks[:_SAMPLED]), meta.language)
        else:
            body = _mended_text(article.body or "", flags)
            reader = self._reader(body, meta.language)
            body, ended = ending.split(body)
            blocks = _from_text(body, reader, flags)
        if not blocks:
            raise InputRefused(Reason.EMPTY_TEXT, "no text")
        meta = _mended_meta(meta)
        if meta.by and not meta.authors:
            meta = dataclasses.replace(meta, authors=_authors(meta))
        kept, removed = sift(
            label(blocks),
            by=meta.by,
            page=article.html is not None,
            title=meta.title if article.html is not None else None,
            links=links,
            learned=self._learned.of(dataclasses.replace(meta, url=meta.given_url) if meta.given_url else meta),
            table=reader.table,
            judged=reader.judge,
        )
        removed = [*removed, *ended]
        if not kept:
            raise InputRefused(Reason.EMPTY_AFTER_CLEAN, f"{len(removed)} lines, all of them boilerplate")
        if article.html is None:
            kept = outline(kept)
        flags |= quality_flags.observe(kept, removed, meta, links=links, free=free)
        text = _text(kept, [*removed, *left], flags, meta.language, self._packs)
        cleaned = Article(
            uri=article.uri,
            meta=meta,
            origin=article.origin,
            text=text,
            editorial=article.editorial,
            carried=article.carried,
        )
        return cleaned, reader.component


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _Reader:
    """What lines are judged by in one language."""

    component: Component
    table: rules.Table
    judge: Judge | RulesAlone


def _reader(pack: Pack, learned: bytes) -> _Reader:
    table = rules.load(pack)
    if unknown := sorted({rule.kind for rule in table.rules} - set(KINDS)):
        raise pack.broken(f"a boilerplate rule has the kind {unknown[0]!r}; the kinds are {', '.join(KINDS)}")
    config = hashlib.sha256(pack.digest("boilerplate").encode() + learned).hexdigest()[:16]
    return _Reader(
        component=Component(name="cleaning", version=VERSION, config=config),
        table=table,
        judge=line_classifier.load(pack),
    )


def load(
    *,
    boilerplate: pathlib.Path | None = None,
    packs: Packs | None = None,
    field_map: FieldMap = (),
    clock: Clock = lambda: 0.0,
) -> Cleaning:
    """The stage. `boilerplate` is a list of `copydesk learn-boilerplate`; `packs` are those that ship unless given.

    `field_map` is how the articles were read: it is part of the configuration that the fingerprint hashes.

    Raises SettingsError if the list is unreadable, ModelError if a pack is.
    """
    known = learned_lines.Learned() if boilerplate is None else learned_lines.read(boilerplate)
    learned = b"" if boilerplate is None else boilerplate.read_bytes()
    learned += repr(field_map).encode() if field_map else b""
    return Cleaning(packs or registry.installed(), known=known, learned=learned, clock=clock)


def _no_text(article: RawArticle) -> Text:
    declared = article.meta.language or ""
    return Text(
        value="",
        sha256=hashlib.sha256(b"").hexdigest(),
        language=Language(tag=declared if _TAG.fullmatch(declared) else language_id.UNKNOWN.tag, confidence=0.0),
        segments=(),
        removed=(),
        quality=assess({*article.flags, Flag.TOO_SHORT}),
    )


def _mended_text(body: str, flags: set[str]) -> str:
    limits.check_text(body)
    if len(body) > limits.CUT_TEXT:
        body = limits.cut(body)
        flags.add(Flag.TRUNCATED)
    body, found = repair(body)
    flags |= found
    return body


def _from_text(body: str, reader: _Reader, flags: set[str]) -> list[Block]:
    blocks, wrapped = paragraphs.read(body, is_boilerplate=reader.table.matches)
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


def _authors(meta: Metadata) -> tuple[str, ...]:
    """The names of a given byline; those who stand for nobody are left out if somebody signed."""
    outlets = (meta.source or "", *addresses.outlet_names(meta.given_url or meta.url))
    return signed.choose([bylines.read(meta.by or "", outlets=outlets)])


def _mended_meta(meta: Metadata) -> Metadata:
    """The headline and the names are text too: mended, on one line."""
    changes: dict[str, Any] = {
        name: mended
        for name in ("title", "by", "source", "section", "description")
        if (given := getattr(meta, name))
        and _ODD.search(given)
        and (mended := " ".join(repair(markup.line(given))[0].split())) != given
        and mended
    }
    return dataclasses.replace(meta, **changes) if changes else meta


def _text(
    blocks: Sequence[Block], removed: Sequence[Removed], flags: set[str], declared: str | None, packs: Packs
) -> Text:
    value = "\n\n".join(block.text for block in blocks)
    honoured = language_id.honoured(declared, packs)
    parts = [block.text for block in blocks]
    found = Language(tag=honoured, confidence=1.0) if honoured else language_id.of_parts(parts, declared=declared)
    pack = packs.of(found.tag)
    usual = language_id.common(pack) if pack else None
    if found.tag == "und":
        flags.add(Flag.UNKNOWN_LANGUAGE)
    elif found.confidence >= language_id.SURE and (said := tags.covers(declared)) and found.tag not in said:
        flags.add(Flag.LANGUAGE_MISMATCH)
    segments: list[Segment] = []
    start = 0
    for block in blocks:
        end = start + len(block.text)
        # Beside a language that the model does not know, what it says of a paragraph is worth nothing.
        other = None if honoured else language_id.differs(block.text, found.tag, usual=usual)
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
