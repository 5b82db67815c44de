"""A stage for the child processes of test_pool.py: an article's body says what goes wrong with it."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Sequence

from pipeline.annotating import AnnotatorStage, Seat
from pipeline.article import Article, Component, Language, Quality, RawArticle, Segment, Text
from pipeline.contracts import Stage
from pipeline.errors import ModelError
from pipeline.stages import Clock, Options


class BadStage:
    """Cleans nothing; hangs, dies, eats memory or raises where the body says so."""

    name = "cleaning"
    components = (Component(name="bad", version="1"),)
    fallback = False

    def run(self, articles: Sequence[RawArticle]) -> list[Article]:
        """In order."""
        return [_clean(article) for article in articles]


def load(stage: str, options: Options, clock: Clock) -> Stage[RawArticle, Article]:
    """As pipeline.stages.load."""
    return BadStage()


class BadAnnotator:
    """An annotator of somebody else: does to its process what the article says."""

    name = "bad"
    requires: frozenset[str] = frozenset()
    languages = None
    component = Component(name="bad", version="1")

    def annotate(self, batch: Sequence[Article]) -> list[dict[str, int]]:
        """In order, if it comes to that."""
        for article in batch:
            _do(article.text.value)
        return [{"length": len(article.text.value)} for article in batch]

    def to_json(self, layer: dict[str, int]) -> dict[str, int]:
        """As it is."""
        return layer

    def from_json(self, value: dict[str, int]) -> dict[str, int]:
        """As it is."""
        return value


def load_annotating(stage: str, options: Options, clock: Clock) -> Stage[Article, Article]:
    """A stage with that annotator; required if the options name it so."""
    required = any(choice.required for choice in options.annotators)
    return AnnotatorStage(stage, [Seat(annotator=BadAnnotator(), required=required)], clock=clock)


def load_nothing(stage: str, options: Options, clock: Clock) -> Stage[RawArticle, Article]:
    """A model that is not there."""
    raise ModelError("model x is missing; run: pip install x")


def _clean(article: RawArticle) -> Article:
    body = article.body or ""
    _do(body)
    text = Text(
        value=body,
        sha256=hashlib.sha256(body.encode()).hexdigest(),
        language=Language(tag="en", confidence=1.0),
        segments=(Segment(kind="paragraph", start=0, end=len(body)),),
        removed=(),
        quality=Quality(score=1.0),
    )
    if body == "pid":
        return Article(uri=f"urn:pid:{os.getpid()}", meta=article.meta, origin=article.origin, text=text)
    return Article(uri=article.uri, meta=article.meta, origin=article.origin, text=text)


def _do(body: str) -> None:
    if body == "hang":
        time.sleep(3600)
    if body == "die":
        os._exit(7)
    if body == "eat":
        eaten = [bytearray(64 << 20) for _ in range(1000)]
        raise AssertionError(f"{len(eaten)} could be had")
    if body == "raise":
        raise ValueError("the secret of the house")
