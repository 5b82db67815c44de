"""The ledger: what must hold of a run, over the coordinates of raw messages. docs/reliability.md tells it in words.

    L1  every acked input has an answer: an enriched record or a dead letter
    L2  every answer belongs to an input that was fed
    L3  no input has both
    L4  copies beyond the first: no more than the fault allows
    L5  copies are equal, times aside
    L6  inputs of one key are answered in their order, and the last copy is of the last input; dead letters in each
        partition, as they bear another key
    L7  the committed offset never falls, never passes an unanswered record, and meets the high watermark at drain
    L8  the broker still holds what it acked (else the run says nothing about us)
    L9  each worker's counters agree: consumed = produced + dead letters, stage by stage
    L10 a take-down (no value) comes out as one, under the uri of its key, on every topic; nothing else does

Pure functions of collected facts; tests/unit/test_ledger.py shows each law turning red. Coordinates, not ids: an id is
made by the program under test, a coordinate by the broker.
"""

from __future__ import annotations

import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple


class Coordinates(NamedTuple):
    """Where a message lies."""

    topic: str
    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.topic}:{self.partition}:{self.offset}"


class Place(NamedTuple):
    """A topic's partition."""

    topic: str
    partition: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message as it was read: where it lies, which raw message it answers, and what its copies must share."""

    at: Coordinates
    origin: Coordinates
    digest: str = ""
    key: bytes | None = None
    stage: str | None = None  # of a dead letter: which stage refused it
    null: bool = False  # no value: a take-down


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """The group's committed offsets, and after them the ends of all topics: an answer below its end was there."""

    committed: Mapping[Place, int]
    ends: Mapping[Place, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """One worker's counters of one stage, read when it was idle."""

    worker: str
    stage: str
    consumed: int
    produced: int
    dead_letters: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything collected about a run. `stages` names each stage's input and output topic, in order."""

    acked: frozenset[Coordinates]
    raw: tuple[Message, ...]
    stages: Mapping[str, tuple[str, str]]  # {"cleaning": ("articles.raw", "articles.cleaned"), ...}
    between: Mapping[str, tuple[Message, ...]] = field(default_factory=dict)  # cleaned and annotated, by topic
    enriched: tuple[Message, ...]
    dead_letters: tuple[Message, ...]
    samples: tuple[Sample, ...] = ()
    drained: Sample | None = None  # at the end; its `ends` are the high watermarks
    counts: tuple[Counts, ...] = ()
    allowed_duplicates: int = 0

    @property
    def answers(self) -> tuple[Message, ...]:
        """Enriched records and dead letters."""
        return (*self.enriched, *self.dead_letters)

    @property
    def lost(self) -> set[Coordinates]:
        """Acked and not answered."""
        return self.acked - {m.origin for m in self.answers}

    @property
    def both(self) -> set[Coordinates]:
        """Enriched and refused."""
        return {m.origin for m in self.enriched} & {m.origin for m in self.dead_letters}

    @property
    def duplicates(self) -> int:
        """Answers beyond the first of each input."""
        return len(self.answers) - len({m.origin for m in self.answers})


def allowed_duplicates(*, rate: float, faults: int, stages: int = 3, commit: float = 1.0, batch: int = 64) -> int:
    """What L4 allows: each fault may repeat, at each stage it hits, a commit interval of articles and one batch."""
    return int(faults * stages * (rate * commit + batch))


def _answered(facts: Facts) -> Iterable[str]:
    for lost in sorted(facts.lost):
        yield f"{lost} was acked and has no answer"


def _fed(facts: Facts) -> Iterable[str]:
    fed = {m.at for m in facts.raw}
    for message in facts.answers:
        if message.origin not in fed:
            yield f"{message.at} answers {message.origin}, which was not fed"


def _one_verdict(facts: Facts) -> Iterable[str]:
    for both in sorted(facts.both):
        yield f"{both} is enriched and refused"


def _few_duplicates(facts: Facts) -> Iterable[str]:
    if facts.duplicates > facts.allowed_duplicates:
        yield f"{facts.duplicates} duplicates, {facts.allowed_duplicates} allowed"


def _equal_copies(facts: Facts) -> Iterable[str]:
    first: dict[Coordinates, Message] = {}
    for message in facts.answers:
        other = first.setdefault(message.origin, message)
        if other.digest != message.digest:
            yield f"{message.at} and {other.at} both answer {message.origin} and differ"


def _ordered(facts: Facts) -> Iterable[str]:
    keys = {m.at: m.key for m in facts.raw}
    for topic, one_partition in ((facts.enriched, True), (facts.dead_letters, False)):
        # A dead letter's key is its source's coordinates: those of one article lie in any partition, in order in each.
        by_key: dict[tuple[bytes, int], list[Message]] = defaultdict(list)
        for message in sorted(topic, key=lambda m: m.at):
            key = keys.get(message.origin)
            if key is not None:
                by_key[key, 0 if one_partition else message.at.partition].append(message)
        for (key, _), messages in by_key.items():
            firsts = list(dict.fromkeys(m.origin for m in messages))
            if firsts != sorted(firsts):
                yield f"key {key[:60]!r}: {' '.join(map(str, firsts))} out of order"
            if messages[-1].origin != max(firsts):
                yield f"key {key[:60]!r}: the last copy is of {messages[-1].origin}, the last input is {max(firsts)}"


def _commits(facts: Facts) -> Iterable[str]:
    samples = (*facts.samples, *([facts.drained] if facts.drained else []))
    last: dict[Place, int] = {}
    for sample in samples:
        # A partition that is not in a sample is not a fall: a coordinator that is loading does not say. The end must.
        for place, offset in sample.committed.items():
            if offset < last.get(place, 0):
                yield f"{place.topic}:{place.partition}: committed fell from {last[place]} to {offset}"
            last[place] = offset
    for stage, (source, output) in facts.stages.items():
        yield from _not_passed(facts, samples, stage, source, output)
    if facts.drained:
        sources = {source for source, _ in facts.stages.values()}
        for place, end in facts.drained.ends.items():
            if place.topic in sources and facts.drained.committed.get(place, 0) != end:
                yield f"{place.topic}:{place.partition}: committed {facts.drained.committed.get(place)}, end {end}"


def _not_passed(facts: Facts, samples: Iterable[Sample], stage: str, source: str, output: str) -> Iterable[str]:
    """No sample shows an offset committed whose record had no answer then."""
    inputs = facts.between.get(source, facts.raw if facts.raw and facts.raw[0].at.topic == source else ())
    outputs = facts.between.get(output, facts.enriched)
    answers: dict[Coordinates, list[Coordinates]] = defaultdict(list)
    for message in outputs:
        answers[message.origin].append(message.at)
    for message in facts.dead_letters:
        if message.stage in (stage, None):
            answers[message.origin].append(message.at)
    waiting: dict[Place, list[Message]] = defaultdict(list)
    for message in sorted(inputs, key=lambda m: m.at, reverse=True):
        waiting[Place(*message.at[:2])].append(message)
    for sample in samples:  # the first sample that passed a record decides: later ones have later ends
        for place, queue in waiting.items():
            while queue and queue[-1].at.offset < sample.committed.get(place, 0):
                record = queue.pop()
                there = answers.get(record.origin, ())
                if not any(at.offset < sample.ends.get(Place(at.topic, at.partition), 0) for at in there):
                    yield f"{stage}: {record.at} was committed before it was answered"


def _kept(facts: Facts) -> Iterable[str]:
    for gone in sorted(facts.acked - {m.at for m in facts.raw}):
        yield f"the broker acked {gone} and does not have it"


def _counted(facts: Facts) -> Iterable[str]:
    for c in facts.counts:
        if c.consumed != c.produced + c.dead_letters:
            yield f"{c.worker} {c.stage}: consumed {c.consumed}, produced {c.produced} + dead letters {c.dead_letters}"


def _uris(key: bytes | None) -> set[bytes | None]:
    """A key that is a uri stands for itself, any other for a UUID of its text."""
    named = (key or b"").decode("utf-8", "replace").strip()
    return {key, f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, named)}".encode()}


def _taken_down(facts: Facts) -> Iterable[str]:
    fed = {m.at: m for m in facts.raw}
    for message in (*(m for topic in facts.between.values() for m in topic), *facts.enriched):
        origin = fed.get(message.origin)
        if origin is None:
            continue  # L2's
        if message.null != origin.null:
            yield f"{message.at} has {'no' if message.null else 'a'} value, {origin.at} has not the same"
        elif message.null and message.key not in _uris(origin.key):
            yield f"{message.at} takes down {message.key!r}, {origin.at} has the key {origin.key!r}"


LAWS: Mapping[str, Callable[[Facts], Iterable[str]]] = {
    "L1": _answered,
    "L2": _fed,
    "L3": _one_verdict,
    "L4": _few_duplicates,
    "L5": _equal_copies,
    "L6": _ordered,
    "L7": _commits,
    "L8": _kept,
    "L9": _counted,
    "L10": _taken_down,
}


def broken(facts: Facts) -> dict[str, list[str]]:
    """The laws that do not hold, each with what was found (at most twenty lines); empty if all hold."""
    found = {law: list(check(facts)) for law, check in LAWS.items()}
    return {law: lines[:20] for law, lines in found.items() if lines}


def reasons(facts: Facts) -> Counter[str]:
    """Dead letters by the stage that refused, for a look at what happened."""
    return Counter(m.stage or "?" for m in facts.dead_letters)
