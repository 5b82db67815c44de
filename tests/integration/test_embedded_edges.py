"""A real worker among strangers, on the embedded broker: half-open connections, and articles that no log shows."""

from __future__ import annotations

import asyncio
import json
import os
import resource
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from agents.broker import EmbeddedBroker
from agents.monitoring.web_limits import places
from pipeline.errors import Reason
from tests.integration.articles import Input, article, articles
from tests.integration.embedded import EmbeddedDeployment
from tests.integration.ledger import broken
from tests.integration.worker import ROOT, environments

CANARY = "Zyxwvcanary"  # one word that no other text holds
INJECT = Path(__file__).parent / "faults" / "inject"
_TEXT = (
    f"The {CANARY} of Hamburg voted on Tuesday to build a bridge. The mayor of {CANARY} called it a good day for the "
    "city, and the work is to begin in spring. Those who live by the river had waited for it for ten years."
)
_ALL = {
    "uri": "urn:canary:all", "title": f"A bridge for {CANARY}", "by": CANARY, "source": CANARY, "language": "en",
    "url": f"https://example.org/{CANARY}", "publishedAt": "2026-03-02T08:30:00Z", CANARY: {CANARY: [CANARY]},
}  # fmt: skip


@pytest.fixture
def deployment(tmp_path: Path) -> Iterator[EmbeddedDeployment]:
    """A deployment of its own, on a broker of its own."""
    with EmbeddedBroker() as broker:
        made = EmbeddedDeployment(broker.address, "edges", tmp_path, partitions=2)
        yield made
        made.stop()


def probe(port: int) -> float | None:
    """Ask /livez over a connection of its own, as a probe does; seconds until the answer was read, None without one."""
    began = time.monotonic()
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as asking:
            asking.sendall(b"GET /livez HTTP/1.1\r\nHost: probe\r\n\r\n")
            answer = asking.makefile("rb").read()
    except OSError:
        return None
    return time.monotonic() - began if answer.startswith(b"HTTP/1.1 200 ") else None


@pytest.mark.slow
async def test_two_thousand_half_open_connections(deployment: EmbeddedDeployment, pytestconfig: pytest.Config) -> None:
    """While they are held: /livez answers, no article is lost, the log is small, files stay well below the limit."""
    seconds = pytestconfig.getoption("--half-open-seconds")
    await deployment.create()
    worker = deployment.worker()
    worker.start()
    await worker.ready()
    files = f"/proc/{worker.pid}/fd"
    before, most = len(os.listdir(files)), 0
    took: list[float | None] = []
    stranger = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.half_open", str(worker.port), "2000", str(seconds + 5),
        stdout=asyncio.subprocess.PIPE, cwd=ROOT,
    )  # fmt: skip
    try:
        assert stranger.stdout
        assert await asyncio.wait_for(stranger.stdout.readline(), 60) == b"holding\n"
        count = int(seconds * 20)
        async with deployment.watched(sample_every=2.0):
            feeding = asyncio.create_task(deployment.feed(articles(count, broken_every=50), rate=20))
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                took.append(await asyncio.to_thread(probe, worker.port))
                most = max(most, len(os.listdir(files)))
                await asyncio.sleep(0.1)
            assert stranger.returncode is None, "the strangers left before the end"
            await feeding
            await deployment.all_answered(30 + seconds)
        opened = int(await asyncio.wait_for(stranger.stdout.read(), 60))
    finally:
        if stranger.returncode is None:
            stranger.kill()
        await stranger.wait()
    facts = await deployment.facts(counts=await worker.counts(deployment.outputs))
    assert not broken(facts), worker.log[-2000:]
    assert len(facts.acked) == count
    assert worker.starts == 1
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    assert most - before <= 2 * places(processes=1, open_files=limit)
    assert len(worker.log) < 100_000
    in_time = sorted(t for t in took if t is not None and t <= 1)
    assert len(in_time) >= 0.95 * len(took), took
    print(
        f"half-open: 2,000 held for {seconds} s (opened {opened}), /livez {len(took)} times: "
        f"median {in_time[len(in_time) // 2] * 1000:.0f} ms, longest {in_time[-1] * 1000:.0f} ms, "
        f"{len(took) - len(in_time)} later than 1 s or not; "
        f"most open files {most}; log {len(worker.log)} characters; {count} articles fed, {len(facts.acked)} answered"
    )


def canaries() -> Iterator[tuple[Reason | None, bytes]]:
    """An article for every way in which one ends, with the canary in each of its fields; None: it is enriched."""

    def made(**more: object) -> bytes:
        return json.dumps(_ALL | more).encode()

    yield None, made(body=_TEXT)
    yield (
        None,
        made(html=f"<html><head><title>{CANARY}</title></head><body><article><p>{_TEXT}</p></article></body></html>"),
    )
    yield Reason.MALFORMED_JSON, made(body=_TEXT)[:-9]
    yield Reason.NOT_UTF8, made(body=_TEXT) + b"\xff"
    yield Reason.SCHEMA_TYPE, made(body=[{CANARY: CANARY}])
    yield None, made(body=_TEXT, title={CANARY: CANARY})
    yield Reason.SCHEMA_MISSING, made()
    yield Reason.NUMBER_RANGE, made(body=_TEXT)[:-1] + b', "n": 18446744073709551616}'
    yield Reason.MALFORMED_JSON, made(body=_TEXT)[:-1] + b', "n": 1e999}'
    yield Reason.NULL_VALUE, made(body=None)
    yield Reason.EMPTY_AFTER_CLEAN, made(body=f"Share\n\nADVERTISEMENT\n\n\u00a9 2024 The {CANARY} Post")
    yield Reason.TOO_DEEP, made(body=_TEXT)[:-1] + b', "n": ' + b"[" * 5000 + b"]" * 5000 + b"}"
    yield Reason.TOO_LARGE, made(body=_TEXT + "word " * 2_000_000)
    yield Reason.TOO_LONG_TEXT, made(body=_TEXT + f"{CANARY} " * 100_000)
    yield Reason.EMPTY_TEXT, made(body=" ")
    yield Reason.HTML_TOO_COMPLEX, made(html=f"<p>{_TEXT}</p>" + "<b>" * 200_000)
    yield Reason.STAGE_ERROR, made(body=f"{_TEXT} RAISE-HERE")
    yield Reason.CRASHED, made(body=f"{_TEXT} DIE-HERE")
    yield Reason.TIMEOUT, made(body=f"{_TEXT} HANG-HERE")
    yield Reason.OUT_OF_MEMORY, made(body=f"{_TEXT} EAT-HERE")


@pytest.mark.parametrize("form", ["text", pytest.param("json", marks=pytest.mark.slow)])
async def test_no_article_text_is_logged(form: str, deployment: EmbeddedDeployment) -> None:
    """At debug, through every refusal, a stage's own exception included: the canary is in no line of any process."""
    await deployment.create()
    worker = deployment.worker(
        log_level="debug", log_format=form, time_limit_seconds="3", memory_limit_mb="600",
        environment={"PYTHONPATH": str(INJECT), "FAULT_STAGE": "cleaning"}, sasl_password="canary-secret-6fd1",
    )  # fmt: skip
    worker.start()
    await worker.ready(60)
    found = list(canaries())
    inputs = [Input(f"urn:{CANARY}:{n}".encode(), value, reason is not None) for n, (reason, value) in enumerate(found)]
    headers = [("copydesk_note", CANARY.encode()), (CANARY, CANARY.encode())]
    async with deployment.watched(sample_every=2.0):
        await deployment.feed([*inputs, article(1)], headers=headers)
        await deployment.all_answered(120)
    assert not any(b"canary-secret" in one for one in environments(worker.pid))
    assert environments(worker.pid)
    verdicts = {verdict.rpartition(":")[2] for verdict in await deployment.verdicts()}
    assert {reason.value for reason, _ in found if reason} <= verdicts
    assert (await worker.terminate())[0] == 0
    assert '"debug"' in worker.log or " DEBUG " in worker.log
    assert "aiokafka" in worker.log
    assert "faust" in worker.log
    # The name of a field that is not read is said, if it is one plain word; of its value nothing is.
    named = [one for one in worker.log.splitlines() if "fields of raw articles are not read: " in one]
    assert len(named) <= 2
    assert all(one.casefold().count(CANARY.casefold()) <= 1 for one in named)
    leaks = [
        one[:500] for one in worker.log.splitlines()
        if one not in named and (CANARY.casefold() in one.casefold() or "canary-secret" in one)
    ]  # fmt: skip
    assert not leaks
    assert not [hidden for hidden in (CANARY.encode().hex(), "voted on Tuesday") if hidden in worker.log]
    print(f"canary: {len(found)} articles, verdicts {sorted(verdicts)}, log of {len(worker.log.splitlines())} lines")


async def test_an_end_with_a_traceback_shows_no_article_text(deployment: EmbeddedDeployment) -> None:
    """A worker that ends by a fault of its own, with an article in its hands: type and place are said, no text."""
    await deployment.create()
    worker = deployment.worker(
        log_level="debug", environment={"PYTHONPATH": str(INJECT), "FAULT_PARENT": "1"}
    )  # fmt: skip
    worker.start()
    await worker.ready(60)
    await deployment.feed(
        [Input(f"urn:{CANARY}".encode(), json.dumps(_ALL | {"body": f"{_TEXT} RAISE-HERE"}).encode(), False)]
    )
    assert await worker.ended(60) == 1
    assert "Traceback" in worker.log
    assert "_answered_by_nobody" in worker.log
    assert CANARY.casefold() not in worker.log.casefold()
