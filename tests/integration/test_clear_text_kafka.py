"""SASL in the clear on Apache Kafka: it works on this machine; if the broker leads elsewhere, no password goes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from kafka import Kafka

from agents.broker.node import free_ports
from tests.fake_kafka import FakeKafka
from tests.integration.articles import articles
from tests.integration.deployment import Deployment
from tests.integration.ledger import broken
from tests.integration.worker import command, environments

pytestmark = pytest.mark.slow
CANARY = "canary-2d77-correct-horse"
ELSEWHERE = "127.0.0.2"
_PLAIN = "org.apache.kafka.common.security.plain.PlainLoginModule required"


@pytest.fixture(scope="module")
def ports() -> list[int]:
    """Of the listener that names itself, of the one that does not, and of what that one names."""
    return free_ports(3)


@pytest.fixture(scope="module")
def clear(ports: list[int], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    """A broker with two more listeners for passwords in the clear."""
    made = Kafka(tmp_path_factory.mktemp("clear"))
    own = made.broker.properties
    own["listeners"] += f",CLEAR://127.0.0.1:{ports[0]},ASTRAY://127.0.0.1:{ports[1]}"
    own["advertised.listeners"] += f",CLEAR://127.0.0.1:{ports[0]},ASTRAY://{ELSEWHERE}:{ports[2]}"
    own["listener.security.protocol.map"] += ",CLEAR:SASL_PLAINTEXT,ASTRAY:SASL_PLAINTEXT"
    own["sasl.enabled.mechanisms"] = "PLAIN"
    for name in ("clear", "astray"):
        own[f"listener.name.{name}.plain.sasl.jaas.config"] = f'{_PLAIN} user_worker="{CANARY}";'
    with made as running:
        yield running


@pytest.fixture
async def deployment(clear: Kafka, tmp_path: Path) -> AsyncIterator[Deployment]:
    """A deployment there; the harness comes in without a password."""
    made = Deployment(clear.bootstrap, "clear", tmp_path)
    yield made
    made.stop()


def given(port: int) -> dict[str, str]:
    """What a client with a password is told."""
    return {
        "broker": f"127.0.0.1:{port}", "security_protocol": "SASL_PLAINTEXT", "sasl_mechanism": "PLAIN",
        "sasl_username": "worker", "sasl_password": CANARY,
    }  # fmt: skip


async def test_on_this_machine_a_password_in_the_clear_works(deployment: Deployment, ports: list[int]) -> None:
    """A worker logs in, answers, and hands its password to no child process."""
    await deployment.create()
    worker = deployment.worker(**given(ports[0]))
    worker.start()
    await worker.ready(60)
    assert environments(worker.pid)
    assert not any(CANARY.encode() in one for one in environments(worker.pid))
    async with deployment.watched():
        await deployment.feed(articles(40, broken_every=10))
        await deployment.all_answered(60)
    assert not broken(await deployment.facts())
    assert CANARY not in worker.log


@pytest.mark.parametrize(
    "args", [("check", "--no-models"), ("worker",), ("feed", "pipeline/data/samples"), ("dead-letters", "list")]
)
async def test_no_password_goes_where_the_metadata_lead(
    args: tuple[str, ...], deployment: Deployment, ports: list[int]
) -> None:
    """The broker takes the login and names another host: one line, and that host has not been asked to log in."""
    settings = {f"COPYDESK_{key.upper()}": value for key, value in given(ports[1]).items()}
    async with FakeKafka(ELSEWHERE, port=ports[2]) as far:
        code, out, err = await command(*args, settings=deployment.settings | settings | {"COPYDESK_WEB_PORT": "0"})
        assert CANARY.encode() not in far.received
        assert 36 not in far.requests
    said = [one for one in (out + err).splitlines() if not one.startswith("ok ")]
    assert (code, len(said)) == (1, 1), out + err
    assert ELSEWHERE in said[0]
    assert "SASL_SSL" in said[0]
    assert CANARY not in out + err
