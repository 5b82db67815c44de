"""Which place a name means, as a table; None for none."""

import pytest

from pipeline.annotating import AnnotatorStage
from pipeline.article import Article
from tests.unit.entities.articles import cleaned

PARIS_TEXAS, ATHENS_GEORGIA, LONDON_ONTARIO, CAMBRIDGE_MASS = 4717560, 4180386, 6058560, 4931972


@pytest.mark.parametrize(
    ("text", "mention", "expected"),
    [
        ("The fire chief of Paris, Texas, said the blaze was out.", "Paris", PARIS_TEXAS),
        ("The mayor of Paris spoke in France.", "Paris", 2988507),
        ("Officials in Athens, Ga., met. The mayor of Athens spoke.", "Athens", ATHENS_GEORGIA),
        ("In the Ohio town of Athens, students protested.", "Athens", 4505542),
        ("The mayor of London, Ontario, resigned.", "London", LONDON_ONTARIO),
        ("The mayor of London, Ontario, resigned.", "Ontario", None),
        ("Officials in Boston and Cambridge announced a new bridge.", "Cambridge", CAMBRIDGE_MASS),
        ("A man was hurt at a bus station in Springfield.", "Springfield", None),
        ("The Georgia governor spoke in Atlanta.", "Georgia", 4197000),
        ("Georgia accused Moscow of meddling, protesters in Tbilisi said.", "Georgia", 614540),
        ("The prison in Kingston, near Ottawa, will close, Canadian officials said.", "Kingston", 5992500),
        ("The summit in Kingston was attended by Jamaican officials.", "Kingston", 3489854),
        ("China and the United States talked in Geneva.", "China", 1814991),
        ("Talks in Washington between the United States and China failed.", "Washington", 4140963),
        ("Guinea-Bissau held an election.", "Guinea-Bissau", 2372248),
    ],
)
def test_places(text: str, mention: str, expected: int | None, stage: AnnotatorStage) -> None:
    """What stands beside it, then the document, then population; precision first."""
    (answer,) = stage.run([cleaned(text)])
    assert isinstance(answer, Article)
    start = text.index(mention)
    (entity,) = (entity for entity in answer.entities or () if any(other.start == start for other in entity.mentions))
    assert (int(entity.link.id) if entity.link else None) == expected
