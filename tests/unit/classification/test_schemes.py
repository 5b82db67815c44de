"""A user's own subjects: learning, one file, and its place beside IPTC's."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from pipeline import classification
from pipeline.classification import heads, schemes
from pipeline.errors import ModelError
from tests.unit.classification.articles import MATCH, RATES, TRIAL, article


def examples(count: int = 12) -> tuple[np.ndarray, list[str]]:
    """Unit vectors around three directions."""
    rng = np.random.default_rng(1)
    labels = [name for name in ("harbour", "market", "school") for _ in range(count)]
    index = np.repeat(np.arange(3), count)
    units = np.eye(256, dtype=np.float32)[index] + 0.05 * rng.standard_normal((3 * count, 256)).astype(np.float32)
    return units / np.linalg.norm(units, axis=1, keepdims=True), labels


def test_what_is_learnt_is_told_apart() -> None:
    """Examples that lie apart are told apart, also by a scheme that has not seen them."""
    units, labels = examples()
    scheme = schemes.fit(units, labels, name="town", vectors="v")
    assert scheme.classes == ("harbour", "market", "school")
    assert [scheme.classes[int(scheme.probabilities(unit).argmax())] for unit in units] == labels
    assert schemes.cross_validate(units, labels).diagonal().tolist() == [12, 12, 12]


def test_learning_and_saving_give_the_same_bytes(tmp_path: Path) -> None:
    """Twice the same file, and what is loaded is what was saved."""
    units, labels = examples()
    for name in ("a.json", "b.json"):
        schemes.save(schemes.fit(units, labels, name="town", vectors="v"), tmp_path / name)
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()
    loaded = schemes.load(tmp_path / "a.json", "v")
    assert loaded.version == schemes.fit(units, labels, name="town", vectors="v").version


def test_a_scheme_fits_only_the_vectors_it_was_learnt_on(tmp_path: Path) -> None:
    """Other vectors, a damaged file, no file: a ModelError that says what to do."""
    units, labels = examples()
    path = tmp_path / "town.json"
    schemes.save(schemes.fit(units, labels, name="town", vectors="v"), path)
    with pytest.raises(ModelError, match="train-subjects again"):
        schemes.load(path, "other")
    facts = json.loads(path.read_text())
    path.write_text(json.dumps({**facts, "bias": [0.0]}))
    with pytest.raises(ModelError, match="damaged"):
        schemes.load(path, "v")
    path.write_text("{")
    with pytest.raises(ModelError, match="cannot be read"):
        schemes.load(path, "v")


def test_own_subjects_stand_beside_the_others(tmp_path: Path) -> None:
    """Loaded with the stage, they come after IPTC's, with evidence; the configuration is another one."""
    vectors, network = heads.load()
    texts = [MATCH, TRIAL, RATES]
    means = [vectors.bag(text).mean for text in texts for _ in range(5)]
    units = np.array([heads.direction(mean, network.centre) for mean in means])
    labels = [name for name in ("pitch", "bench", "till") for _ in range(5)]
    path = tmp_path / "desk.json"
    key = heads.manifest()["files"]["vectors.npy"]
    schemes.save(schemes.fit(units, labels, name="desk", vectors=key), path)
    stage = classification.load(schemes=[path])
    (answer,) = stage.annotate([article(TRIAL)])
    assert answer
    assert answer[0].scheme == "medtop"
    last = answer[-1]
    assert (last.scheme, last.code, last.name, last.path) == ("desk", "desk:bench", "bench", ("desk:bench",))
    assert last.evidence
    assert stage.component.config != classification.load().component.config
