"""/metrics, /livez and /readyz: three pages, on loopback by default; no client can block the server."""

from __future__ import annotations

import asyncio
import socket

from aiohttp import web

from agents.monitoring.health import Health
from agents.monitoring.metrics import Metrics
from agents.monitoring.web_limits import FEWEST_PLACES, SECONDS, WAITING, Door
from pipeline.errors import SettingsError

_LINE_BYTES, _FIELD_BYTES, _FIELDS = 2048, 4096, 64


class Web:
    """The worker's web server: GET and HEAD, one answer a connection. `port` is known once it is started.

    At most `places` connections are held, each for at most `seconds` (agents/monitoring/web_limits.py).
    """

    def __init__(
        self,
        *,
        host: str,
        port: int,
        metrics: Metrics,
        health: Health,
        places: int = FEWEST_PLACES,
        seconds: float = SECONDS,
    ) -> None:
        self.host = host
        self.port = port
        self._metrics = metrics
        self._health = health
        self._places = places
        self._seconds = seconds
        self._server: asyncio.Server | None = None
        app = web.Application()
        app.router.add_get("/metrics", self._page)
        app.router.add_get("/livez", self._live)
        app.router.add_get("/readyz", self._ready)
        app.on_response_prepare.append(self._last)
        self._runner = web.AppRunner(
            app, access_log=None, max_line_size=_LINE_BYTES, max_field_size=_FIELD_BYTES, max_headers=_FIELDS
        )

    async def start(self) -> None:
        """Listen. Raises SettingsError if the port is taken."""
        await self._runner.setup()
        assert self._runner.server is not None
        self._door = Door(self._runner.server, places=self._places, seconds=self._seconds)
        try:
            self._server = await asyncio.get_running_loop().create_server(
                self._door, self.host, self.port, backlog=self._door.at_once, reuse_address=True
            )
            for (
                listening
            ) in self._server.sockets:  # asyncio has one number for both: more may wait than come in at once
                with socket.fromfd(listening.fileno(), listening.family, listening.type) as same:
                    same.listen(WAITING)
        except OSError as error:
            await self._runner.cleanup()
            raise SettingsError(
                f"{self.host}:{self.port} cannot be opened for listening ({error.strerror}); "
                "set COPYDESK_WEB_PORT to another port, or to 0 for any free one"
            ) from None
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Close."""
        if self._server:
            self._server.close()
            self._door.close()
        await self._runner.cleanup()

    async def _last(self, request: web.Request, response: web.StreamResponse) -> None:
        self._door.answering(request.transport)
        response.force_close()  # a connection that stays for the next request is a place that somebody holds

    async def _page(self, _: web.Request) -> web.Response:
        return web.Response(body=self._metrics.page(), headers={"Content-Type": "text/plain; version=0.0.4"})

    async def _live(self, _: web.Request) -> web.Response:
        return web.json_response({"live": True})  # that it is answered at all says that the loop turns

    async def _ready(self, _: web.Request) -> web.Response:
        problems = self._health.problems()
        return web.json_response({"ready": not problems, "problems": problems}, status=503 if problems else 200)
