"""A word of the article is no company unless the article speaks of one."""

from __future__ import annotations

import pytest

from pipeline.annotating import AnnotatorStage
from pipeline.article import Article
from tests.unit.entities.articles import cleaned

APPLE = "Q312"


@pytest.mark.parametrize(
    ("text", "linked"),
    [
        ("Apple growers in the valley hope for rain.\nPrices of cider apples had fallen, the union said.", False),
        ("Apple pies from Armagh won first prize in Dublin.\nThe bakers used an apple of the valley.", False),
        ("Apple shares fell on Monday.\nA bitten apple is on every computer that it sells.", True),
        ("Shares in Apple fell on Monday.\nIts apples are made of glass.", True),
        ("Apple Inc said on Monday that sales rose.\nApple gave an apple to everybody who came.", True),
        ("Microsoft and Apple said on Monday that sales rose.", True),
    ],
)
def test_common_words(text: str, linked: bool, stage: AnnotatorStage) -> None:
    """Small letters speak against the company; shares, a company's form and the like speak for it."""
    (answer,) = stage.run([cleaned(*text.split("\n"))])
    assert isinstance(answer, Article)
    links = {entity.link.id for entity in answer.entities or () if entity.link}
    assert (APPLE in links) is linked
