"""Nobody holds the web server up: not with half a request, nor with two thousand of them."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import resource
import subprocess
import sys
from collections.abc import AsyncIterator

import aiohttp
import pytest

from agents.monitoring.health import Health
from agents.monitoring.metrics import Metrics
from agents.monitoring.web import Web
from agents.monitoring.web_limits import MOST_PLACES, REQUEST_BYTES, places
from pipeline.errors import SettingsError
from tests.integration.worker import ROOT, clean_environment, until

SOON = 10.0  # seconds; what is awaited comes in far less


@contextlib.asynccontextmanager
async def serving(*, places: int = 16, seconds: float = 60.0) -> AsyncIterator[Web]:
    """The pages, on a free port."""
    web = Web(
        host="127.0.0.1", port=0, metrics=Metrics(), health=Health(clock=lambda: 0.0), places=places, seconds=seconds
    )
    await web.start()
    try:
        yield web
    finally:
        await web.stop()


async def told(web: Web, request: bytes, *, more: bytes = b"") -> bytes:
    """All that is answered to these bytes, until the server closes; `more` is sent a byte at a time meanwhile."""
    reader, writer = await asyncio.open_connection("127.0.0.1", web.port)
    writer.write(request)

    async def trickle() -> None:
        for i in range(len(more)):
            writer.write(more[i : i + 1])
            await asyncio.sleep(0.01)

    trickling = asyncio.create_task(trickle())
    try:
        async with asyncio.timeout(SOON):
            return await reader.read()
    except ConnectionResetError:
        return b""
    finally:
        trickling.cancel()
        writer.close()


@pytest.mark.parametrize(
    ("request_", "more"),
    [
        (b"", b""),
        (b"GET /livez", b""),
        (b"GET /livez HTTP/1.1\r\nHost: x\r\n", b""),
        (b"GET /livez HTTP/1.1\r\nHost: x\r\nX-Long: ", b"x" * 5000),
        (b"\r\n", b"\r\n" * 2500),
    ],
)
async def test_a_request_that_does_not_end_is_closed(request_: bytes, more: bytes) -> None:
    """Nothing, half a line, headers without their end, and a byte now and then: 408, and the place is free."""
    async with serving(seconds=0.3) as web:
        answer = await told(web, request_, more=more)
        # A byte that was on its way when the connection was closed resets it, and takes the answer with it.
        assert answer.startswith(b"HTTP/1.1 408 ") or (more and not answer)
        assert len(web._door) == 0


@pytest.mark.parametrize(
    "request_",
    [
        b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /livez HTTP/1.1\r\nHost: x\r\nConnection: keep-alive\r\n\r\n",
        b"GET /livez HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
        b"GET /livez HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\nhalf a body",
        b"GET /livez HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhal",
        b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n" * 20,
    ],
)
async def test_a_connection_has_one_answer(request_: bytes) -> None:
    """It is closed then: no idle connection is kept, no body waited for, no second request taken."""
    async with serving(seconds=1.0) as web:
        answer = await told(web, request_)
        assert answer.startswith((b"HTTP/1.1 200 ", b"HTTP/1.0 200 "))
        assert answer.count(b"200 OK") == 1


async def test_an_answer_that_is_not_read_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who asks for a page and does not take it holds a place for some seconds only."""
    monkeypatch.setattr(Metrics, "page", lambda _: b"#" * 50_000_000)
    async with serving(seconds=0.3) as web:
        _, writer = await asyncio.open_connection("127.0.0.1", web.port, limit=1)
        writer.write(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
        assert await until(lambda: len(web._door) == 1, SOON)
        assert await until(lambda: len(web._door) == 0, SOON)
        writer.close()


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "MADEUP"])
async def test_only_get_and_head(method: str) -> None:
    """Nothing can be sent."""
    async with serving() as web:
        assert (await told(web, b"HEAD /livez HTTP/1.1\r\nHost: x\r\n\r\n")).startswith(b"HTTP/1.1 200 ")
        answer = await told(web, method.encode() + b" /livez HTTP/1.1\r\nHost: x\r\n\r\n")
        assert answer.split()[1] in (b"405", b"404", b"400")


@pytest.mark.parametrize(
    "request_",
    [
        b"GET /" + b"a" * 5000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /livez HTTP/1.1\r\nHost: x\r\nX-Long: " + b"a" * 10_000 + b"\r\n\r\n",
        b"GET /livez HTTP/1.1\r\nHost: x\r\n" + b"X-Many: 1\r\n" * 1000 + b"\r\n",
        b"GET /livez HTTP/1.1\r\nHost: x\r\nContent-Length: 99999\r\n\r\n" + b"x" * REQUEST_BYTES * 2,
        b"a" * REQUEST_BYTES * 4,
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 500,
        b"\0\xff" * 400,
        b"GET /livez HTTP/9.9\r\n\r\n",
    ],
)
async def test_what_is_too_long_or_no_http_is_closed(request_: bytes, caplog: pytest.LogCaptureFixture) -> None:
    """It is not answered with the page (or only before the rest came), and the server goes on."""
    async with serving() as web:
        answer = await told(web, request_)
        assert not answer or answer.split()[1] in (b"400", b"414", b"431", b"200")
        assert (b"Content-Length: 99999" in request_) or b" 200 " not in answer
        assert (await told(web, b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n")).startswith(b"HTTP/1.1 200 ")
    assert sum(len(record.getMessage()) for record in caplog.records) < 1000


async def test_the_address_that_holds_most_makes_room() -> None:
    """Of it the oldest that has sent no request; another address's connection stays, however old."""
    async with serving(places=4) as web:

        async def half(address: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
            made = await asyncio.open_connection("127.0.0.1", web.port, local_addr=(address, 0))
            made[1].write(b"GET /livez HTTP/1.1\r\n")
            return made

        quiet = await half("127.0.0.3")
        flood = [await half("127.0.0.1") for _ in range(3)]
        another = await half("127.0.0.4")
        assert (await asyncio.wait_for(flood[0][0].read(), SOON)).startswith(b"HTTP/1.1 503 ")
        for reader, writer in (quiet, another, *flood[1:]):
            writer.write(b"Host: x\r\n\r\n")
            assert (await asyncio.wait_for(reader.read(), SOON)).startswith(b"HTTP/1.1 200 ")


async def test_two_thousand_half_open_connections(caplog: pytest.LogCaptureFixture) -> None:
    """/livez is answered each time, files stay below what was reckoned with, and the log is a line."""
    caplog.set_level(logging.INFO)
    async with serving(places=64) as web:
        before = len(os.listdir("/proc/self/fd"))
        stranger = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.half_open", str(web.port), "2000", "6",
            stdout=asyncio.subprocess.PIPE, cwd=ROOT,
        )  # fmt: skip
        try:
            assert stranger.stdout
            assert await asyncio.wait_for(stranger.stdout.readline(), 60) == b"holding\n"
            files = 0
            async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=SOON)) as client:
                for _ in range(40):
                    async with client.get(f"http://127.0.0.1:{web.port}/livez") as answer:
                        assert answer.status == 200
                    files = max(files, len(os.listdir("/proc/self/fd")) - before)
                    assert len(web._door) <= 64
                    await asyncio.sleep(0.02)
            assert len(web._door) > 32  # it was under attack all the time
            assert files <= 2 * 64
        finally:
            stranger.kill()
            await stranger.wait()
    assert len(caplog.records) <= 5, caplog.text[:2000]


@pytest.mark.parametrize(
    ("processes", "open_files", "found"),
    [(1, 64, 8), (2, 256, 70), (2, 1024, MOST_PLACES), (64, 1024, 202), (150, 1024, 30), (1, 50, 4),
     (2, resource.RLIM_INFINITY, MOST_PLACES)],
)  # fmt: skip
def test_places_leave_room_for_kafka_and_child_processes(processes: int, open_files: int, found: int) -> None:
    """Twice the places, the worker's own files and those of its processes stay within the limit."""
    assert places(processes=processes, open_files=open_files) == found


@pytest.mark.parametrize(("processes", "open_files"), [(1, 16), (1, 49), (2, 55), (200, 1024)])
def test_a_limit_that_is_too_low_is_said(processes: int, open_files: int) -> None:
    """One line: what the limit is, what is needed, how to raise it."""
    with pytest.raises(SettingsError, match=rf"limit of open files is {open_files}; .* needs \d+: raise it .ulimit"):
        places(processes=processes, open_files=open_files)


def test_a_worker_does_not_start_with_too_few_files() -> None:
    """Exit 2 and one line, before it looks for a broker."""
    ran = subprocess.run(
        ["/bin/sh", "-c", 'ulimit -n 24 && exec "$0" -m agents worker', sys.executable],
        capture_output=True, text=True, cwd=ROOT, env=clean_environment({"COPYDESK_PROCESSES": "1"}), check=False,
    )  # fmt: skip
    assert (ran.returncode, ran.stdout, len(ran.stderr.splitlines())) == (2, "", 1), ran.stderr
    assert "the limit of open files is 24" in ran.stderr
