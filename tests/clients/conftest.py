"""`copydesk broker` and a real `copydesk worker`, one of each for the session, both with default settings."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from tests.clients.examples import Toolbox
from tests.integration.worker import ROOT, clean_environment, die_with_parent


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where `copydesk broker` says that it is."""
    said = tmp_path_factory.mktemp("broker") / "log"
    with said.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "agents", "broker", "--port", "0"],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=clean_environment({}),
            cwd=ROOT,
            preexec_fn=die_with_parent,
        )
    try:
        deadline = time.monotonic() + 240  # the first time it downloads Apache Kafka
        while not (found := re.search(r"COPYDESK_BROKER=(\S+)\n", said.read_text())):
            assert process.poll() is None, said.read_text()
            assert time.monotonic() < deadline, said.read_text()
            time.sleep(0.1)
        yield found[1]
    finally:
        process.terminate()
        process.wait(90)


@pytest.fixture(scope="session")
def toolbox(address: str, tmp_path_factory: pytest.TempPathFactory) -> Toolbox:
    """What examples are run with, against that broker."""
    return Toolbox(tmp_path_factory.mktemp("examples"), address)
