"""Worker processes: all CPU work, with a limit on time and memory, and a crash that costs one article, not the batch.

Processes are spawned, not forked; they ignore SIGINT and SIGTERM (the parent ends them) and die with their parent.
A batch that fails goes again one by one, so that only the culprit is refused.
"""

from __future__ import annotations

import asyncio
import gc
import os
import resource
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.context import SpawnContext, SpawnProcess
from typing import Any

from pebble import ProcessExpired, ProcessPool

from agents.kafka.messages import MAX_COPY_BYTES
from agents.monitoring import logs
from agents.monitoring.metrics import Metrics
from agents.settings import forget_environment
from agents.workers.lifetime import end_with_parent
from pipeline.article import Article, Component, Origin
from pipeline.contracts import Stage
from pipeline.errors import CopydeskError, ModelError, Reason, Refusal
from pipeline.stages import FIRST, LAST, Hop, Options, Produced, load, row

_ONE_THREAD = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "BLIS_NUM_THREADS",
)

_CHUNK_BYTES = 1_000_000
_START_SECONDS = 120.0  # for a process to start and load its models
_ATTEMPTS = 3

# Extraction and language identification load what they need on their first page: let it not be a reader's.
_FIRST_PAGE = (
    b'{"html": "<html><body><article><p>The first page of a worker process is this one.</p></article></body>"}'
)

Job = tuple[bytes, Origin | None]
Loader = Callable[[str, Options], Stage[Any, Article]]  # called in the worker process, so it must be importable there


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the parent needs of an article that came through, for headers, routes and metrics."""

    id: str  # recordId, or its equivalent of an earlier state
    uri: str
    labels: frozenset[str] = frozenset()  # what routes can name: medtop codes, entity:, language:, source:
    removed: tuple[str, ...] = ()  # rules
    entities: int | None = None
    subject_confidence: float | None = None
    unclassified: bool = False
    unknown_fields: int = 0
    layers: tuple[tuple[str, str], ...] = ()  # (component, status) of what ran in this hop


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One article's outcome: bytes and facts, or a refusal."""

    value: bytes = b""
    facts: Facts | None = None
    refusal: Refusal | None = None
    milliseconds: float = 0.0
    kept_bytes: int = MAX_COPY_BYTES  # of a refused article's own bytes, in its dead letter


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What a worker process has loaded for one stage."""

    stage: str
    components: tuple[Component, ...]
    fallback: bool


class PoolError(CopydeskError):
    """No worker process can be kept alive: the worker stops, and nothing is acknowledged."""


class _Process(SpawnProcess):
    """A worker process that ends when it is told to: it ignores SIGTERM, which may come from a service manager."""

    def terminate(self) -> None:
        self.kill()


class _Spawn(SpawnContext):
    Process = _Process


class Pool:
    """Worker processes for some stages. `time_limit` in seconds a task, `memory_limit` in MiB a process.

    Each process is a pebble pool of its own: they share no queue and no lock, so one that is killed, at work or idle,
    takes nothing with it, and a task's time is its own.
    """

    def __init__(
        self,
        *,
        stages: Sequence[str],
        options: Options,
        processes: int,
        time_limit: float,
        memory_limit: int,
        metrics: Metrics | None = None,
        loader: Loader = load,
    ) -> None:
        self._size = processes
        self._time_limit = time_limit
        self._metrics = metrics or Metrics()
        self._initargs = [tuple(stages), options, memory_limit, loader, logs.for_children()]
        self._all: set[ProcessPool] = set()
        self._free: asyncio.Queue[ProcessPool] = asyncio.Queue()

    async def start(self) -> list[Loaded]:
        """Start every process and load its models. Raises ModelError where a model cannot be loaded."""
        try:
            started = [self._new() for _ in range(self._size)]
            greetings = [process.schedule(_hello, timeout=_START_SECONDS) for process in started]
        except (OSError, RuntimeError) as error:  # no more processes, memory or open files
            why = getattr(error.__cause__ or error, "strerror", None) or type(error).__name__
            raise PoolError(f"{self._size} worker processes cannot be started: {why}") from None
        loaded = await asyncio.gather(*map(asyncio.wrap_future, greetings))
        for process in started:
            self._free.put_nowait(process)
        self._metrics.processes.set(self._size)
        return list(loaded[0])

    def _new(self) -> ProcessPool:
        forget_environment()  # a process inherits it, and whoever breaks into one could read a password there
        process = ProcessPool(max_workers=1, initializer=_start, initargs=self._initargs, context=_Spawn())
        self._all.add(process)
        return process

    async def run(self, stage: str, jobs: Sequence[Job]) -> list[Answer]:
        """An answer for each job, in order. Raises ModelError where a process lost its model."""
        if not jobs:
            return []
        answers = await asyncio.gather(*(self.whole(stage, chunk) for chunk in _chunks(jobs, self._size)))
        return [answer for chunk in answers for answer in chunk]

    async def whole(self, stage: str, jobs: Sequence[Job]) -> list[Answer]:
        """As `run`, in one process: for who keeps the others busy with other batches."""
        if not jobs:
            return []
        answers = await self._attempt(stage, jobs)
        if not isinstance(answers, Refusal):
            return answers
        # Alone already, and its own doing beyond doubt; a process that ended may have been ended by somebody else.
        if len(jobs) == 1 and answers.reason is not Reason.CRASHED:
            return [Answer(refusal=answers)]
        self._metrics.retries.labels(stage, answers.reason).inc()
        alone = [await self._attempt(stage, [job]) for job in jobs]
        return [Answer(refusal=one) if isinstance(one, Refusal) else one[0] for one in alone]

    async def _attempt(self, stage: str, jobs: Sequence[Job]) -> list[Answer] | Refusal:
        """The answers, or why there are none. A process that was gone before it took the task is no reason."""
        for _ in range(_ATTEMPTS):
            process = await self._free.get()
            try:
                future = process.schedule(_work, args=[stage, list(jobs)], timeout=self._time_limit)
                task = asyncio.wrap_future(future)
                # pebble counts from when the task is taken: one that is never taken is found here.
                await asyncio.wait([task], timeout=self._time_limit + _START_SECONDS)
                if not task.done():
                    raise RuntimeError("the task was not taken")
                answers = task.result()
            except TimeoutError:
                self._metrics.restarts.labels("timeout").inc()
                error = f"longer than {self._time_limit:g} s"
                return Refusal(stage=stage, reason=Reason.TIMEOUT, error=error)
            except ProcessExpired as expired:
                self._metrics.restarts.labels("crash").inc()
                error = f"the worker process ended with {expired.exitcode}"
                return Refusal(stage=stage, reason=Reason.CRASHED, error=error)
            except MemoryError:
                error = "more memory than a worker process may have"
                return Refusal(stage=stage, reason=Reason.OUT_OF_MEMORY, error=error)
            except RuntimeError:  # pebble's words for a pool whose process is gone
                self._metrics.restarts.labels("crash").inc()
                self._end(process)
                process = self._new()
            else:
                if isinstance(answers, str):
                    return Refusal(stage=stage, reason=Reason.STAGE_ERROR, error=answers)
                return list(answers)
            finally:
                self._free.put_nowait(process)
        raise PoolError(f"worker processes end before they take a task, {_ATTEMPTS} times in a row")

    def _end(self, process: ProcessPool) -> None:
        self._all.discard(process)
        process.stop()

    async def stop(self) -> None:
        """End every process, at once."""
        ending = list(self._all)
        self.kill()
        for process in ending:
            await asyncio.to_thread(process.join, 5)

    def kill(self) -> None:
        """End every process without waiting for it."""
        for process in list(self._all):
            self._end(process)


def _chunks(jobs: Sequence[Job], processes: int) -> list[Sequence[Job]]:
    """An equal share for each process, cut where the articles are so large that a share would take long."""
    share = -(-len(jobs) // processes)
    chunks, start, size = [], 0, 0
    for i, (value, _) in enumerate(jobs):
        if i > start and (i - start == share or size + len(value) > _CHUNK_BYTES):
            chunks.append(jobs[start:i])
            start, size = i, 0
        size += len(value)
    return [*chunks, jobs[start:]]


# What runs in a worker process.

_hops: dict[str, Hop] = {}
_problem: ModelError | None = None


def _start(stages: Sequence[str], options: Options, memory_limit: int, loader: Loader, log: Mapping[str, str]) -> None:
    global _problem
    logs.configure(**log)  # what a library says in here passes the same checks
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    end_with_parent(signal.SIGKILL)
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_DATA, (memory_limit << 20, memory_limit << 20))
    for name in _ONE_THREAD:  # one process per core: more BLAS threads only get in each other's way
        os.environ[name] = "1"  # noqa: TID251  read by NumPy's BLAS when a stage is loaded below
    for stage in stages:
        try:
            _hops[stage] = Hop(loader(stage, options), clock=time.time)
            if stage == FIRST:
                _hops[stage].run([(_FIRST_PAGE, None)])
        except ModelError as error:
            _problem = error  # told by the first task: an exception here would only end the process
        except Exception as error:  # a broken installation, say: one line here too
            _problem = ModelError(f"the {stage} stage cannot be loaded: {type(error).__name__}: {error}")
    gc.freeze()  # models and tables live as long as the process: the collector need not look at them again and again


def _hello() -> list[Loaded]:
    if _problem:
        raise _problem
    return [
        Loaded(stage=name, components=hop.stage.components, fallback=hop.stage.fallback) for name, hop in _hops.items()
    ]


def _work(stage: str, jobs: Sequence[Job]) -> list[Answer] | str:
    """The answers, or the name of the exception that an article caused: the parent takes any other for its own."""
    if _problem:
        raise _problem
    try:
        outcomes = _hops[stage].run(jobs)
    except (MemoryError, ModelError):
        raise
    except Exception as error:
        return type(error).__name__
    return [
        Answer(value=outcome.value, facts=facts(outcome, stage), milliseconds=outcome.milliseconds)
        if isinstance(outcome, Produced)
        else Answer(refusal=outcome)
        for outcome in outcomes
    ]


def facts(outcome: Produced, stage: str) -> Facts:
    """What headers, routes and metrics need of an article, after that stage."""
    article, layers = outcome.article, row(stage).layers
    found: dict[str, Any] = {
        "uri": article.uri,
        "id": outcome.id,
        "unknown_fields": outcome.unknown_fields,
        "layers": tuple((run.component.name, run.status) for run in article.runs if run.stage == stage),
    }
    if stage == FIRST:
        found["removed"] = tuple(removed.rule for removed in article.text.removed)
    if "entities" in layers and (entities := article.layers.get("entities")):
        found["entities"] = len(entities.json)
    if "subjects" in layers and (subjects := article.layers.get("subjects")):
        found["subject_confidence"] = subjects.json[0]["confidence"] if subjects.json else None
        found["unclassified"] = not subjects.json
    if stage == LAST:
        labels = {label for layer in article.layers.values() for label in layer.labels}
        labels |= {f"language:{article.text.language.tag}".casefold(), f"source:{article.meta.source or ''}".casefold()}
        found["labels"] = frozenset(labels)
    return Facts(**found)
