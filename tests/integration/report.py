"""One line for every fault that was tried, collected into the table that docs/reliability.md carries."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from agents.broker import kafka_version
from tests.integration.deployment import Deployment
from tests.integration.ledger import Coordinates, Facts, broken

_HEAD = (
    "| fault | acked | enriched | dead | lost | in both | duplicates (allowed) | longest silence | restarts | took |",
    "|---|---|---|---|---|---|---|---|---|---|",
)
_MARKS = ("<!-- ledger: written by make test-faults -->", "<!-- end of ledger -->")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What came of one fault."""

    fault: str
    facts: Facts
    silence: float
    restarts: int
    seconds: float
    note: str = ""

    def __str__(self) -> str:
        f = self.facts
        return (
            f"| {self.fault}{f' ({self.note})' if self.note else ''} | {len(f.acked)} "
            f"| {len({m.origin for m in f.enriched})} | {len({m.origin for m in f.dead_letters})} "
            f"| {len(f.lost)} | {len(f.both)} | {f.duplicates} ({f.allowed_duplicates}) "
            f"| {self.silence:.1f} s | {self.restarts} | {self.seconds:.0f} s |"
        )


class Ledger:
    """The rows of this session."""

    def __init__(self, path: Path | None = None) -> None:
        """With `path` the table is written there after every row: a run of half an hour may be broken off."""
        self.rows: list[Row] = []
        self._path = path

    async def close(
        self,
        fault: str,
        deployment: Deployment,
        facts: Facts,
        *,
        seconds: float,
        note: str = "",
        refused: set[Coordinates] | None = None,
    ) -> Row:
        """Enter a run's row, print it, and fail the test where a law is broken.

        Only what was fed broken may be refused, or what `refused` says: a fault makes no dead letters.
        """
        restarts = sum(max(0, worker.starts - 1) for worker in deployment.workers)
        row = Row(fault=fault, facts=facts, silence=deployment.silence(), restarts=restarts, seconds=seconds, note=note)
        self.rows.append(row)
        print(row)
        if self._path:
            self.write(self._path)
        red: dict[str, object] = dict(broken(facts))
        wrongly = {m.origin for m in facts.dead_letters} ^ (deployment.broken_at if refused is None else refused)
        if wrongly:
            which = [f"{at} {await deployment.refusals_of(at)}" for at in sorted(wrongly)[:5]]
            red["dead letters"] = f"{len(wrongly)} wrong: {which}; all: {dict(await deployment.verdicts())}"
        if red:
            print(*(f"--- {worker.name}\n{worker.log[-2000:]}" for worker in deployment.workers), sep="\n")
        assert not red, f"{fault}: {red}"
        return row

    def table(self) -> str:
        """Markdown, with what it was run on."""
        at = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
        on = (
            f"Run {at} on Apache Kafka {kafka_version()}, faust-streaming {version('faust-streaming')}, aiokafka "
            f"{version('aiokafka')}, Python {platform.python_version()}, {platform.machine()}, with the real models."
        )
        return "\n".join([on, "", *_HEAD, *map(str, self.rows)])

    def write(self, path: Path) -> None:
        """Write the table; between the marks where the file has them."""
        text = path.read_text() if path.exists() else ""
        start, end = (text.find(mark) for mark in _MARKS)
        if start >= 0 and end > start:
            text = f"{text[: start + len(_MARKS[0])]}\n{self.table()}\n{text[end:]}"
        else:
            text = self.table() + "\n"
        path.write_text(text)
