"""The stage: articles in, articles with entities out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline import nlp
from pipeline.entities import document, gazetteer, places, rules
from pipeline.entities.document import Block
from pipeline.entities.recogniser import Plain, Span, choose
from pipeline.entities.resolve import resolve
from pipeline.entities.rules import NAMES, Name
from pipeline.errors import Reason, Refusal
from pipeline.records import AnnotatedArticle, CleanedArticle, Component, Entity

# spaCy's tokenizer takes quadratic time for a run of marks without a blank, and no name is that long.
_ENDLESS = re.compile(r"(?<!\S)\S{400,}")
VERSION = "2"  # of rules and tables: a change of either is another


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

    def __init__(self, *, model: nlp.ModelFiles, values: bool, without: frozenset[str] = frozenset()) -> None:
        self._recogniser = choose(nlp.open_recogniser(model))
        self._gazetteer = gazetteer.load()
        self._language = model.language
        self._values = values
        self._without = without
        self.component = Component(
            name="entities",
            version=VERSION,
            config=",".join((*(["values"] if values else []), *(f"-{rule}" for rule in sorted(without)))),
            model=nlp.identify(model),
        )
        self.fallback = isinstance(self._recogniser, Plain)

    def run(self, articles: Sequence[CleanedArticle]) -> list[AnnotatedArticle | Refusal]:
        """Annotate a batch: same length, same order, never an exception.

        An article in a language that the model is not for, or that nobody is sure of ("und"), has `entities` None.
        """
        papers = [lay_out(article) if self._covers(article) else None for article in articles]
        texts = [
            _ENDLESS.sub(_blot, paper.text[block.start : block.end])
            for paper in papers
            if paper
            for block in paper.blocks
        ]
        try:
            answers = iter(self._recogniser.find(texts))
        except Exception as error:
            if len(articles) > 1:  # one of them, and only that one, is to blame
                return [answer for article in articles for answer in self.run([article])]
            return [self._refuse(article, error) for article in articles]
        return [
            self._annotate(article, paper, [next(answers) for _ in paper.blocks] if paper else [])
            for article, paper in zip(articles, papers, strict=True)
        ]

    def _covers(self, article: CleanedArticle) -> bool:
        return article.text.language.tag.split("-")[0].lower() == self._language

    def _annotate(
        self, article: CleanedArticle, paper: Paper | None, found: list[list[Span]]
    ) -> AnnotatedArticle | Refusal:
        if paper is None:
            return AnnotatedArticle(cleaned=article, entities=None)
        try:
            return AnnotatedArticle(cleaned=article, entities=self._entities(paper, found))
        except Exception as error:
            return self._refuse(article, error)

    def _refuse(self, article: CleanedArticle, error: Exception) -> Refusal:
        return Refusal(stage=self.name, reason=Reason.STAGE_ERROR, error=type(error).__name__, uri=article.uri)

    def _entities(self, paper: Paper, found: list[list[Span]]) -> tuple[Entity, ...]:
        spans = [
            Name(block.start + span.start, block.start + span.end, span.label, seen=span.label)
            for block, spans in zip(paper.blocks, found, strict=True)
            for span in spans
            if self._values or span.label in NAMES
        ]
        names, aliases = document.names(paper.text, paper.blocks, spans, self._gazetteer, without=self._without)
        located = places.locate(paper.text, names, self._gazetteer)
        return resolve(paper.text, names, located, aliases, self._gazetteer, body=paper.body)


def _blot(match: re.Match[str]) -> str:
    """As many letters as nothing."""
    return "x" * len(match.group())


def lay_out(article: CleanedArticle) -> Paper:
    """Headline and text as one, block by block: nothing is read across a heading."""
    title, value = article.meta.title or "", article.text.value
    body = len(title) + 2 if title else 0
    blocks = [Block(0, len(title), rules.title_case(title))] if title else []
    for segment in article.text.segments:
        start, end = body + segment.start, body + segment.end
        if segment.language is None and start < end:
            # Only headings: "Reporting by Ana Petrov; Editing by Li Wei" has its capitals for a reason.
            shouting = segment.kind == "heading" and rules.title_case(value[segment.start : segment.end])
            blocks.append(Block(start, end, shouting))
    if not article.text.segments:
        start = body
        for line in value.split("\n"):
            if line.strip():
                blocks.append(Block(start, start + len(line), rules.title_case(line)))
            start += len(line) + 1
    return Paper(text=f"{title}\n\n{value}" if title else value, blocks=tuple(blocks), body=body)


def load(*, model: str = "en_core_web_sm", values: bool = False) -> Entities:
    """The stage with that model (an installed package or a folder); `values` adds dates and numbers.

    Raises ModelError where the model is missing or cannot be used.
    """
    return Entities(model=nlp.find(model), values=values)
