"""`copydesk worker` as a process of its own, as an operator runs it: started, watched, asked, killed."""

from __future__ import annotations

import asyncio
import ctypes
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from tests.integration.ledger import Counts

ROOT = Path(__file__).resolve().parents[2]


def die_with_parent() -> None:
    """A test run that is killed leaves no workers behind."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def clean_environment(settings: Mapping[str, str]) -> dict[str, str]:
    """This process's environment without its COPYDESK_*, and these settings."""
    return {k: v for k, v in os.environ.items() if not k.startswith("COPYDESK_")} | dict(settings)  # noqa: TID251


async def command(*args: str, settings: Mapping[str, str], within: float = 60.0) -> tuple[int, str, str]:
    """Run `copydesk ARGS` to its end: exit code, stdout, stderr."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "agents",
        *args,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=clean_environment(settings),
        cwd=ROOT,
    )
    try:
        out, err = await asyncio.wait_for(process.communicate(), within)
    except TimeoutError:
        process.kill()
        await process.communicate()
        raise
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


async def until(condition: Callable[[], bool], within: float) -> bool:
    """Wait until it holds, at most `within` seconds; whether it does."""
    deadline = time.monotonic() + within
    while not (holds := condition()) and time.monotonic() < deadline:  # noqa: ASYNC110  processes have no events
        await asyncio.sleep(0.05)
    return holds


class Worker:
    """One child process; it can be started again after it ended."""

    def __init__(
        self,
        name: str,
        settings: Mapping[str, str],
        *,
        folder: Path,
        port: int,
        args: Sequence[str] = (),
        program: Sequence[str] = ("-m", "agents", "worker"),
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.name = name
        self.port = port
        self.starts = 0
        self.output = folder / f"{name}.log"
        self._environment = clean_environment(settings) | {"COPYDESK_WEB_PORT": str(port)} | dict(environment or {})
        self._command = [sys.executable, *program, *args]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The process id, None if it does not run."""
        return self._process.pid if self._process and self._process.poll() is None else None

    @property
    def exit_code(self) -> int | None:
        """How it ended, None if it runs or never ran."""
        return self._process.poll() if self._process else None

    @property
    def log(self) -> str:
        """Everything it wrote, over all starts."""
        return self.output.read_text(errors="replace") if self.output.exists() else ""

    def start(self) -> None:
        """Start it and return at once. Not from a thread: the process dies with the thread that made it."""
        assert self.pid is None
        self.starts += 1
        with self.output.open("ab") as output:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=self._environment,
                cwd=ROOT,
                start_new_session=True,
                preexec_fn=die_with_parent,
            )

    async def ready(self, within: float = 30.0) -> float:
        """Wait until /readyz says so; seconds it took. Fails where the process ends or the time is up."""
        began = time.monotonic()
        while time.monotonic() - began < within:
            assert self.pid is not None, f"{self.name} ended with {self.exit_code}:\n{self.log[-3000:]}"
            status, _ = await self.page("/readyz")
            if status == 200:
                return time.monotonic() - began
            await asyncio.sleep(0.05)
        raise AssertionError(f"{self.name} not ready in {within:g} s: {await self.page('/readyz')}\n{self.log[-3000:]}")

    async def page(self, path: str) -> tuple[int | None, str]:
        """Status and text of one of its pages; None if nothing answers."""
        return await asyncio.to_thread(_get, f"http://127.0.0.1:{self.port}{path}")

    async def problems(self) -> list[str]:
        """What /readyz says is wrong."""
        status, text = await self.page("/readyz")
        return ["no answer"] if status is None else list(json.loads(text)["problems"])

    async def metrics(self) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
        """Every sample of /metrics, by name and sorted labels."""
        _, text = await self.page("/metrics")
        families = text_string_to_metric_families(text)
        return {(s.name, tuple(sorted(s.labels.items()))): s.value for family in families for s in family.samples}

    async def counts(self, outputs: Mapping[str, str], *, within: float = 10.0) -> list[Counts]:
        """Its counters, stage by stage, when each input has its outcome; as they are if that takes longer.

        `outputs` is each stage's topic, so that routes do not count twice. A record can be read in its topic before the
        worker has counted it: it counts a batch when the last of it is acknowledged.
        """
        deadline = time.monotonic() + within
        while True:
            found = await self._counts(outputs)
            if all(c.consumed == c.produced + c.dead_letters for c in found) or time.monotonic() > deadline:
                return found
            await asyncio.sleep(0.1)

    async def _counts(self, outputs: Mapping[str, str]) -> list[Counts]:
        found: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for (name, labels), value in (await self.metrics()).items():
            at = dict(labels)
            if name == "copydesk_records_produced_total" and at["topic"] != outputs.get(at["stage"]):
                continue
            if name.endswith("_total") and "stage" in at:
                found[at["stage"]][name] += int(value)
        return [
            Counts(
                worker=self.name,
                stage=stage,
                consumed=values["copydesk_records_consumed_total"],
                produced=values["copydesk_records_produced_total"],
                dead_letters=values["copydesk_dead_letters_total"],
            )
            for stage, values in found.items()
        ]

    def signal(self, number: int) -> None:
        """Send it a signal, if it runs."""
        if self.pid:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """SIGKILL, as the kernel's OOM killer or a power cut would."""
        if self._process and self.pid:
            self._process.kill()
            self._process.wait()

    async def terminate(self, within: float = 20.0) -> tuple[int, float]:
        """SIGTERM, and wait: exit code, and seconds it took. Killed, and an error, where it takes longer."""
        assert self._process is not None
        began = time.monotonic()
        self.signal(signal.SIGTERM)
        return await self.ended(within), time.monotonic() - began

    async def ended(self, within: float = 20.0) -> int:
        """Wait until it ends by itself; its exit code."""
        assert self._process is not None
        deadline = time.monotonic() + within
        while (code := self._process.poll()) is None:
            if time.monotonic() > deadline:
                self.kill()
                raise AssertionError(f"{self.name} did not end in {within:g} s:\n{self.log[-3000:]}")
            await asyncio.sleep(0.02)
        return code

    def children(self) -> list[int]:
        """Its child processes (spawned by the pool), oldest first."""
        return [pid for pid in _children(self.pid) if b"resource_tracker" not in _read(f"/proc/{pid}/cmdline")]

    def memory(self) -> float:
        """Resident memory of the parent process in MiB."""
        return _memory([self.pid] if self.pid else [])

    def memory_of_all(self) -> float:
        """Resident memory of the parent and its children in MiB."""
        return _memory([self.pid, *_children(self.pid)] if self.pid else [])


def _get(url: str) -> tuple[int | None, str]:
    try:
        with urllib.request.urlopen(url, timeout=2.0) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError:
        return None, ""


def _read(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError:
        return b""


def _children(pid: int | None) -> list[int]:
    if pid is None:
        return []
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return sorted(int(child) for task in tasks for child in _read(str(task)).split())


def environments(pid: int | None) -> list[bytes]:
    """What each process below this one was started with, as the kernel tells it."""
    return [environment_of(child) for child in _descendants(pid)]


def environment_of(pid: int) -> bytes:
    """What a process was started with."""
    return _read(f"/proc/{pid}/environ")


def _descendants(pid: int | None) -> list[int]:
    return [below for child in _children(pid) for below in (child, *_descendants(child))]


def _memory(pids: Iterable[int]) -> float:
    lines = (line for pid in pids for line in _read(f"/proc/{pid}/status").splitlines())
    return sum(int(line.split()[1]) for line in lines if line.startswith(b"VmRSS:")) / 1024
