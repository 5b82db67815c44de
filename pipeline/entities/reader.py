"""Finds the entities of articles in one language, by the model and tables of its pack or by its list of names."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.annotations import Entity
from pipeline.article import Article, Component
from pipeline.entities import name_list
from pipeline.entities.linking import gazetteer, organisations, places
from pipeline.entities.mentions import mention_rules, repeats, span_rules
from pipeline.entities.mentions.mention_rules import Aliases, Block, key
from pipeline.entities.names import NAMES, Name
from pipeline.entities.recognition import models
from pipeline.entities.recognition.recogniser import Span, choose
from pipeline.entities.resolution import resolve
from pipeline.languages.registry import Pack

# spaCy's tokenizer takes quadratic time for a run of marks without a blank, and no name is that long.
_ENDLESS = re.compile(r"(?<!\S)\S{400,}")
VERSION = "3"  # of the code; tables and language packs are hashed


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """An article laid out to be read: headline and text as one, its blocks, and where the body begins."""

    text: str
    blocks: tuple[Block, ...]
    body: int


class Reader:
    """Reads one language. Raises ModelError if its model or its pack cannot be used.

    Without a model the names are those that the pack lists, wherever they stand.
    """

    def __init__(self, pack: Pack, model: models.ModelFiles | None, *, values: bool) -> None:
        self._listed = name_list.load(pack)
        if model is None and not self._listed:
            raise pack.broken("[entities] has neither a model nor names")
        self._gazetteer = gazetteer.load(pack)
        self._values = values
        self.recogniser = None if model is None else choose(models.open_recogniser(model))
        self.component = Component(
            name="entities",
            version=VERSION,
            config=_config(pack, values=values),
            model=None if model is None else models.identify(model),
        )

    def read(self, batch: Sequence[Article]) -> list[tuple[Entity, ...]]:
        """The entities of each article, in order."""
        papers = [lay_out(article) for article in batch]
        if self.recogniser is None:
            return [self._resolved(paper, *self._names(paper)) for paper in papers]
        texts = [_ENDLESS.sub(_blot, paper.text[block.start : block.end]) for paper in papers for block in paper.blocks]
        answers = iter(self.recogniser.find(texts))
        return [self._ruled(paper, [next(answers) for _ in paper.blocks]) for paper in papers]

    def _ruled(self, paper: Paper, found: list[list[Span]]) -> tuple[Entity, ...]:
        """What the model found, through the rules."""
        spans = [
            Name(block.start + span.start, block.start + span.end, span.label, seen=span.label)
            for block, spans in zip(paper.blocks, found, strict=True)
            for span in spans
            if self._values or span.label in NAMES
        ]
        names, aliases = mention_rules.names(paper.text, paper.blocks, spans, self._gazetteer)
        return self._resolved(paper, names, aliases)

    def _names(self, paper: Paper) -> tuple[list[Name], Aliases]:
        """What the pack lists, the longer name first if two overlap."""
        found = repeats.find(paper.text, self._listed)
        free = bytearray(len(paper.text))
        for block in paper.blocks:
            free[block.start : block.end] = b"\1" * (block.end - block.start)
        names: list[Name] = []
        aliases = Aliases()
        for name in sorted(found, key=lambda name: (-len(name), name)):
            label, first = self._listed[name]
            if label in {"PERSON", "ORG"} and first != name:
                aliases.full[key(name)] = first
            for start in found[name]:
                if free.find(0, start, start + len(name)) < 0:
                    free[start : start + len(name)] = bytes(len(name))
                    names.append(Name(start, start + len(name), label, "list"))
        names.sort(key=lambda name: name.start)
        return names, aliases

    def _resolved(self, paper: Paper, names: list[Name], aliases: Aliases) -> tuple[Entity, ...]:
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
