"""One Apache Kafka process: its properties, its disk, and everything a test wants to do to it."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from jars import java, run_tool

STARTED = "Kafka Server started"
_PR_SET_PDEATHSIG = 1


def free_ports(count: int) -> list[int]:
    """Ports on loopback that nobody listens on now."""
    with contextlib.ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def _die_with_parent() -> None:
    # A test run that is killed must not leave brokers behind.
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


class Broker:
    """A node of a cluster, with its own folder: `server.properties`, `log/` (its disk) and `broker.log` (what it said).

    It can be started again on the same disk and the same ports after `stop`, `kill` or a crash.
    """

    def __init__(self, folder: Path, properties: Mapping[str, str], *, cluster_id: str, heap: str = "256m") -> None:
        self.folder = folder
        self.properties = dict(properties)
        self.node_id = int(properties["node.id"])
        self.output = folder / "broker.log"
        self._heap = heap
        self._cluster_id = cluster_id
        self._process: subprocess.Popen[bytes] | None = None
        self._seen = 0  # how much of the output belongs to runs before this one

    @property
    def pid(self) -> int | None:
        """The process id, None where it does not run."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def format(self) -> None:
        """Prepare the disk, once; a disk that was formatted already stays as it is."""
        self.folder.mkdir(parents=True, exist_ok=True)
        config = self.folder / "server.properties"
        config.write_text("".join(f"{key}={value}\n" for key, value in sorted(self.properties.items())))
        run_tool("kafka.tools.StorageTool", "format", "-t", self._cluster_id, "-c", str(config), "--ignore-formatted")

    def start(self) -> None:
        """Start the process without waiting; `wait_ready` waits."""
        if self.pid:
            return
        self._seen = self.output.stat().st_size if self.output.exists() else 0
        with self.output.open("ab") as output:
            self._process = subprocess.Popen(
                java("kafka.Kafka", str(self.folder / "server.properties"), heap=self._heap),
                stdout=output,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                cwd=self.folder,
                start_new_session=True,  # Ctrl-C reaches us first, and we stop it in order
                preexec_fn=_die_with_parent,
            )

    def wait_ready(self, timeout: float = 60.0) -> None:
        """Return when it takes requests.

        Raises:
            RuntimeError: it ended, or was not ready in time; the message holds the end of its output.
        """
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            said = self.said()
            if STARTED in said:
                return
            if self.pid is None:
                raise RuntimeError(f"broker {self.node_id} ended while starting:\n{said[-2000:]}")
            time.sleep(0.05)
        raise RuntimeError(f"broker {self.node_id} was not ready in {timeout:.0f} s:\n{self.said()[-2000:]}")

    def said(self) -> str:
        """What it wrote since it was last started."""
        with self.output.open("rb") as output:
            output.seek(self._seen)
            return output.read().decode(errors="replace")

    def stop(self, timeout: float = 30.0) -> None:
        """End it in order (SIGTERM), by force where that takes too long."""
        if self._process is None or self.pid is None:
            return
        self._process.send_signal(signal.SIGCONT)
        self._process.terminate()
        try:
            self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End it as a power cut would (SIGKILL)."""
        if self._process is not None and self.pid is not None:
            self._process.kill()
            self._process.wait()

    def pause(self) -> None:
        """Stop it in the middle of whatever it does (SIGSTOP)."""
        if self.pid:
            os.kill(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on (SIGCONT)."""
        if self.pid:
            os.kill(self.pid, signal.SIGCONT)
