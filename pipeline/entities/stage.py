"""The stage: articles in, articles with entities out."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline import nlp
from pipeline.entities import document, gazetteer, places, rules
from pipeline.entities.document import Block
from pipeline.entities.recogniser import Plain, choose
from pipeline.entities.resolve import resolve
from pipeline.entities.rules import NAMES, Name
from pipeline.errors import Reason, Refusal
from pipeline.records import AnnotatedArticle, CleanedArticle, Component, Entity


class Entities:
    """Names in an article, resolved: `load` makes one, per process."""

    name = "entities"

    def __init__(self, *, model: nlp.ModelFiles, values: bool, without: frozenset[str] = frozenset()) -> None:
        self._recogniser = choose(nlp.open_recogniser(model))
        self._gazetteer = gazetteer.load()
        self._language = model.language
        self._values = values
        self._without = without
        self.component = Component(
            name="entities", version="1", config="values" if values else "", model=nlp.identify(model)
        )
        self.fallback = isinstance(self._recogniser, Plain)

    def run(self, articles: Sequence[CleanedArticle]) -> list[AnnotatedArticle | Refusal]:
        """Annotate a batch: same length and order. An article in a language without a model has `entities` None."""
        papers = [self._lay_out(article) for article in articles]
        texts = [text[block.start : block.end] for text, blocks, _ in papers for block in blocks]
        answers = iter(self._recogniser.find(texts))
        done: list[AnnotatedArticle | Refusal] = []
        for article, (text, blocks, shift) in zip(articles, papers, strict=True):
            spans = [
                Name(block.start + span.start, block.start + span.end, span.label, seen=span.label)
                for block in blocks
                for span in next(answers)
                if self._values or span.label in NAMES
            ]
            try:
                if self._covers(article):
                    done.append(AnnotatedArticle(cleaned=article, entities=self._entities(text, blocks, spans, shift)))
                else:
                    done.append(AnnotatedArticle(cleaned=article, entities=None))
            except Exception as error:
                done.append(
                    Refusal(stage=self.name, reason=Reason.STAGE_ERROR, error=type(error).__name__, uri=article.uri)
                )
        return done

    def _covers(self, article: CleanedArticle) -> bool:
        return article.text.language.tag.split("-")[0].lower() == self._language

    def _lay_out(self, article: CleanedArticle) -> tuple[str, list[Block], int]:
        """Headline and text as one, its blocks, and where the body begins."""
        if not self._covers(article):
            return "", [], 0
        title = article.meta.title or ""
        shift = len(title) + 2 if title else 0
        text = f"{title}\n\n{article.text.value}" if title else article.text.value
        blocks = [Block(0, len(title), rules.title_case(title))] if title else []
        for segment in article.text.segments:
            low, high = shift + segment.start, shift + segment.end
            # Only headings: "Reporting by Ana Petrov; Editing by Li Wei" has its capitals for a reason.
            blocks.append(Block(low, high, segment.kind == "heading" and rules.title_case(text[low:high])))
        if not article.text.segments:
            start = shift
            for line in article.text.value.split("\n"):
                if line.strip():
                    blocks.append(Block(start, start + len(line), rules.title_case(line)))
                start += len(line) + 1
        return text, blocks, shift

    def _entities(self, text: str, blocks: list[Block], spans: list[Name], shift: int) -> tuple[Entity, ...]:
        names, aliases = document.names(text, blocks, spans, self._gazetteer, without=self._without)
        located = places.locate(text, names, self._gazetteer)
        return resolve(text, names, located, aliases, self._gazetteer, body=shift)


def load(*, model: str = "en_core_web_sm", values: bool = False) -> Entities:
    """The stage with that model (an installed package or a folder); `values` adds dates and numbers.

    Raises ModelError where the model is missing or cannot be used.
    """
    return Entities(model=nlp.find(model), values=values)
