"""`worker --supervise`: starts again what crashes, after a pause, and stops when it is told to."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from agents import supervisor
from tests.fakes import Clock

ROOT = Path(__file__).resolve().parents[2]
# A worker that exits with the codes it is given, one a start, and keeps count in a file.
WORKER = (
    "import sys, pathlib; log = pathlib.Path(sys.argv[1]); n = len(log.read_text()) if log.exists() else 0;"
    "log.write_text('x' * (n + 1)); sys.exit(int(sys.argv[2].split(',')[n]))"
)


@pytest.fixture(autouse=True)
def _signals() -> Iterator[None]:
    """The handlers of this process are put back."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize(
    ("codes", "starts", "ends"), [("0", 1, 0), ("2", 1, 2), ("1,1,0", 3, 0), ("1,2", 2, 2), ("-9,0", 2, 0)]
)
def test_a_crash_is_started_again(
    codes: str, starts: int, ends: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until it exits with 0, or with 2 because it was asked for wrongly."""
    monkeypatch.setattr(supervisor, "FIRST_PAUSE", 0.001)
    log = tmp_path / "starts"
    code = supervisor.supervise([str(log), codes], command=(sys.executable, "-c", WORKER), clock=Clock())
    assert (code, len(log.read_text())) == (ends, starts)


def test_the_pause_grows_to_a_minute() -> None:
    """1, 2, 4 ... 60: there is always one."""
    pauses = [supervisor.pause_after(crashes) for crashes in (1, 2, 3, 4, 5, 6, 7, 8, 1000)]
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_who_ran_long_begins_small_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A crash after two minutes is the first in a row."""
    counted: list[int] = []
    monkeypatch.setattr(supervisor, "pause_after", lambda crashes: counted.append(crashes) or 0.0)
    seconds = iter([0, 1, 2, 3, 4, 4 + supervisor.HEALTHY_SECONDS + 1, 200, 201])
    supervisor.supervise(
        [str(tmp_path / "starts"), "1,1,1,0"], command=(sys.executable, "-c", WORKER), clock=lambda: next(seconds)
    )
    assert counted == [1, 2, 1]


def started() -> subprocess.Popen[str]:
    """A supervisor in a process of its own, with a worker that is up and says so when it is told to stop."""
    worker = (
        "import signal, sys\n"
        "for number in (signal.SIGTERM, signal.SIGINT):\n"
        "    signal.signal(number, lambda *_: (print('told', flush=True), sys.exit(0)))\n"
        "print('up', flush=True)\n"
        "signal.pause()\n"
    )
    command = f"(sys.executable, '-c', {worker!r})"
    program = f"import sys; from agents.supervisor import supervise; sys.exit(supervise([], command={command}))"
    running = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert running.stdout
    assert running.stdout.readline() == "up\n"
    return running


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_is_handed_on(number: signal.Signals) -> None:
    """The worker gets it once, its exit code is the supervisor's, and it is not started again."""
    running = started()
    running.send_signal(number)
    rest, _ = running.communicate(timeout=20)
    assert (running.returncode, rest) == (0, "told\n")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent has ended")
def test_a_killed_supervisor_leaves_no_worker() -> None:
    """SIGKILL cannot be handed on: the kernel ends the worker, which stops in order."""
    running = started()
    running.kill()
    rest, _ = running.communicate(timeout=20)  # to the end of the pipe: the worker holds it open while it lives
    assert rest == "told\n"
