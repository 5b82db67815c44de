"""The stage and the tables, loaded once."""

import pytest

from pipeline import entities
from pipeline.annotating import AnnotatorStage, Seat
from pipeline.entities.linking import gazetteer
from pipeline.entities.linking.gazetteer import Gazetteer
from pipeline.entities.stage import Entities


@pytest.fixture(scope="session")
def annotator() -> Entities:
    """The annotator as the pipeline loads it."""
    return entities.load()


@pytest.fixture(scope="session")
def stage(annotator: Entities) -> AnnotatorStage:
    """The stage around it."""
    return AnnotatorStage("entities", [Seat(annotator=annotator, required=True, ours=True)], clock=lambda: 0.0)


@pytest.fixture(scope="session")
def places() -> Gazetteer:
    """The gazetteer."""
    return gazetteer.load()
