"""The stage and the tables, loaded once."""

import pytest

from pipeline import entities
from pipeline.entities.linking import gazetteer
from pipeline.entities.linking.gazetteer import Gazetteer
from pipeline.entities.stage import Entities


@pytest.fixture(scope="session")
def stage() -> Entities:
    """The stage as the line loads it."""
    return entities.load()


@pytest.fixture(scope="session")
def places() -> Gazetteer:
    """The gazetteer."""
    return gazetteer.load()
