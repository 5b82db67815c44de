"""The whole line on one screen.

    bytes -decode-> RawArticle -cleaning-> CleanedArticle -entities-> AnnotatedArticle -classification-> EnrichedArticle
                                                                                                       -encode-> bytes

`Step` is one hop of it, bytes to bytes, as a Kafka worker runs it; `Line` is all hops in process, without a broker.
Both run the same code, so both give the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, Protocol

from pipeline import codec, formats
from pipeline.errors import InputRefused, Reason, Refusal
from pipeline.records import AnnotatedArticle, CleanedArticle, Component, EnrichedArticle, Origin, StageRun

StageName = Literal["cleaning", "entities", "classification"]
STAGES: tuple[StageName, ...] = ("cleaning", "entities", "classification")
MAX_RECORD_BYTES = formats.MAX_WIRE_BYTES  # what a record may weigh on its way out

Clock = Callable[[], float]  # seconds since the epoch
Article = CleanedArticle | AnnotatedArticle | EnrichedArticle


class Stage(Protocol):
    """A named step. It answers for each article of a batch, in order, and raises for none of them."""

    @property
    def name(self) -> str: ...
    @property
    def component(self) -> Component: ...
    @property
    def fallback(self) -> bool: ...

    def run(self, articles: Sequence[Any], /) -> Sequence[Any]:
        """Do the work on a batch: same length, same order; an article or a Refusal for each."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What can be chosen about the line; everything that can change a result is in the pipeline fingerprint."""

    ner_model: str = "en_core_web_sm"
    values: bool = False  # dates and numbers as entities too
    boilerplate: Path | None = None
    subjects: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Produced:
    """An article that came through: its record, the record's bytes, and how long this step took (milliseconds)."""

    article: Article
    value: bytes
    milliseconds: float
    unknown_fields: int = 0  # of a raw article: ignored, and counted


Outcome = Produced | Refusal


class Step:
    """One stage with the codec on both sides: bytes of one topic in, bytes of the next out."""

    def __init__(self, stage: Stage, *, clock: Clock) -> None:
        self.stage = stage
        self._clock = clock
        self._decode = _DECODE[stage.name]

    def run(self, messages: Sequence[tuple[bytes, Origin | None]]) -> list[Outcome]:
        """Take a batch of (value, origin); `origin` is read at the first stage only, later ones carry it inside."""
        started = self._clock()
        read: list[Any] = [self._read(value, origin) for value, origin in messages]
        taken = [i for i, article in enumerate(read) if not isinstance(article, Refusal)]
        outcomes = list(read)
        for i, answer in zip(taken, self.stage.run([read[i] for i in taken]), strict=True):
            outcomes[i] = answer
        # A batch is one product of matrices: its time is shared out evenly among its articles.
        spent = max(0.0, self._clock() - started) * 1000 / max(1, len(taken))
        return [
            outcome
            if isinstance(outcome, Refusal)
            else self._written(outcome, started, spent, unknown_fields=getattr(before, "unknown_fields", 0))
            for before, outcome in zip(read, outcomes, strict=True)
        ]

    def _read(self, value: bytes, origin: Origin | None) -> Any:
        try:
            return self._decode(value, origin)
        except InputRefused as refused:
            return Refusal(stage=self.stage.name, reason=refused.reason, error=refused.error)

    def _written(self, article: Article, started: float, spent: float, *, unknown_fields: int) -> Outcome:
        run = StageRun(
            stage=self.stage.name,
            component=self.stage.component,
            status=_status(article, fallback=self.stage.fallback),
            started_at=round(started, 3),
            duration_ms=round(spent, 3),
        )
        article = replace(article, run=run)
        value = codec.encode(article)
        if len(value) > MAX_RECORD_BYTES:
            error = f"the record has {len(value)} bytes, at most {MAX_RECORD_BYTES}"
            return Refusal(stage=self.stage.name, reason=Reason.OUTPUT_TOO_LARGE, error=error, uri=uri_of(article))
        return Produced(article=article, value=value, milliseconds=spent, unknown_fields=unknown_fields)


_DECODE: dict[str, Callable[[bytes, Origin | None], Any]] = {
    "cleaning": lambda value, origin: formats.decode_raw(value, origin=origin),
    "entities": lambda value, _: codec.decode_cleaned(value),
    "classification": lambda value, _: codec.decode_annotated(value),
}


def load(name: str, options: Options) -> Stage:
    """One stage with its models. Raises ModelError where a model is missing or is not the one it says it is."""
    # Imported here: who only passes bytes on, the parent of the worker processes, need not carry spaCy.
    if name == "cleaning":
        from pipeline import cleaning

        return cleaning.load(boilerplate=options.boilerplate)
    if name == "entities":
        from pipeline import entities

        return entities.load(model=options.ner_model, values=options.values)
    from pipeline import classification

    return classification.load(schemes=options.subjects)


class Line:
    """All stages in process: what `copydesk enrich` and a notebook use."""

    def __init__(self, options: Options | None = None, *, clock: Clock = lambda: 0.0) -> None:
        self.steps = [Step(load(name, options or Options()), clock=clock) for name in STAGES]

    def run(self, raw: Sequence[bytes]) -> list[Outcome]:
        """Raw articles in, an enriched article or a Refusal for each out, in order."""
        outcomes: list[Outcome] = []
        values: list[tuple[int, bytes]] = list(enumerate(raw))
        outcomes.extend(Refusal(stage="cleaning", reason=Reason.STAGE_ERROR, error="not run") for _ in raw)
        for step in self.steps:
            answers = step.run([(value, None) for _, value in values])
            for (i, _), answer in zip(values, answers, strict=True):
                outcomes[i] = answer
            values = [(i, a.value) for (i, _), a in zip(values, answers, strict=True) if isinstance(a, Produced)]
        return outcomes


def uri_of(article: Article) -> str:
    """The uri, wherever in the nesting it stands."""
    return cleaned_of(article).uri


def cleaned_of(article: Article) -> CleanedArticle:
    """The cleaned article inside any later state."""
    if isinstance(article, EnrichedArticle):
        article = article.annotated
    return article.cleaned if isinstance(article, AnnotatedArticle) else article


def _status(article: Article, *, fallback: bool) -> Literal["ok", "skipped", "fallback"]:
    skipped = (isinstance(article, AnnotatedArticle) and article.entities is None) or (
        isinstance(article, EnrichedArticle) and article.subjects is None
    )
    return "skipped" if skipped else "fallback" if fallback else "ok"
