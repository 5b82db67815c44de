"""A broker of our own making: it speaks the few requests with which a client looks around and logs in."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Sequence
from typing import Self

from aiokafka.protocol.admin import ApiVersionResponse_v0, SaslAuthenticateResponse_v0, SaslHandShakeResponse_v1
from aiokafka.protocol.metadata import MetadataResponse_v1

_METADATA, _HANDSHAKE, _VERSIONS, _LOGIN = 3, 17, 18, 36
_OFFERED = [(_METADATA, 0, 1), (_HANDSHAKE, 0, 1), (_VERSIONS, 0, 0), (_LOGIN, 0, 0)]


class FakeKafka:
    """One that takes any login (PLAIN), names `brokers` in its metadata, and keeps all that it is sent.

    Attributes:
        brokers: (node id, host, port) of each broker that its metadata name.
        received: every byte of every connection, in the order of their arrival.
        requests: the API keys that were asked for.
    """

    def __init__(self, host: str = "127.0.0.1", *, port: int = 0) -> None:
        self.host = host
        self.port = port
        self.brokers: Sequence[tuple[int, str, int]] = ()
        self.received = b""
        self.requests: list[int] = []

    async def __aenter__(self) -> Self:
        self._open: set[asyncio.StreamWriter] = set()
        self._server = await asyncio.start_server(self._serve, self.host, self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for writer in self._open:
            writer.close()

    @property
    def address(self) -> str:
        """host:port"""
        return f"{self.host}:{self.port}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            while True:
                (size,) = struct.unpack(">i", await reader.readexactly(4))
                request = await reader.readexactly(size)
                self.received += request
                api, _, correlation = struct.unpack_from(">hhi", request)
                self.requests.append(api)
                answer = struct.pack(">i", correlation) + self._answer(api)
                writer.write(struct.pack(">i", len(answer)) + answer)
        except (asyncio.IncompleteReadError, ConnectionError, KeyError):
            writer.close()

    def _answer(self, api: int) -> bytes:
        named = [(node, host, port, None) for node, host, port in self.brokers]
        return {
            _VERSIONS: ApiVersionResponse_v0(0, _OFFERED),
            _HANDSHAKE: SaslHandShakeResponse_v1(0, ["PLAIN"]),
            _LOGIN: SaslAuthenticateResponse_v0(0, None, b""),
            _METADATA: MetadataResponse_v1(named, 1, []),
        }[api].encode()  # type: ignore[no-any-return]
