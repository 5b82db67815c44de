"""One Apache Kafka process: its properties, its data, and what tests need to do to it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path

from agents.broker import java
from agents.broker.folder import Folder
from agents.settings import environment_for_children
from agents.workers.lifetime import end_with_parent

LOOPBACK = "127.0.0.1"
_STARTED = "Kafka Server started"
# Quiet but for the one line that says that it is ready.
_LOGGING = (
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info",
)


def free_ports(count: int) -> list[int]:
    """Ports on loopback that nobody listens on now."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind((LOOPBACK, 0))
        return [int(one.getsockname()[1]) for one in sockets]


def free_port() -> int:
    """A port of 127.0.0.1 that nothing listens on."""
    return free_ports(1)[0]


def properties(
    node_id: int,
    listeners: Mapping[str, int],
    *,
    controller_port: int,
    voters: str,
    log: Path,
    advertised: Mapping[str, str] | None = None,
    protocols: Mapping[str, str] | None = None,
    count: int = 1,
) -> dict[str, str]:
    """The properties of one of `count` nodes on loopback, each broker and controller.

    Args:
        listeners: name -> port; the first one is what brokers use among themselves.
        voters: every controller, `id@host:port,...`.
        log: its disk.
        advertised: name -> `host:port` where clients are told to come, if not to the listener.
        protocols: name -> security protocol, CONTROLLER's too; PLAINTEXT if absent.
    """
    names = ("CONTROLLER", *listeners)
    replication = min(3, count)
    told = {name: f"{LOOPBACK}:{port}" for name, port in listeners.items()} | dict(advertised or {})
    return {
        "process.roles": "broker,controller",
        "node.id": str(node_id),
        "controller.quorum.voters": voters,
        "controller.listener.names": "CONTROLLER",
        "inter.broker.listener.name": next(iter(listeners)),
        "listener.security.protocol.map": ",".join(f"{n}:{(protocols or {}).get(n, 'PLAINTEXT')}" for n in names),
        "listeners": ",".join(
            f"{name}://{LOOPBACK}:{port}" for name, port in ({"CONTROLLER": controller_port} | dict(listeners)).items()
        ),
        "advertised.listeners": ",".join(f"{name}://{at}" for name, at in told.items()),
        "log.dirs": str(log),
        # A topic that is missing must be seen to be missing.
        "auto.create.topics.enable": "false",
        "default.replication.factor": str(replication),
        "min.insync.replicas": str(max(1, replication - 1)),
        "offsets.topic.replication.factor": str(replication),
        "offsets.topic.num.partitions": "4",
        "transaction.state.log.replication.factor": str(replication),
        "transaction.state.log.min.isr": str(max(1, replication - 1)),
        "transaction.state.log.num.partitions": "4",
        "share.coordinator.state.topic.replication.factor": str(replication),
        "share.coordinator.state.topic.min.isr": str(max(1, replication - 1)),
        "share.coordinator.state.topic.num.partitions": "4",
        # One machine of few cores, a small heap: few threads, and none of the cleaner's 128 MB.
        "num.network.threads": "2",
        "num.io.threads": "2",
        "background.threads": "2",
        "log.cleaner.dedupe.buffer.size": "2097152",
        "log.cleaner.io.buffer.size": "131072",
        # Indexes are laid out whole beforehand, and every partition has two.
        "log.index.size.max.bytes": "1048576",
        # People and tests join and leave all the time: do not wait for more members first.
        "group.initial.rebalance.delay.ms": "0",
        "controlled.shutdown.enable": "true",
        # After a kill -9 a broker is taken back when its session is over; one that is alone fails nobody meanwhile.
        **({"broker.session.timeout.ms": "3000", "broker.heartbeat.interval.ms": "500"} if count == 1 else {}),
    }


class Node:
    """A node of a cluster, with its own folder: `server.properties`, `broker.log` (what it said) and mostly its disk.

    It can be started again on the same disk and the same ports after `stop`, `kill` or a crash.
    """

    def __init__(
        self, folder: Path, given: Mapping[str, str], *, within: Folder, cluster_id: str, heap: str = "192m"
    ) -> None:
        """`within` is the cluster's folder, whose lock the process shares, and which says how it ends when we do."""
        self.folder = folder
        self._within = within
        self.properties = dict(given)
        self.node_id = int(given["node.id"])
        self.output = folder / "broker.log"
        self._heap = heap
        self._cluster_id = cluster_id
        self._process: subprocess.Popen[bytes] | None = None
        self._seen = 0  # how much of the output belongs to runs before this one

    @property
    def pid(self) -> int | None:
        """The process id, None if it does not run."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def format(self) -> None:
        """Prepare the disk, once; a disk that was formatted already stays as it is. Raises RuntimeError."""
        self.folder.mkdir(parents=True, exist_ok=True)
        config = self.folder / "server.properties"
        config.write_text("".join(f"{key}={value}\n" for key, value in sorted(self.properties.items())))
        if not (Path(self.properties["log.dirs"]) / "meta.properties").exists():
            java.run_tool("kafka.tools.StorageTool", "format", "-t", self._cluster_id, "-c", str(config))

    def start(self, *, archive_to: Path | None = None) -> None:
        """Start the process without waiting; `wait_ready` waits. `archive_to` is as in `java.command`.

        Not from a thread: the process ends with the thread that made it (Linux).
        """
        if self.pid:
            return
        self._seen = self.output.stat().st_size if self.output.exists() else 0
        config = str(self.folder / "server.properties")
        line = java.command("kafka.Kafka", config, heap=self._heap, options=_LOGGING, archive_to=archive_to)
        with self.output.open("ab") as output:
            self._process = subprocess.Popen(  # noqa: S603  our own jars, our own arguments
                line,
                stdout=output,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                cwd=self.folder,
                env=environment_for_children(),
                start_new_session=True,  # Ctrl-C reaches us first, and we stop it in order
                preexec_fn=lambda: end_with_parent(self._within.at_end),
                pass_fds=(self._within.lock,),
            )
        self._within.watch(self._process.pid)

    def wait_ready(self, timeout: float = 60.0) -> None:
        """Return when it takes requests.

        Raises:
            RuntimeError: it ended, or was not ready in time; the message holds the end of its output.
        """
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            running = self.pid is not None  # asked before the output: what it said last is seen
            said = self.said()
            if _STARTED in said:
                return
            if not running:
                raise RuntimeError(f"broker {self.node_id} ended while starting:\n{said[-2000:]}")
            time.sleep(0.02)
        raise RuntimeError(f"broker {self.node_id} was not ready in {timeout:.0f} s:\n{self.said()[-2000:]}")

    def said(self) -> str:
        """What it wrote since it was last started."""
        with self.output.open("rb") as output:
            output.seek(self._seen)
            return output.read().decode(errors="replace")

    def stop(self, timeout: float = 30.0) -> None:
        """End it in order (SIGTERM), by force if that takes too long."""
        if self._process is None or self.pid is None:
            return
        self._process.terminate()
        self._process.send_signal(signal.SIGCONT)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout)
        self.kill()

    def kill(self) -> None:
        """End it as a power cut would (SIGKILL)."""
        if self._process is not None and self.pid is not None:
            self._process.kill()
            self._process.wait()

    def wait(self) -> int:
        """Wait until it ends by itself; its exit code."""
        assert self._process is not None
        return self._process.wait()

    def pause(self) -> None:
        """Stop it in the middle of whatever it does (SIGSTOP)."""
        if self.pid:
            os.kill(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on (SIGCONT)."""
        if self.pid:
            os.kill(self.pid, signal.SIGCONT)


def line_of(said: Sequence[str] | str) -> str:
    """The line of a broker's output that says what is wrong, without its time and class."""
    lines = said.splitlines() if isinstance(said, str) else list(said)
    errors = [line for line in lines if "ERROR" in line or "Exception" in line or "Error" in line]
    return (errors or lines or ["it said nothing"])[-1].strip()[:300]
