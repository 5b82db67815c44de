"""The sample articles, enriched once per session by the real pipeline; and the shared data, if it is there."""

from __future__ import annotations

import json
import os
import time
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from agents.cli.reading import Found, read
from pipeline.runner import Pipeline
from pipeline.stages import Outcome, Produced

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared" / "data"


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever COPYDESK_* the person testing has set is not seen."""
    for name in [name for name in os.environ if name.startswith("COPYDESK_")]:  # noqa: TID251
        monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of shared data; tests that need it skip without it."""
    if not SHARED.is_dir():
        pytest.skip("the shared data (../shared/data) is not here")
    return SHARED


@pytest.fixture(scope="session")
def samples() -> list[Found]:
    """The sample articles as raw articles, in the order of their names."""
    return list(read([str(files("pipeline") / "data" / "samples")]))


@pytest.fixture(scope="session")
def pipeline() -> Pipeline:
    """The real pipeline with its real models: loaded once."""
    return Pipeline(clock=time.time)


@pytest.fixture(scope="session")
def outcomes(pipeline: Pipeline, samples: list[Found]) -> list[Outcome]:
    """What the pipeline makes of each sample."""
    return pipeline.run([found.value for found in samples])


@pytest.fixture(scope="session")
def records(outcomes: list[Outcome]) -> list[dict[str, Any]]:
    """The enriched records of the samples, as JSON objects."""
    return [json.loads(outcome.value) for outcome in outcomes if isinstance(outcome, Produced)]


@pytest.fixture
def loopback_broker() -> str:
    """An address of this machine where nothing listens."""
    from agents.broker import free_port

    return f"127.0.0.1:{free_port()}"
