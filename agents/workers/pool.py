"""The parent's side of the child processes, which do all the CPU work within a limit on time and memory.

Processes are spawned, not forked. If a batch fails, its articles are tried again one by one, so that only the culprit
is refused. An article on which an annotator of another package hangs or crashes is tried once more without such
annotators.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from multiprocessing.context import SpawnContext, SpawnProcess

from pebble import ProcessExpired, ProcessPool

from agents.monitoring import logs
from agents.monitoring.metrics import Metrics
from agents.settings import forget_environment
from agents.workers import child
from agents.workers.answers import Answer, Job, Loaded, Loader
from pipeline.errors import CopydeskError, Reason, Refusal
from pipeline.stages import Options, load

_CHUNK_BYTES = 1_000_000
_START_SECONDS = 120.0  # for a process to start and load its models
_TAKE_SECONDS = 10.0  # for a process that is there to take a task
_ATTEMPTS = 3


Progress = Callable[[], None]


def _nothing() -> None:
    """Nobody wants to know the progress."""


class PoolError(CopydeskError):
    """No child process can be kept alive: the worker stops, and nothing is acknowledged."""


class _Process(SpawnProcess):
    """A child process that ends when it is told to: it ignores SIGTERM, which may come from a service manager."""

    def terminate(self) -> None:
        self.kill()


class _Spawn(SpawnContext):
    Process = _Process


class Pool:
    """Child processes for some stages. `time_limit` in seconds a task, `memory_limit` in MiB a process.

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
        self._ready: set[ProcessPool] = set()  # those that are known to have loaded their models
        self._free: asyncio.Queue[ProcessPool] = asyncio.Queue()

    async def start(self) -> list[Loaded]:
        """Start every process and load its models. Raises ModelError if a model cannot be loaded."""
        try:
            started = [self._new() for _ in range(self._size)]
            greetings = [process.schedule(child.hello, timeout=_START_SECONDS) for process in started]
        except (OSError, RuntimeError) as error:  # no more processes, memory or open files
            why = getattr(error.__cause__ or error, "strerror", None) or type(error).__name__
            raise PoolError(f"{self._size} child processes cannot be started: {why}") from None
        loaded = await asyncio.gather(*map(asyncio.wrap_future, greetings))
        for process in started:
            self._free.put_nowait(process)
            self._ready.add(process)
        self._metrics.processes.set(self._size)
        return list(loaded[0])

    def _new(self) -> ProcessPool:
        forget_environment()  # a process inherits it, and whoever breaks into one could read a password there
        process = ProcessPool(max_workers=1, initializer=child.start, initargs=self._initargs, context=_Spawn())
        self._all.add(process)
        return process

    async def run(self, stage: str, jobs: Sequence[Job], *, progress: Progress = _nothing) -> list[Answer]:
        """An answer for each job, in order. `progress` is called whenever a part of them is answered.

        Raises ModelError if a process lost its model.
        """
        if not jobs:
            return []
        chunks = _chunks(jobs, self._size)
        answers = await asyncio.gather(*(self.whole(stage, chunk, progress=progress) for chunk in chunks))
        return [answer for chunk in answers for answer in chunk]

    async def whole(self, stage: str, jobs: Sequence[Job], *, progress: Progress = _nothing) -> list[Answer]:
        """As `run`, in one process: for who keeps the others busy with other batches."""
        if not jobs:
            return []
        answers = await self._attempt(stage, jobs)
        progress()
        if isinstance(answers, list):
            return answers
        if len(jobs) == 1 and answers.reason is not Reason.CRASHED:
            # Its own doing beyond doubt; a process that ended may have been ended by somebody else.
            return [await self._without_others(stage, jobs[0], answers)]
        self._metrics.retries.labels(stage, answers.reason).inc()
        alone: list[Answer] = []
        for job in jobs:
            one = await self._attempt(stage, [job])
            alone.append(one[0] if isinstance(one, list) else await self._without_others(stage, job, one))
            progress()
        return alone

    async def _without_others(self, stage: str, job: Job, refusal: Refusal) -> Answer:
        """The article once more without annotators of others, which cost their layer alone; refused if that fails.

        Of a cancellation nothing is computed then: it comes through.
        """
        if refusal.reason in (Reason.TIMEOUT, Reason.CRASHED, Reason.OUT_OF_MEMORY):
            answers = await self._attempt(stage, [job], leave_out=True)
            if isinstance(answers, list) and answers:
                return answers[0]
        return Answer(refusal=refusal)

    async def _attempt(self, stage: str, jobs: Sequence[Job], *, leave_out: bool = False) -> list[Answer] | Refusal:
        """The answers, or why there are none. A process that was gone before it took the task is no reason.

        With `leave_out` there are none if the stage has no annotators to leave out.
        """
        for _ in range(_ATTEMPTS):
            process = await self._free.get()
            try:
                future = process.schedule(child.work, args=[stage, list(jobs), leave_out], timeout=self._time_limit)
                task = asyncio.wrap_future(future)
                # pebble counts from when the task is taken: one that is never taken is found here.
                patience = _TAKE_SECONDS if process in self._ready else _START_SECONDS
                self._ready.discard(process)
                await asyncio.wait([task], timeout=self._time_limit + patience)
                if not task.done():
                    raise RuntimeError("the task was not taken")
                answers = task.result()
                self._ready.add(process)
            except TimeoutError:
                self._metrics.restarts.labels("timeout").inc()
                error = f"longer than {self._time_limit:g} s"
                return Refusal(stage=stage, reason=Reason.TIMEOUT, error=error)
            except ProcessExpired as expired:
                self._metrics.restarts.labels("crash").inc()
                error = f"the child process ended with exit code {expired.exitcode}"
                return Refusal(stage=stage, reason=Reason.CRASHED, error=error)
            except MemoryError:
                error = "more memory than a child process may have"
                return Refusal(stage=stage, reason=Reason.OUT_OF_MEMORY, error=error)
            except RuntimeError:  # pebble's words for a pool whose process is gone
                self._metrics.restarts.labels("crash").inc()
                self._end(process)
                process = self._new()
            else:
                if isinstance(answers, str):
                    return Refusal(stage=stage, reason=Reason.STAGE_ERROR, error=answers)
                return list(answers or ())
            finally:
                self._free.put_nowait(process)
        raise PoolError(f"child processes ended before they took a task, {_ATTEMPTS} times in a row")

    def _end(self, process: ProcessPool) -> None:
        self._all.discard(process)
        self._ready.discard(process)
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
    """An equal share for each process, split if its articles are so large that it would take long."""
    share = -(-len(jobs) // processes)
    chunks, start, size = [], 0, 0
    for i, (value, _) in enumerate(jobs):
        if i > start and (i - start == share or size + len(value) > _CHUNK_BYTES):
            chunks.append(jobs[start:i])
            start, size = i, 0
        size += len(value)
    return [*chunks, jobs[start:]]
