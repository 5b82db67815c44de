"""Whether the worker does its work: what /readyz, the lag and the watchdog are told."""

from __future__ import annotations

import asyncio
import json

import aiohttp
import pytest

from agents.monitoring.health import Health
from agents.monitoring.metrics import Metrics
from agents.monitoring.web import Web
from pipeline.errors import SettingsError
from tests.fakes import Clock

HERE = ("articles.raw", 0)


def fine(clock: Clock | None = None) -> Health:
    """Everything is as it should be."""
    health = Health(clock=clock or Clock())
    health.models_loaded = health.broker_reachable = True
    health.assigned([HERE])
    return health


def test_not_ready_until_all_is_there() -> None:
    """Models, group, broker: each missing one is named."""
    health = Health(clock=Clock())
    assert health.problems() == ["models are not loaded", "not yet a member of the consumer group"]
    health.models_loaded = True
    health.assigned([])  # before it has joined, it has no broker to lose
    assert health.problems() == ["the broker does not answer"]
    health.broker_reachable = True
    assert health.problems() == []


@pytest.mark.parametrize("attribute", ["broker_reachable", "models_loaded"])
def test_what_is_lost_is_said(attribute: str) -> None:
    """Ready is no state that lasts."""
    health = fine()
    setattr(health, attribute, False)
    assert len(health.problems()) == 1


def test_a_blocked_stage_is_named_until_it_goes_on() -> None:
    """With why; other stages stay as they are."""
    health = fine()
    health.blocked("entities", "not allowed to write")
    assert health.problems() == ["entities: not allowed to write"]
    health.unblocked("cleaning")
    assert health.problems()
    health.unblocked("entities")
    assert health.problems() == []


def test_idle_counts_from_the_last_answer() -> None:
    """From the assignment, then from each answer; no lag is no stall."""
    clock = Clock()
    health = fine(clock)
    clock.pass_(10)
    assert health.idle_for() == 10
    health.answered(*HERE, 5)
    assert health.idle_for() == 0
    clock.pass_(3)
    health.nothing_waits()
    clock.pass_(1)
    assert health.idle_for() == 1
    health.assigned([HERE])
    assert health.idle_for() == 0


def test_the_next_offset_and_the_oldest_in_work() -> None:
    """By partition: the first not answered, and the earliest timestamp of what is taken and not answered."""
    health = fine()
    assert (health.next_offset(HERE), health.oldest(HERE)) == (None, None)
    health.taken(*HERE, 7, 100.0)
    health.taken(*HERE, 8, 90.0)
    health.taken(*HERE, 9, None)
    health.taken("articles.raw", 1, 1, 1.0)
    assert health.oldest(HERE) == 90.0
    health.answered(*HERE, 7)
    health.answered(*HERE, 8)
    assert (health.next_offset(HERE), health.oldest(HERE)) == (9, None)


def test_partitions_that_go_are_forgotten() -> None:
    """What another worker answers now is not ours to tell; what stays is kept."""
    health = fine()
    health.answered(*HERE, 7)
    health.answered("articles.raw", 1, 3)
    health.assigned([HERE])
    assert (health.next_offset(HERE), health.next_offset(("articles.raw", 1))) == (8, None)


async def test_the_pages() -> None:
    """/livez always, /readyz 200 or 503 with why, /metrics in Prometheus' text format, nothing else."""
    health, metrics = fine(), Metrics()
    web = Web(host="127.0.0.1", port=0, metrics=metrics, health=health)
    await web.start()
    try:
        async with aiohttp.ClientSession(f"http://127.0.0.1:{web.port}") as client:

            async def page(path: str) -> tuple[int, str, str]:
                async with client.get(path) as answer:
                    return answer.status, answer.content_type, await answer.text()

            assert (await page("/livez"))[0] == 200
            assert (await page("/readyz"))[::2] == (200, '{"ready": true, "problems": []}')
            health.blocked("cleaning", "why")
            status, _, text = await page("/readyz")
            assert (status, json.loads(text)) == (503, {"ready": False, "problems": ["cleaning: why"]})
            assert (await page("/livez"))[0] == 200
            status, kind, text = await page("/metrics")
            assert (status, kind) == (200, "text/plain")
            ours = [line for line in metrics.page().decode().splitlines() if "process_" not in line]
            assert [line for line in text.splitlines() if "process_" not in line] == ours
            assert "process_resident_memory_bytes" in text
            assert (await page("/"))[0] == 404
    finally:
        await web.stop()


async def test_a_taken_port_is_one_line() -> None:
    """It names the address and the setting."""
    async with await asyncio.start_server(lambda *_: None, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(SettingsError, match=f"127.0.0.1:{port} cannot be opened for listening.*COPYDESK_WEB_PORT"):
            await Web(host="127.0.0.1", port=port, metrics=Metrics(), health=fine()).start()
