"""A stage made of annotators: each adds its layer, and one that fails costs its layer, not the article."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import orjson

from pipeline.article import Article, Component, Layer, StageRun, Status
from pipeline.contracts import Annotator
from pipeline.errors import Reason, Refusal, log_exception

MAX_LAYER_BYTES = 1_000_000  # of an annotator that is not ours: the rest of the record must fit beside it
Clock = Callable[[], float]  # seconds since the epoch
_L = TypeVar("_L")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Failed:
    """Why there is no layer: the name of an exception, or what was wrong with the answer."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """An annotator's place in a stage. `required`: without its layer the article is refused. `ours`: it ships here."""

    annotator: Annotator[Any]
    required: bool = False
    ours: bool = False


class AnnotatorStage:
    """Runs annotators one after another over a batch: see `pipeline.contracts.Stage`."""

    def __init__(self, name: str, seats: Sequence[Seat], *, clock: Clock, fallback: bool = False) -> None:
        self.name = name
        self.fallback = fallback
        self._seats = tuple(seats)
        self._clock = clock

    @property
    def components(self) -> tuple[Component, ...]:
        """One for each annotator, or for each language that one of ours reads."""
        found: list[Component] = []
        for seat in self._seats:
            more = getattr(seat.annotator, "components", None) if seat.ours else None
            found += more or (seat.annotator.component,)
        return tuple(found)

    @property
    def optional(self) -> tuple[str, ...]:
        """The annotators that cost their layer alone."""
        return tuple(seat.annotator.name for seat in self._seats if not seat.required)

    def run(self, batch: Sequence[Article], *, without: Collection[str] = ()) -> list[Article | Refusal]:
        """Same length, same order. The layers of `without` count as failed: their annotators are not called."""
        answers: list[Article | Refusal] = list(batch)
        for seat in self._seats:
            going = [(i, article) for i, article in enumerate(answers) if isinstance(article, Article)]
            started = self._clock()
            skipping = seat.annotator.name in without
            found = [_Failed("not run")] * len(going) if skipping else self._found(seat, [a for _, a in going])
            # A batch is one product of matrices: its time is shared out evenly among its articles.
            spent = max(0.0, self._clock() - started) * 1000 / max(1, len(going))
            for (i, article), layer in zip(going, found, strict=True):
                answers[i] = self._written(seat, article, layer, started, spent)
        return answers

    def bare(self, batch: Sequence[Article]) -> list[Article | Refusal]:
        """Each as it is, all annotators skipped: for a cancellation that they cannot take."""
        started = self._clock()
        answers: list[Article | Refusal] = list(batch)
        for seat in self._seats:
            answers = [
                self._written(seat, article, None, started, 0.0) if isinstance(article, Article) else article
                for article in answers
            ]
        return answers

    def _found(self, seat: Seat, batch: Sequence[Article]) -> list[Layer | Refusal | _Failed | None]:
        """A layer for each, a refusal, why it failed, or None if the article is none for this annotator."""
        annotator = seat.annotator
        asked = [i for i, article in enumerate(batch) if _covers(annotator, article)]
        found: list[Layer | Refusal | _Failed | None] = [None] * len(batch)
        for i, answer in zip(asked, self._asked(annotator, [batch[i] for i in asked]), strict=True):
            found[i] = self._layer(seat, answer, batch[i])
        return found

    def _asked(self, annotator: Annotator[_L], batch: Sequence[Article]) -> list[_L | Refusal | _Failed | None]:
        if not batch:
            return []
        try:
            answers = list(annotator.annotate(batch))
        except MemoryError:
            raise
        except Exception as error:
            if len(batch) > 1:  # one of them, and only that one, is to blame
                return [answer for article in batch for answer in self._asked(annotator, [article])]
            return [self._failed(annotator, batch[0], error)]
        if len(answers) == len(batch):
            return [*answers]
        if len(batch) > 1:
            return [answer for article in batch for answer in self._asked(annotator, [article])]
        _log.error("%s/%s: %d answers for one article: %s", self.name, annotator.name, len(answers), batch[0].uri)
        return [_Failed(f"{len(answers)} answers for one article")]

    def _layer(self, seat: Seat, answer: Any, article: Article) -> Layer | Refusal | _Failed | None:
        if answer is None or isinstance(answer, Refusal | _Failed):
            return answer
        annotator = seat.annotator
        try:
            json = annotator.to_json(answer)
            if not seat.ours:  # what cannot be written is found here, and so is what is too large
                data = orjson.dumps(json)
                if len(data) > MAX_LAYER_BYTES:
                    _log.error("%s/%s: a layer of %d bytes: %s", self.name, annotator.name, len(data), article.uri)
                    return _Failed(f"a layer of {len(data)} bytes, at most {MAX_LAYER_BYTES}")
                json = orjson.loads(data)
            ninjs, labels, flags = (getattr(annotator, name, None) for name in ("ninjs", "labels", "flags"))
            return Layer(
                json=json,
                objects=answer,
                ninjs=ninjs(answer) if ninjs else {},
                labels=frozenset(labels(json)) if labels else frozenset(),
                flags=tuple(flags(answer)) if flags and seat.ours else (),
            )
        except MemoryError:
            raise
        except Exception as error:
            return self._failed(annotator, article, error)

    def _failed(self, annotator: Annotator[Any], article: Article, error: Exception) -> _Failed:
        log_exception(_log, error, "%s/%s: %s", self.name, annotator.name, article.uri)
        return _Failed(type(error).__name__)

    def _written(
        self, seat: Seat, article: Article, found: Layer | Refusal | _Failed | None, started: float, spent: float
    ) -> Article | Refusal:
        if isinstance(found, Refusal):
            return found
        if isinstance(found, _Failed) and seat.required:
            return Refusal(stage=self.name, reason=Reason.STAGE_ERROR, error=found.why[:200], uri=article.uri)
        status: Status = "fallback" if self.fallback and seat.ours else "ok"
        if found is None or isinstance(found, _Failed):
            status = "skipped" if found is None else "failed"
        run = StageRun(
            stage=self.name,
            component=_component(seat, article),
            status=status,
            started_at=round(started, 3),
            duration_ms=round(spent, 3),
        )
        return article.written(run, layers={seat.annotator.name: found} if isinstance(found, Layer) else None)


def _component(seat: Seat, article: Article) -> Component:
    """What of the annotator worked for the article: no more goes into its fingerprint."""
    chosen: Callable[[Article], Component] | None = getattr(seat.annotator, "component_for", None)
    return chosen(article) if chosen and seat.ours else seat.annotator.component


def _covers(annotator: Annotator[Any], article: Article) -> bool:
    """Whether the article's language and layers are what the annotator is for; a cancellation may have no text."""
    if article.editorial.canceled and not article.text.value:
        return False
    tag = article.text.language.tag.split("-")[0].lower()
    spoken = annotator.languages is None or tag in annotator.languages
    return spoken and all(name in article.layers for name in annotator.requires)
