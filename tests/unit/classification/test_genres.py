"""Obituaries are known by their form."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.classification import genres, heads, wording
from pipeline.languages import registry

WORDS = wording.load(registry.english()).obituary


@pytest.mark.parametrize(
    ("title", "text", "known"),
    [
        ("Ada Bell, who drew maps, dies at 91", "", True),
        ("Ada Bell dies aged 91", "", True),
        ("Obituary: Ada Bell", "", True),
        ("Ada Bell, 1931-2022", "", True),
        ("A life of maps", "Ada Bell has died at the age of 91. She is survived by a son.", True),
        ("A life of maps", "Ada Bell has died at the age of 91. Police are looking for a lorry.", False),
        (
            "Ada Bell",
            "Ada Bell, founder of a bank, died on Monday. She was 81. Born in Bath, she retired to a hospice.",
            True,
        ),
        ("Ada Bell passes away", "Ada Bell passed away on Monday, aged 81. She left behind a husband.", True),
        ("Ada Bell killed", "Ada Bell died when she was shot on Monday. She was 81. She is survived by a son.", False),
        ("Ada Bell retires", "Ada Bell was 81 when her husband died. She leaves the bank to her sister.", False),
        ("Two die in crash", "Two men died when their car hit a tree.", False),
        ("Season 2021-22", "The team won.", False),
        ("", "", False),
    ],
)
def test_form_gives_it_away(title: str, text: str, known: bool) -> None:
    """A headline with an age, or a lead with one and what is told of a life."""
    assert genres.is_obituary(title, text, WORDS) is known


def test_half_goes_to_human_interest() -> None:
    """What is left keeps its proportions, and the levels still agree."""
    vectors, network = heads.load()
    before = network.scores(vectors.bag("The striker scored twice and the goalkeeper saved a penalty.").mean)
    after = genres.as_obituary(before, network.tops, network.parent)
    assert network.tops[int(after.top.argmax())] == genres.HUMAN_INTEREST
    assert int(np.argsort(-after.top)[1]) == int(before.top.argmax())
    assert after.top.sum() == pytest.approx(1, abs=1e-5)
    for top in range(17):
        assert after.second[network.parent == top].sum() == pytest.approx(after.top[top], abs=1e-3)
