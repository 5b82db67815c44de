"""/metrics, /livez and /readyz: three pages, on loopback unless told otherwise."""

from __future__ import annotations

from aiohttp import web

from agents.monitoring.health import Health
from agents.monitoring.metrics import Metrics
from pipeline.errors import SettingsError


class Web:
    """The worker's web server. `port` is known once it is started."""

    def __init__(self, *, host: str, port: int, metrics: Metrics, health: Health) -> None:
        self.host = host
        self.port = port
        self._metrics = metrics
        self._health = health
        app = web.Application()
        app.router.add_get("/metrics", self._page)
        app.router.add_get("/livez", self._live)
        app.router.add_get("/readyz", self._ready)
        self._runner = web.AppRunner(app, access_log=None)

    async def start(self) -> None:
        """Listen. Raises SettingsError where the port is taken."""
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self.host, self.port).start()
        except OSError as error:
            await self._runner.cleanup()
            raise SettingsError(
                f"{self.host}:{self.port} cannot be listened on ({error.strerror}); "
                "set COPYDESK_WEB_PORT to another port, or to 0 for any free one"
            ) from None
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Close."""
        await self._runner.cleanup()

    async def _page(self, _: web.Request) -> web.Response:
        return web.Response(body=self._metrics.page(), headers={"Content-Type": "text/plain; version=0.0.4"})

    async def _live(self, _: web.Request) -> web.Response:
        return web.json_response({"live": True})  # that it is answered at all says that the loop turns

    async def _ready(self, _: web.Request) -> web.Response:
        problems = self._health.problems()
        return web.json_response({"ready": not problems, "problems": problems}, status=503 if problems else 200)
