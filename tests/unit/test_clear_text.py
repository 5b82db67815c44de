"""A password in the clear stays on this machine, whatever hosts a broker names to go on with."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.conn import create_conn

from agents.kafka import clear_text
from agents.kafka.connection import admin, client_options, start
from agents.kafka.diagnosis import diagnose
from agents.kafka.faust_app import faust_app
from agents.settings import Settings, load
from pipeline.errors import BrokerError
from tests.fake_kafka import FakeKafka
from tests.integration.worker import command

CANARY = "canary-51c2-correct-horse"
ELSEWHERE = "127.0.0.2"  # another host to us: naming it in COPYDESK_BROKER is refused


@pytest.fixture
async def near() -> AsyncIterator[FakeKafka]:
    """The broker that we are told to use."""
    async with FakeKafka() as made:
        made.brokers = [(1, made.host, made.port)]
        yield made


@pytest.fixture
async def far() -> AsyncIterator[FakeKafka]:
    """The one that it names."""
    async with FakeKafka(ELSEWHERE) as made:
        yield made


def environment(near: FakeKafka, **more: str) -> dict[str, str]:
    """SASL in the clear to the near one."""
    return {
        "COPYDESK_BROKER": near.address,
        "COPYDESK_SECURITY_PROTOCOL": "SASL_PLAINTEXT",
        "COPYDESK_SASL_MECHANISM": "PLAIN",
        "COPYDESK_SASL_USERNAME": "worker",
        "COPYDESK_SASL_PASSWORD": CANARY,
        **more,
    }


def settings(near: FakeKafka, **more: str) -> Settings:
    """The same, read."""
    return load(environment=environment(near, **more))


def resolving(monkeypatch: pytest.MonkeyPatch, name: str, address: str) -> None:
    """Have a name lead to an address, as /etc/hosts or a name server can."""
    loop, real = asyncio.get_running_loop(), asyncio.get_running_loop().getaddrinfo

    async def lookup(host: Any, port: Any, **more: Any) -> Any:
        return await real(address if host == name else host, port, **more)

    monkeypatch.setattr(loop, "getaddrinfo", lookup)


CLIENTS: dict[str, Callable[..., Any]] = {
    "consumer": lambda **options: AIOKafkaConsumer(group_id=None, **options),
    "producer": AIOKafkaProducer,
    "admin": AIOKafkaAdminClient,
}


@pytest.mark.parametrize("kind", CLIENTS)
async def test_a_host_that_the_metadata_name_is_given_no_password(kind: str, near: FakeKafka, far: FakeKafka) -> None:
    """Each kind of client logs in where it was told to, and says which other host it did not log in to."""
    near.brokers = [(1, ELSEWHERE, far.port)]
    client = CLIENTS[kind](**client_options(settings(near)), request_timeout_ms=2000)
    try:
        with pytest.raises(BrokerError, match=f"not sent in the clear to '{ELSEWHERE}'.*{near.address}.*SASL_SSL"):
            await start(client, settings(near))
        inner = client.client if kind == "producer" else client._client
        assert not await inner.ready(1)
    finally:
        await (client.close() if kind == "admin" else client.stop())
    assert CANARY.encode() in near.received  # so this is how it would look
    assert far.requests == [18]  # it was asked for its versions, and no more
    assert CANARY.encode() not in far.received


async def test_what_faust_opens_goes_the_same_way(near: FakeKafka, far: FakeKafka, tmp_path: Path) -> None:
    """Faust's producer, made from our settings, meets the other host while it runs."""
    app = faust_app(settings(near, COPYDESK_DATA_DIR=str(tmp_path)))
    producer = app.transport.create_producer()._new_producer()
    await producer.start()
    try:
        assert await producer.client.ready(1)
        assert near.received.count(CANARY.encode()) == 2  # bootstrap, then the broker that was named: itself
        near.brokers = [(1, near.host, near.port), (2, ELSEWHERE, far.port)]
        await producer.client.fetch_all_metadata()
        producer.client.cluster.update_metadata(await _metadata(producer.client))
        assert not await producer.client.ready(2)
    finally:
        await producer.stop()
    assert far.requests == [18]
    assert CANARY.encode() not in far.received


async def _metadata(client: Any) -> Any:
    from aiokafka.protocol.metadata import MetadataRequest

    return await client.send(1, MetadataRequest([]))


async def test_the_address_counts_too(near: FakeKafka, far: FakeKafka, monkeypatch: pytest.MonkeyPatch) -> None:
    """An allowed name that leads to another machine gets no password; only the address tells."""
    monkeypatch.setattr(clear_text, "is_this_machine", lambda address: address != ELSEWHERE)
    resolving(monkeypatch, "localhost", ELSEWHERE)
    given: Any = {"sasl_mechanism": "PLAIN", "sasl_plain_username": "worker", "sasl_plain_password": CANARY}
    with pytest.raises(clear_text.PasswordWithheld, match=ELSEWHERE):
        await create_conn("localhost", far.port, security_protocol="SASL_PLAINTEXT", **given)
    assert far.requests == [18]
    cause = await diagnose(settings(near, COPYDESK_BROKER=f"localhost:{far.port}"), None)
    assert cause
    assert "password is not sent in the clear" in cause.what
    assert CANARY.encode() not in far.received


async def test_a_broker_that_names_only_this_machine_is_logged_in_to(near: FakeKafka) -> None:
    """The check stops nothing that the settings allow."""
    near.brokers = [(1, "localhost", near.port)]
    async with admin(settings(near)) as client:
        assert await client._client.ready(1)
    assert near.received.count(CANARY.encode()) >= 2


@pytest.mark.parametrize("args", [("check", "--no-models"), ("worker",), ("topics", "create"), ("tail", "raw")])
async def test_a_command_says_which_host_in_one_line(args: tuple[str, ...], near: FakeKafka, far: FakeKafka) -> None:
    """Exit 1, the host, and what to do; the other host has not seen the password."""
    near.brokers = [(1, ELSEWHERE, far.port)]
    code, out, err = await command(*args, settings=environment(near, COPYDESK_WEB_PORT="0"))
    lines = [line for line in (out + err).splitlines() if not line.startswith("ok ")]
    assert (code, len(lines)) == (1, 1), out + err
    assert f"'{ELSEWHERE}'" in lines[0]
    assert "SASL_SSL" in lines[0]
    assert CANARY not in out + err
    assert CANARY.encode() not in far.received


@pytest.mark.parametrize(
    ("address", "here"),
    [("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("::ffff:127.0.0.1", True), ("10.0.0.1", False),
     ("::ffff:10.0.0.1", False), ("fe80::1%eth0", False), ("0.0.0.0", False), ("", False), ("localhost", False)],
)  # fmt: skip
def test_what_is_this_machine(address: str, here: bool) -> None:
    """Loopback addresses, and nothing else."""
    assert clear_text.is_this_machine(address) is here
