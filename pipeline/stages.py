"""The stage table: one row a stage. Topics, app, metrics, check, trace, tail, schema and docs read it.

    bytes -read-> RawArticle -cleaning-> Article -entities-> Article -classification-> Article -write-> bytes

`Hop` is one stage with its input and output as bytes, as a Kafka worker runs it; pipeline/runner.py has all of them in
one process. Both run the same code, so both give the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline import codec, formats, plugins
from pipeline.annotating import AnnotatorStage, Seat
from pipeline.article import Article, Origin, RawArticle
from pipeline.contracts import Stage
from pipeline.errors import InputRefused, Reason, Refusal, SettingsError
from pipeline.formats.field_names import FieldMap
from pipeline.languages.registry import installed
from pipeline.plugins import Choice

MAX_RECORD_BYTES = formats.MAX_WIRE_BYTES  # what a record may weigh on its way out
Clock = Callable[[], float]  # seconds since the epoch


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What can be chosen about the pipeline; everything that can change a result is in its fingerprint."""

    ner_model: str = "en_core_web_sm"
    values: bool = False  # dates and numbers as entities too
    boilerplate: Path | None = None
    subjects: tuple[Path, ...] = ()
    annotators: tuple[Choice, ...] = ()  # of others
    languages: Path | None = None  # a folder of language packs beside those that ship
    field_map: FieldMap = ()  # the feeder's names of fields: (ours, theirs)


@dataclass(frozen=True, slots=True, kw_only=True)
class StageRow:
    """A stage: the topics it reads and writes (without prefix), what its records are called, its layers, its loader."""

    name: str
    reads: str
    writes: str
    event_type: str
    layers: tuple[str, ...]
    load: Callable[[Options, Clock], Stage[Any, Article]]


def _cleaning(options: Options, clock: Clock) -> Stage[RawArticle, Article]:
    # Imported here and below: who only passes bytes on, the parent of the child processes, need not carry spaCy.
    from pipeline import cleaning

    packs = installed(options.languages)
    return cleaning.load(boilerplate=options.boilerplate, packs=packs, field_map=options.field_map, clock=clock)


def _entities(options: Options, clock: Clock) -> Stage[Article, Article]:
    from pipeline import entities

    packs = installed(options.languages)
    annotator = entities.load(model=options.ner_model, values=options.values, packs=packs)
    ours = Seat(annotator=annotator, required=True, ours=True)
    return _annotating("entities", ours, options, clock, fallback=annotator.fallback)


def _classification(options: Options, clock: Clock) -> Stage[Article, Article]:
    from pipeline import classification

    annotator = classification.load(schemes=options.subjects, packs=installed(options.languages))
    ours = Seat(annotator=annotator, required=True, ours=True)
    return _annotating("classification", ours, options, clock)


def _annotating(name: str, ours: Seat, options: Options, clock: Clock, *, fallback: bool = False) -> AnnotatorStage:
    chosen = [choice for choice in options.annotators if choice.stage == name]
    others = [Seat(annotator=plugins.load(choice.name), required=choice.required) for choice in chosen]
    return AnnotatorStage(name, [ours, *others], clock=clock, fallback=fallback)


TABLE = (
    StageRow(
        name="cleaning",
        reads="articles.raw",
        writes="articles.cleaned",
        event_type="news.article.cleaned.v1",
        layers=(),
        load=_cleaning,
    ),
    StageRow(
        name="entities",
        reads="articles.cleaned",
        writes="articles.annotated",
        event_type="news.article.annotated.v1",
        layers=("entities",),
        load=_entities,
    ),
    StageRow(
        name="classification",
        reads="articles.annotated",
        writes="articles.enriched",
        event_type="news.article.enriched.v1",
        layers=("subjects",),
        load=_classification,
    ),
)
STAGES = tuple(row.name for row in TABLE)
FIRST, LAST = STAGES[0], STAGES[-1]


def row(name: str) -> StageRow:
    """The row of that stage. Raises SettingsError if there is none."""
    for found in TABLE:
        if found.name == name:
            return found
    raise SettingsError(f"{name!r} is not a stage; the stages are {', '.join(STAGES)}")


def load(name: str, options: Options, clock: Clock = lambda: 0.0) -> Stage[Any, Article]:
    """One stage with its models. Raises ModelError if one is missing, SettingsError for an unknown name."""
    return row(name).load(options, clock)


@dataclass(frozen=True, slots=True, kw_only=True)
class Produced:
    """An article that came through: its record, the record's id (of an earlier state too), and the milliseconds."""

    article: Article
    value: bytes
    id: str
    milliseconds: float
    unknown_fields: int = 0  # of a raw article: ignored, and counted
    unknown_names: tuple[str, ...] = ()  # of those fields, the first 50


Outcome = Produced | Refusal


class Hop:
    """One stage with the codec on both sides: bytes of one topic in, bytes of the next out."""

    def __init__(self, stage: Stage[Any, Article], *, clock: Clock, field_map: FieldMap = ()) -> None:
        """`field_map` counts for the first stage, which reads raw articles."""
        self.stage = stage
        self._clock = clock
        self._field_map = field_map

    def run(self, messages: Sequence[tuple[bytes, Origin | None]], *, without: Collection[str] = ()) -> list[Outcome]:
        """Take a batch of (value, origin); `origin` is read at the first stage only, later ones carry it inside.

        `without` are annotators that are not called: their layers count as failed.
        """
        started = self._clock()
        read = [self._read(value, origin) for value, origin in messages]
        answers = run(self.stage, read, without=without)
        spent = max(0.0, self._clock() - started) * 1000 / max(1, len(messages))
        return [
            answer if isinstance(answer, Refusal) else written(answer, before, self.stage.name, milliseconds=spent)
            for before, answer in zip(read, answers, strict=True)
        ]

    def bare(self, messages: Sequence[tuple[bytes, Origin | None]]) -> list[Outcome] | None:
        """What is left of cancellations if nothing is computed; None if one of the messages is anything else."""
        read = [self._read(value, origin) for value, origin in messages]
        bare = [_bare(self.stage, article) for article in read]
        found = [article for article in bare if article is not None]
        if len(found) < len(messages):
            return None
        return [
            answer if isinstance(answer, Refusal) else written(answer, before, self.stage.name, milliseconds=0.0)
            for before, answer in zip(read, found, strict=True)
        ]

    def _read(self, value: bytes, origin: Origin | None) -> RawArticle | Article | Refusal:
        try:
            if self.stage.name == FIRST:
                return formats.decode_raw(value, origin=origin, field_map=self._field_map)
            return codec.decode(value)
        except InputRefused as refused:
            return Refusal(stage=self.stage.name, reason=refused.reason, error=refused.error)


def run(
    stage: Stage[Any, Article], batch: Sequence[RawArticle | Article | Refusal], *, without: Collection[str] = ()
) -> list[Article | Refusal]:
    """A batch through one stage: what is refused already stays in its place.

    A cancellation is never refused for what is in it: whoever has the article must hear of it.
    """
    going: list[Any] = [article for article in batch if not isinstance(article, Refusal)]
    more: Any = {"without": without} if isinstance(stage, AnnotatorStage) else {}
    answers = iter(
        (_bare(stage, article) or answer) if isinstance(answer, Refusal) else answer
        for article, answer in zip(going, stage.run(going, **more), strict=True)
    )
    return [article if isinstance(article, Refusal) else next(answers) for article in batch]


def _bare(stage: Stage[Any, Article], article: RawArticle | Article | Refusal) -> Article | Refusal | None:
    """A cancellation as the stage gives it without computing anything; None for any other article."""
    bare = getattr(stage, "bare", None)
    if bare is None or isinstance(article, Refusal) or not article.editorial.canceled:
        return None
    found: list[Article | Refusal] = bare([article])
    return found[0]


def written(article: Article, before: RawArticle | Article | Refusal, stage: str, *, milliseconds: float) -> Outcome:
    """The article as the stage of that name writes it, or a refusal if its record is too large."""
    identity = codec.identity(article)
    value = codec.encode(article, sealed=identity if stage == LAST else None)
    if len(value) > MAX_RECORD_BYTES:
        error = f"the record has {len(value)} bytes, at most {MAX_RECORD_BYTES}"
        return Refusal(stage=stage, reason=Reason.OUTPUT_TOO_LARGE, error=error, uri=article.uri)
    unknown, names = (before.unknown_fields, before.unknown_names) if isinstance(before, RawArticle) else (0, ())
    return Produced(
        article=article,
        value=value,
        id=identity[0],
        milliseconds=milliseconds,
        unknown_fields=unknown,
        unknown_names=names,
    )


def choices(text: str) -> tuple[Choice, ...]:
    """Annotators from `name,name@stage,name!`: in the last stage unless one is named, required with `!`.

    Raises SettingsError.
    """
    found: list[Choice] = []
    for entry in filter(None, (part.strip() for part in text.split(","))):
        name, at, stage = entry.removesuffix("!").partition("@")
        chosen = Choice(name=name, stage=row(stage).name if at else LAST, required=entry.endswith("!"))
        if not plugins.NAME.match(name) or chosen.stage == FIRST:
            raise SettingsError(f"{entry!r} is not NAME, NAME@STAGE or NAME!, where STAGE comes after {FIRST}")
        if any(other.name == name for other in found):
            raise SettingsError(f"annotator {name!r} is named twice")
        found.append(chosen)
    return tuple(found)
