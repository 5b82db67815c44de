"""The stage: articles in, articles with entities out."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline import nlp
from pipeline.entities.recogniser import Plain, Span, choose
from pipeline.errors import Reason, Refusal
from pipeline.records import AnnotatedArticle, CleanedArticle, Component, Entity, Mention

NAMES = frozenset({"PERSON", "ORG", "GPE", "LOC", "FAC", "NORP", "PRODUCT", "EVENT", "WORK_OF_ART", "LAW", "LANGUAGE"})


class Entities:
    """Names in an article, resolved: `load` makes one, per process."""

    name = "entities"

    def __init__(self, *, model: nlp.ModelFiles, values: bool) -> None:
        self._recogniser = choose(nlp.open_recogniser(model))
        self._language = model.language
        self._values = values
        self.component = Component(
            name="entities", version="1", config="values" if values else "", model=nlp.identify(model)
        )
        self.fallback = isinstance(self._recogniser, Plain)

    def run(self, articles: Sequence[CleanedArticle]) -> list[AnnotatedArticle | Refusal]:
        """Annotate a batch: same length and order. An article in a language without a model has `entities` None."""
        return [self._one(article) for article in articles]

    def _one(self, article: CleanedArticle) -> AnnotatedArticle | Refusal:
        if article.text.language.tag.split("-")[0].lower() != self._language:
            return AnnotatedArticle(cleaned=article, entities=None)
        try:
            entities = self._entities(article)
        except Exception as error:
            return Refusal(stage=self.name, reason=Reason.STAGE_ERROR, error=type(error).__name__, uri=article.uri)
        return AnnotatedArticle(cleaned=article, entities=entities)

    def _entities(self, article: CleanedArticle) -> tuple[Entity, ...]:
        found: dict[tuple[str, str], list[Mention]] = {}
        for where, text in (("headline", article.meta.title or ""), ("body", article.text.value)):
            for span in self._spans(text):
                mention = Mention(
                    start=span.start,
                    end=span.end,
                    text=text[span.start : span.end],
                    where="headline" if where == "headline" else "body",
                )
                found.setdefault((mention.text, span.label), []).append(mention)
        return tuple(
            Entity(
                id=f"e{number}",
                type=label,
                name=name,
                mentions=tuple(mentions),
                salience=min(1.0, len(mentions) / 10),
                confidence=0.8,
            )
            for number, ((name, label), mentions) in enumerate(found.items(), 1)
        )

    def _spans(self, text: str) -> list[Span]:
        return [span for span in self._recogniser.find([text])[0] if self._values or span.label in NAMES]


def load(*, model: str = "en_core_web_sm", values: bool = False) -> Entities:
    """The stage with that model (an installed package or a folder); `values` adds dates and numbers.

    Raises ModelError where the model is missing or cannot be used.
    """
    return Entities(model=nlp.find(model), values=values)
