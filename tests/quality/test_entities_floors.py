"""The quality of entities does not fall below what is pinned in floors_entities.json.

Lowering a floor is a decision: it needs a reason in the commit that does it.
"""

import json
import sys
from pathlib import Path

import pytest

from pipeline import entities

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bench"))

import quality_entities  # noqa: E402

FLOORS = json.loads((Path(__file__).parent / "floors_entities.json").read_text(encoding="utf-8"))
needs_data = pytest.mark.skipif(not quality_entities.DATA.is_dir(), reason="no ../shared/data: see CONTRIBUTING.md")


@pytest.fixture(scope="module")
def stage() -> entities.Entities:
    """The stage with the small model."""
    return entities.load()


@needs_data
def test_conll(stage: entities.Entities) -> None:
    """Strict F1 on CoNLL++ 2020 by type."""
    labelled = quality_entities.read_conll(quality_entities.DATA / "ner" / "conllpp2020.txt")
    table = quality_entities.score(quality_entities.run(stage, labelled))
    below = {label: table[label] for label, floor in FLOORS["conllpp2020_f1"].items() if table[label][2] < floor}
    assert not below


@needs_data
def test_seed_article(stage: entities.Entities) -> None:
    """Persons, organisations, places and products of the kind of article that users feed."""
    precision, recall = quality_entities.seed(stage)
    assert precision >= FLOORS["seed_precision"]
    assert recall >= FLOORS["seed_recall"]


def test_place_links(stage: entities.Entities) -> None:
    """Links on the set made by hand before the resolver."""
    precision, recall, _ = quality_entities.linked(stage)
    assert precision >= FLOORS["place_links_precision"]
    assert recall >= FLOORS["place_links_recall"]
