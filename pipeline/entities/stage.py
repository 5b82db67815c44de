"""The annotator of the entities stage."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.annotations import Entity
from pipeline.article import Article, Component, Json
from pipeline.codec import layers
from pipeline.codec.ninjs import project_entities
from pipeline.entities.linking import gazetteer, organisations, places
from pipeline.entities.mentions import mention_rules, span_rules
from pipeline.entities.mentions.mention_rules import Block
from pipeline.entities.names import NAMES, Name
from pipeline.entities.recognition import models
from pipeline.entities.recognition.recogniser import Plain, Span, choose
from pipeline.entities.resolution import resolve
from pipeline.languages import registry
from pipeline.languages.registry import Pack

# spaCy's tokenizer takes quadratic time for a run of marks without a blank, and no name is that long.
_ENDLESS = re.compile(r"(?<!\S)\S{400,}")
VERSION = "2"  # of the code; tables and language packs are hashed


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """An article laid out to be read: headline and text as one, its blocks, and where the body begins."""

    text: str
    blocks: tuple[Block, ...]
    body: int


class Entities:
    """Names in an article, resolved: `load` makes one, per process.

    `component` is the same on the fast path and on spaCy, since what they find is equal; `fallback` says which it is.
    """

    name = "entities"
    requires: frozenset[str] = frozenset()

    def __init__(self, *, model: models.ModelFiles, values: bool) -> None:
        self._recogniser = choose(models.open_recogniser(model))
        self._gazetteer = gazetteer.load()
        self.languages = frozenset({model.language})
        self._values = values
        self.component = Component(
            name="entities",
            version=VERSION,
            config=_config(registry.english(), values=values),
            model=models.identify(model),
        )
        self.fallback = isinstance(self._recogniser, Plain)

    def annotate(self, batch: Sequence[Article]) -> list[tuple[Entity, ...]]:
        """The entities of each article, in order."""
        papers = [lay_out(article) for article in batch]
        texts = [_ENDLESS.sub(_blot, paper.text[block.start : block.end]) for paper in papers for block in paper.blocks]
        answers = iter(self._recogniser.find(texts))
        return [self._entities(paper, [next(answers) for _ in paper.blocks]) for paper in papers]

    @staticmethod
    def to_json(layer: tuple[Entity, ...]) -> Json:
        """As in the record."""
        return layers.write_entities(layer)

    @staticmethod
    def from_json(value: Json) -> tuple[Entity, ...]:
        """The inverse."""
        return layers.read_entities(value)

    @staticmethod
    def ninjs(layer: tuple[Entity, ...]) -> dict[str, list[dict[str, Any]]]:
        """people, organisations, places, objects, events."""
        return project_entities(layer)

    @staticmethod
    def labels(value: Json) -> frozenset[str]:
        """What routes can name of it."""
        return layers.entity_labels(value)

    def _entities(self, paper: Paper, found: list[list[Span]]) -> tuple[Entity, ...]:
        spans = [
            Name(block.start + span.start, block.start + span.end, span.label, seen=span.label)
            for block, spans in zip(paper.blocks, found, strict=True)
            for span in spans
            if self._values or span.label in NAMES
        ]
        names, aliases = mention_rules.names(paper.text, paper.blocks, spans, self._gazetteer)
        located = places.locate(paper.text, names, self._gazetteer)
        return resolve(paper.text, names, located, aliases, self._gazetteer, body=paper.body)


def _config(pack: Pack, *, values: bool) -> str:
    """A hash of the pack's part, of the tables of no language, and of whether values are wanted."""
    parts = (pack.digest("entities"), gazetteer.digest(), organisations.digest(), "values" if values else "")
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _blot(match: re.Match[str]) -> str:
    """As many letters as nothing."""
    return "x" * len(match.group())


def lay_out(article: Article) -> Paper:
    """Headline and text as one, block by block: nothing is read across a heading."""
    title, value = article.meta.title or "", article.text.value
    body = len(title) + 2 if title else 0
    blocks = [Block(0, len(title), span_rules.title_case(title))] if title else []
    for segment in article.text.segments:
        start, end = body + segment.start, body + segment.end
        if segment.language is None and start < end:
            # Only headings: "Reporting by Ana Petrov; Editing by Li Wei" has its capitals for a reason.
            shouting = segment.kind == "heading" and span_rules.title_case(value[segment.start : segment.end])
            blocks.append(Block(start, end, shouting))
    if not article.text.segments:
        start = body
        for line in value.split("\n"):
            if line.strip():
                blocks.append(Block(start, start + len(line), span_rules.title_case(line)))
            start += len(line) + 1
    return Paper(text=f"{title}\n\n{value}" if title else value, blocks=tuple(blocks), body=body)


def load(*, model: str = "en_core_web_sm", values: bool = False) -> Entities:
    """The annotator with that model (an installed package or a folder); `values` adds dates and numbers.

    Raises ModelError where the model is missing or cannot be used.
    """
    return Entities(model=models.find(model), values=values)
