"""A TCP proxy between a worker and its broker that can fail as networks do: silence, resets, delay."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator


class Proxy:
    """Listens on a port of loopback and passes everything on to `target`. Lives in the running event loop."""

    def __init__(self, port: int, target: tuple[str, int]) -> None:
        self.port = port
        self.delay = 0.0  # seconds, each way
        self.connections = 0  # made since the start: a storm shows here
        self._target = target
        self._open = asyncio.Event()
        self._open.set()
        self._refusing = False
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Proxy:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @contextlib.asynccontextmanager
    async def black_hole(self) -> AsyncIterator[None]:
        """Connections stay open and new ones are taken, but no byte passes: a dead link, which nobody announces."""
        self._open.clear()
        try:
            yield
        finally:
            self._open.set()

    @contextlib.asynccontextmanager
    async def resets(self) -> AsyncIterator[None]:
        """Every connection is reset, and so is each new one at once."""
        self._refusing = True
        for writer in tuple(self._writers):
            _reset(writer)
        try:
            yield
        finally:
            self._refusing = False

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        try:
            if self._refusing:
                _reset(writer)
                return
            await self._open.wait()
            far_reader, far_writer = await asyncio.open_connection(*self._target)
            self._writers |= {writer, far_writer}
            async with asyncio.TaskGroup() as group:
                group.create_task(self._pass_on(reader, far_writer))
                group.create_task(self._pass_on(far_reader, writer))
        except* OSError:
            pass  # either side may go away at any time; that is the point
        finally:
            writer.close()  # a broker that is away refuses: so must we, and not leave a connection that says nothing
            self._tasks.discard(task)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        loop = asyncio.get_running_loop()
        queue: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(64)

        async def write() -> None:
            while True:
                due, data = await queue.get()
                await asyncio.sleep(max(0.0, due - loop.time()))
                await self._open.wait()
                writer.write(data)
                await writer.drain()
                if not data:
                    return

        sender = asyncio.create_task(write())
        try:
            while data := await reader.read(65536):
                await queue.put((loop.time() + self.delay, data))
            await queue.put((loop.time(), b""))
            await sender
        finally:
            sender.cancel()
            writer.close()
            self._writers.discard(writer)


def _reset(writer: asyncio.StreamWriter) -> None:
    # Linger of zero makes close() send RST instead of FIN.
    with contextlib.suppress(OSError):
        sock = writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
