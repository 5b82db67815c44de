"""The embedded broker: one Apache Kafka as a child process, its data in a temporary folder or in the user's."""

from __future__ import annotations

import socket
from contextlib import suppress
from pathlib import Path
from typing import Self

from agents.broker import java, node
from agents.broker.folder import Folder
from agents.broker.node import LOOPBACK, Node, free_ports
from pipeline.errors import BrokerError

_READY_SECONDS = 60.0
_STOP_SECONDS = 10.0
_ARCHIVE_SECONDS = 60.0  # to stop, if Java writes its archive
_ATTEMPTS = 3  # with another free port, if somebody else was quicker to take one


class EmbeddedBroker:
    """A broker on 127.0.0.1; `port` 0 takes any free one. A context manager. Every error is a BrokerError of one line.

    With `data` it keeps everything in that folder and comes back with it; without, all is gone when it ends.
    `advertised` is where clients are told to come, if not to that port: to a proxy before it.
    """

    def __init__(self, *, port: int = 0, data: Path | None = None, advertised: str | None = None) -> None:
        self.port = port
        self._any_port = not port
        self._data = data
        self._advertised = advertised
        self._folder: Folder | None = None
        self._node: Node | None = None
        self._archive: tuple[java.Archive, Path] | None = None
        self._was_ready = False

    @property
    def address(self) -> str:
        """host:port"""
        return f"{LOOPBACK}:{self.port}"

    @property
    def pid(self) -> int | None:
        """The process id, None if it does not run."""
        return self._node.pid if self._node else None

    def start(self) -> Self:
        """Start it and return as soon as it takes requests."""
        java.ready()  # before a folder is made: this may download
        if self.port and _listening(self.port):
            raise BrokerError(f"port {self.port} is in use; choose another one with --port, or 0 for any free one")
        try:
            self._folder = Folder(self._data)
            self._start(self._folder)
        except BaseException:
            self.stop()
            raise
        return self

    def _start(self, folder: Folder) -> None:
        cluster = str(folder.layout("one broker")["cluster"])
        for attempt in range(1, _ATTEMPTS + 1):
            listener, controller = free_ports(2)
            self.port = listener if self._any_port else self.port
            given = node.properties(
                1,
                {"CLIENTS": self.port},
                controller_port=controller,
                voters=f"1@{LOOPBACK}:{controller}",
                log=folder.path / "broker-1" / "log",
                advertised={"CLIENTS": self._advertised} if self._advertised else None,
            )
            self._node = Node(folder.path / "broker-1", given, within=folder, cluster_id=cluster)
            archive = java.Archive()
            self._archive = None if archive.usable() else (archive, archive.new())
            try:
                self._node.format()
                self._node.start(archive_to=self._archive[1] if self._archive else None)
                self._node.wait_ready(_READY_SECONDS)
                self._was_ready = True
            except RuntimeError as error:
                self._node.kill()
                if "Address already in use" in str(error) and attempt < _ATTEMPTS:
                    continue
                said = node.line_of(str(error))
                raise BrokerError(f"the embedded broker did not start: {said}") from None
            return

    def stop(self) -> None:
        """End it in order; without `data`, what it held is gone."""
        if self._node:
            self._node.stop(_ARCHIVE_SECONDS if self._archive else _STOP_SECONDS)
        if self._archive:
            archive, written = self._archive
            with suppress(OSError):  # the folder may be one that cannot be written: then it starts a little slower
                if self._was_ready:  # one that was ended while it started has learnt next to nothing
                    archive.keep(written)
                else:
                    written.unlink(missing_ok=True)
            self._archive = None
        if self._folder:
            self._folder.release()
            self._folder = None

    def wait(self) -> int:
        """Wait until it ends by itself; its exit code."""
        assert self._node is not None
        return self._node.wait()

    def problem(self) -> str:
        """What it said last, in one line."""
        return node.line_of(self._node.said()) if self._node else ""

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


def _listening(port: int) -> bool:
    with socket.socket() as sock:
        sock.settimeout(0.5)
        return sock.connect_ex((LOOPBACK, port)) == 0
