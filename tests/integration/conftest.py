"""A real Apache Kafka for the session, and a deployment of its own for each test. By deploy/kafka."""

from __future__ import annotations

import itertools
import logging
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from agents.broker import EmbeddedBroker, free_port

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "deploy" / "kafka"))

if TYPE_CHECKING:
    from kafka import Kafka

    from tests.integration.deployment import Deployment
    from tests.integration.report import Ledger

_numbers = itertools.count(1)
_LEDGER = pytest.StashKey["Ledger"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Where the table of faults goes, and what the random runs start from."""
    parser.addoption("--ledger-table", metavar="PATH", help="write the table of faults here (between its marks)")
    parser.addoption("--soak-seconds", type=int, default=180, help="how long the random mix of faults runs (180)")
    parser.addoption("--soak-seed", type=int, help="repeat a random mix of faults")
    parser.addoption("--fuzz-seed", type=int, default=1, help="other inputs for the fuzz of the pipeline (1)")
    parser.addoption("--half-open-seconds", type=int, default=8, help="how long strangers hold 2,000 connections (8)")
    parser.addoption("--fuzz-inputs", type=int, default=400, help="how many of them (400)")


@pytest.fixture(scope="session", autouse=True)
def quiet_clients() -> None:
    """The harness's own clients say a hundred times a second that a broker we killed is away."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)


@pytest.fixture(scope="session")
def broker() -> Iterator[EmbeddedBroker]:
    """The embedded broker, one for the session: tests keep apart by topic prefix and group."""
    with EmbeddedBroker() as running:
        yield running


@pytest.fixture(scope="session")
def kafka() -> Iterator[Kafka]:
    """One broker on loopback for the whole session, with a second listener that leads through a proxy."""
    from kafka import Kafka

    with Kafka(proxy_port=free_port()) as running:
        yield running


@pytest.fixture
def deployment(kafka: Kafka, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Deployment]:
    """A deployment of this test's own; its workers are ended with the test."""
    from tests.integration.deployment import Deployment

    # Two cases of one test must not share topics: +2h and -2h are the same word in a topic's name.
    name = re.sub(r"\W+", "-", request.node.name)[:40].strip("-")
    made = Deployment(kafka.bootstrap, f"{name}-{next(_numbers)}", tmp_path)
    yield made
    made.stop()


@pytest.fixture(scope="session")
def ledger(request: pytest.FixtureRequest) -> Ledger:
    """Where runs enter their rows."""
    from tests.integration.report import Ledger

    path = request.config.getoption("--ledger-table", None)
    return request.config.stash.setdefault(_LEDGER, Ledger(Path(path) if path else None))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """The table of this session."""
    book = config.stash.get(_LEDGER, None)
    if book is None or not book.rows:
        return
    terminalreporter.section("faults")
    terminalreporter.write_line(book.table())
