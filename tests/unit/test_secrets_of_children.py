"""What we start inherits no secret: read back from the kernel, as whoever breaks into a child process would."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from agents.broker import EmbeddedBroker, free_port
from agents.cli.commands import demo
from agents.settings import load
from agents.workers.pool import Pool
from pipeline.stages import Options
from tests.integration.worker import environment_of, environments, until
from tests.unit import bad_stage

CANARY = "canary-90be"


@pytest.fixture(autouse=True)
def secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every way in which a secret, or where it lies, is given to a command."""
    for name in ("SASL_PASSWORD", "SSL_KEY_PASSWORD"):
        monkeypatch.setenv(f"COPYDESK_{name}", CANARY)
        monkeypatch.setenv(f"COPYDESK_{name}_FILE", f"/{CANARY}")
    monkeypatch.setenv("COPYDESK_SASL_USERNAME", CANARY)
    monkeypatch.setenv("NOT_OURS", "stays")


def without_secrets(found: list[bytes]) -> bool:
    """None of ours in any of them; what is not ours is inherited (a tracker of an earlier test may be among them)."""
    assert any(b"NOT_OURS=stays" in one for one in found)
    return not any(CANARY.encode() in one for one in found)


async def test_worker_processes() -> None:
    """The first ones, and the one that takes the place of one that ended."""
    made = Pool(
        stages=("cleaning",), options=Options(), processes=2, time_limit=5, memory_limit=400, loader=bad_stage.load
    )
    try:
        await made.start()
        assert len(environments(os.getpid())) >= 2
        assert without_secrets(environments(os.getpid()))
        await made.run("cleaning", [(b'{"body": "die"}', None)])
        await made.run("cleaning", [(b'{"body": "one"}', None)] * 2)
        assert without_secrets(environments(os.getpid()))
    finally:
        await made.stop()


def test_the_embedded_broker() -> None:
    """A program that is not ours."""
    with EmbeddedBroker() as broker:
        assert broker.pid
        assert without_secrets([environment_of(broker.pid)])


async def test_the_worker_of_the_demo(tmp_path: Path) -> None:
    """It is told what it needs, and that is no secret."""
    port = free_port()
    chosen = load({"broker": f"127.0.0.1:{port}", "web_port": 0}, environment={})
    with demo._worker(chosen, log=tmp_path / "log", folder=str(tmp_path), verbose=False) as worker:
        assert await until(lambda: b"COPYDESK_BROKER" in environment_of(worker.pid), 5)
        assert without_secrets([environment_of(worker.pid)])
