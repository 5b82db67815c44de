"""Limits of the web server: one request per connection, within some seconds and bytes, and a number of connections.

aiohttp waits for ever for the rest of a request, and accepts any number of connections. So each connection is closed
after its response, after some seconds, or if it has sent too much. If all places are taken, a new connection replaces
the oldest unfinished one of the address that has the most. A flood therefore drops its own connections, and a probe
gets its response.
"""

from __future__ import annotations

import asyncio
import logging
import resource
import time
from collections import Counter
from collections.abc import Callable
from typing import cast

from pipeline.errors import SettingsError

SECONDS = 10.0  # from being connected to having read the answer
REQUEST_BYTES = 16 << 10  # request line, headers and whatever follows: the pages take no body
MOST_PLACES, FEWEST_PLACES = 256, 4
WAITING = 1024  # in the kernel, until they are accepted
_OWN_FILES = 32  # a worker's own, with the sockets of three brokers
_FILES_OF_A_PROCESS = 6
_SAID_SECONDS = 60.0

log = logging.getLogger("copydesk.web")


def places(*, processes: int, open_files: int | None = None) -> int:
    """How many connections may be held, so that a worker with so many child processes never lacks a file.

    A third of what is left of the limit of open files (`open_files`; the soft RLIMIT_NOFILE without it): some are
    accepted before others are dropped, some are dropped and not yet closed, and Kafka may have more brokers than three.
    Raises SettingsError if the limit is too low.
    """
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0] if open_files is None else open_files
    if limit == resource.RLIM_INFINITY:
        return MOST_PLACES
    needed = _OWN_FILES + _FILES_OF_A_PROCESS * processes
    found = (limit - needed) // 3
    if found < FEWEST_PLACES:
        raise SettingsError(
            f"the limit of open files is {limit}; a worker with {processes} processes needs "
            f"{needed + 3 * FEWEST_PLACES}: raise it (ulimit -n, LimitNOFILE=), or set COPYDESK_PROCESSES lower"
        )
    return min(found, MOST_PLACES)


class Door:
    """Makes the protocol of each connection: aiohttp's, from `serve`, held to the limits."""

    def __init__(self, serve: Callable[[], asyncio.BaseProtocol], *, places: int, seconds: float = SECONDS) -> None:
        self.places = places
        # So many are accepted in a turn of the loop. A request is read some turns after its connection was accepted:
        # until then a flood must not have taken all places, or it would be dropped unread.
        self.at_once = max(1, places // 8)
        self._seconds = seconds
        self._serve = serve
        self._open: dict[asyncio.Transport, _Connection] = {}  # oldest first
        self._dropped = 0
        self._said = -_SAID_SECONDS

    def __call__(self) -> asyncio.Protocol:
        return _Connection(self, cast("asyncio.Protocol", self._serve()))

    def __len__(self) -> int:
        return len(self._open)

    def answering(self, transport: asyncio.BaseTransport | None) -> None:
        """A whole request has come from there: it is dropped after those that have sent none."""
        if connection := self._open.get(cast("asyncio.Transport", transport)):
            connection.answered = True

    def close(self) -> None:
        """Drop every connection."""
        for connection in list(self._open.values()):
            connection.drop(b"503 Service Unavailable")

    def enter(self, connection: _Connection) -> asyncio.TimerHandle:
        """Give it a place, another's if need be, and its time."""
        if len(self._open) >= self.places:
            self._make_room()
        self._open[connection.transport] = connection
        return asyncio.get_running_loop().call_later(self._seconds, connection.drop, b"408 Request Timeout")

    def leave(self, connection: _Connection) -> None:
        """Its place is free."""
        self._open.pop(connection.transport, None)

    def _make_room(self) -> None:
        ((address, _),) = Counter(one.address for one in self._open.values()).most_common(1)
        theirs = [one for one in self._open.values() if one.address == address]
        oldest = next((one for one in theirs if not one.answered), theirs[0])
        oldest.drop(b"503 Service Unavailable")
        self._dropped += 1
        if (now := time.monotonic()) - self._said >= _SAID_SECONDS:
            log.warning(
                "more than %d connections at a time, most of them from %s; %d closed so far",
                self.places,
                address,
                self._dropped,
            )
            self._said = now


class _Connection(asyncio.Protocol):
    """One connection: aiohttp's protocol behind the limits."""

    transport: asyncio.Transport

    def __init__(self, door: Door, inner: asyncio.Protocol) -> None:
        self.address = ""
        self.answered = False
        self._door = door
        self._inner = inner
        self._received = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.address = str((transport.get_extra_info("peername") or ("",))[0])
        self._timer = self._door.enter(self)
        self._inner.connection_made(transport)

    def data_received(self, data: bytes) -> None:
        self._received += len(data)
        if self._received > REQUEST_BYTES:
            self.drop(b"431 Request Header Fields Too Large")
        else:
            self._inner.data_received(data)

    def eof_received(self) -> bool | None:
        return self._inner.eof_received()

    def connection_lost(self, error: Exception | None) -> None:
        self._timer.cancel()
        self._door.leave(self)
        self._inner.connection_lost(error)

    def pause_writing(self) -> None:
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        self._inner.resume_writing()

    def drop(self, status: bytes) -> None:
        """Close at once, with this status if nothing was answered; nothing is waited for."""
        self._door.leave(self)
        self._timer.cancel()
        if not self.answered and not self.transport.is_closing():
            self.transport.write(b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        self.transport.abort()
