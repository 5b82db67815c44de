"""`copydesk demo` as a user runs it."""

from __future__ import annotations

import contextlib
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.worker import ROOT, clean_environment


@pytest.mark.parametrize(
    "stop",
    [None, *(pytest.param(one, marks=pytest.mark.slow) for one in (signal.SIGTERM, signal.SIGINT))],
)
def test_the_demo(stop: signal.Signals | None, tmp_path: Path) -> None:
    """Says what became of all 27 samples and exits 0; ended early or not, it leaves no process and no file behind."""
    running = subprocess.Popen(
        [sys.executable, "-m", "agents", "demo"], cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env=clean_environment({"TMPDIR": str(tmp_path), "PYTHONUNBUFFERED": "1"}), start_new_session=True,
    )  # fmt: skip
    assert running.stdout
    shown = running.stdout.readline()
    assert "not durable" in shown
    if stop:  # in the middle of it
        assert any("subjects" in text for text in running.stdout)
        running.send_signal(stop)
    rest, err = running.communicate(timeout=90)
    # Ctrl-C in the very moment in which the last record comes out finds a demo that is done.
    assert running.returncode in {None: {0}, signal.SIGTERM: {143}, signal.SIGINT: {130, 0}}[stop], err
    assert "Traceback" not in err
    if not stop:
        numbers = re.search(r"(\d+) enriched, (\d+) refused of 27 fed", rest)
        assert numbers, rest[-500:]
        assert int(numbers[1]) + int(numbers[2]) == 27
        assert int(numbers[1]) >= 24
        assert "lag of all partitions: 0" in rest
    assert not list(tmp_path.glob("copydesk-*"))
    assert processes_with(f"TMPDIR={tmp_path}") == []


def processes_with(variable: str) -> list[str]:
    """The processes of this machine that have this in their environment; none known where there is no /proc."""
    found = []
    for environment in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            if variable.encode() in environment.read_bytes().split(b"\0"):
                found.append((environment.parent / "cmdline").read_text().replace("\0", " "))
    return found
