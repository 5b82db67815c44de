"""The whole pipeline in one process: what `copydesk enrich` and a notebook use.

An article is parsed once on its way in and serialised once on its way out; between its stages it stays an object.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pipeline import formats
from pipeline.article import Article, Origin, RawArticle
from pipeline.contracts import Stage
from pipeline.errors import InputRefused, Refusal
from pipeline.formats.field_names import FieldMap
from pipeline.stages import FIRST, LAST, STAGES, Clock, Options, Outcome, load, run, written


class Pipeline:
    """All stages, loaded. Raises ModelError if a model is missing or is not the one it says it is."""

    def __init__(
        self,
        options: Options | None = None,
        *,
        stages: Sequence[Stage[Any, Article]] = (),
        clock: Clock = lambda: 0.0,
    ) -> None:
        """`stages` are all of them, in order, if they are loaded already; of the options the rest counts then."""
        self.stages = list(stages) or [load(name, options or Options(), clock) for name in STAGES]
        self._clock = clock
        self._field_map = options.field_map if options else ()

    def run(self, raw: Sequence[bytes]) -> list[Outcome]:
        """Raw articles in, an enriched article or a Refusal for each out, in order."""
        return self.run_messages([(value, None) for value in raw])

    def run_messages(self, messages: Sequence[tuple[bytes, Origin | None]]) -> list[Outcome]:
        """As `run`, with where each article came from."""
        started = self._clock()
        read = [_read(value, origin, self._field_map) for value, origin in messages]
        answers: list[RawArticle | Article | Refusal] = [*read]
        for stage in self.stages:
            answers = [*run(stage, answers)]
        spent = max(0.0, self._clock() - started) * 1000 / max(1, len(messages))
        return [
            written(answer, before, LAST, milliseconds=spent) if isinstance(answer, Article) else _refusal(answer)
            for before, answer in zip(read, answers, strict=True)
        ]


def _read(value: bytes, origin: Origin | None, field_map: FieldMap) -> RawArticle | Refusal:
    try:
        return formats.decode_raw(value, origin=origin, field_map=field_map)
    except InputRefused as refused:
        return Refusal(stage=FIRST, reason=refused.reason, error=refused.error)


def _refusal(answer: RawArticle | Refusal) -> Refusal:
    assert isinstance(answer, Refusal)
    return answer
