"""Whether the worker processes articles: what is assigned, in flight and done, and what keeps it from being ready.

/readyz, the lag metrics and the stall watchdog read this state. Times are seconds of the injected clock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

TopicPartition = tuple[str, int]


@dataclass
class _Progress:
    next: int | None = None  # the first offset that is not answered
    taken: dict[int, float | None] = field(default_factory=dict)  # offset -> timestamp of records in work


class Health:
    """One worker's state. `clock` counts up and never back."""

    def __init__(self, *, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._partitions: dict[TopicPartition, _Progress] = {}
        self._blocked: dict[str, str] = {}
        self._moved = clock()
        self.models_loaded = False
        self.joined = False
        self.broker_reachable = False
        self.stalled = False

    def assigned(self, partitions: Iterable[TopicPartition]) -> None:
        """The partitions this worker has now; what it knew of others is forgotten."""
        self._partitions = {tp: self._partitions.get(tp, _Progress()) for tp in partitions}
        self.joined = True
        self._moved = self._clock()

    def taken(self, topic: str, partition: int, offset: int, timestamp: float | None) -> None:
        """A record is in work; `timestamp` is the broker's, in seconds since the epoch."""
        self._partitions.setdefault((topic, partition), _Progress()).taken[offset] = timestamp

    def answered(self, topic: str, partition: int, offset: int) -> None:
        """The broker has what became of a record, and the record is acknowledged."""
        progress = self._partitions.setdefault((topic, partition), _Progress())
        progress.taken.pop(offset, None)
        progress.next = offset + 1
        self._moved = self._clock()

    def next_offset(self, partition: TopicPartition) -> int | None:
        """The first offset that is not done, if this worker has done any."""
        progress = self._partitions.get(partition)
        return progress.next if progress else None

    def oldest(self, partition: TopicPartition) -> float | None:
        """The timestamp of the first record in work."""
        progress = self._partitions.get(partition)
        stamps = [stamp for stamp in progress.taken.values() if stamp is not None] if progress else []
        return min(stamps, default=None)

    def progress(self) -> None:
        """A part of a batch is done: the worker is not stalled, however long the rest takes."""
        self._moved = self._clock()

    def idle_for(self) -> float:
        """Seconds since the last batch, or part of one, was done, or since the partitions were assigned."""
        return self._clock() - self._moved

    def nothing_waits(self) -> None:
        """There is no lag: being idle is no stall."""
        self._moved = self._clock()

    def blocked(self, stage: str, why: str) -> None:
        """A stage cannot go on."""
        self._blocked[stage] = why

    def unblocked(self, stage: str) -> None:
        """It can again."""
        self._blocked.pop(stage, None)

    def problems(self) -> list[str]:
        """Why this worker is not ready; empty if it is."""
        found = [f"{stage}: {why}" for stage, why in self._blocked.items()]
        if not self.models_loaded:
            found.append("models are not loaded")
        if not self.joined:
            found.append("not yet a member of the consumer group")
        elif not self.broker_reachable:
            found.append("the broker does not answer")
        if self.stalled:
            found.append("articles wait and none is processed")
        return found
