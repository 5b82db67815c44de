"""One thing of an article is one entity, however it is spelt."""

from __future__ import annotations

import pytest

from pipeline.annotating import AnnotatorStage
from pipeline.annotations import Entity
from pipeline.article import Article
from tests.unit.entities.articles import cleaned


def found(stage: AnnotatorStage, text: str, title: str | None) -> dict[str, Entity]:
    """Entities by name; none is lost to another of the same name."""
    (answer,) = stage.run([cleaned(*text.split("\n"), title=title)])
    assert isinstance(answer, Article)
    things = {entity.name: entity for entity in answer.entities or ()}
    assert len(things) == len(answer.entities or ())
    return things


@pytest.mark.parametrize(
    ("title", "text", "name", "others", "mentions"),
    [
        (
            "IMF cuts forecast",
            "The International Monetary Fund cut its forecast on Tuesday. The IMF said growth would slow.\n"
            "The I.M.F. meets again on Friday.",
            "International Monetary Fund",
            {"IMF", "I.M.F."},
            4,
        ),
        (
            None,
            "Nato leaders met in Brussels.\nThe North Atlantic Treaty Organization (NATO) was founded in 1949.",
            "North Atlantic Treaty Organization",
            {"Nato", "NATO"},
            3,
        ),
        (
            "IHA sounds alarm",
            "Dredging must stop, said the International Harbour Agency (IHA).\nThe IHA said silt was rising.",
            "International Harbour Agency",
            {"IHA"},
            4,
        ),
        (
            None,
            "Dredging must stop, said the IHA (International Harbour Agency).\nThe IHA said silt was rising.",
            "International Harbour Agency",
            {"IHA"},
            3,
        ),
        (
            None,
            "Dredging must stop, said the International Harbour Agency, or IHA.\nThe IHA said silt was rising.",
            "International Harbour Agency",
            {"IHA"},
            3,
        ),
        (
            None,
            "Nissan Motor Co said on Friday that sales rose. Shares of Nissan fell.\nNissan shares had risen.",
            "Nissan Motor Co",
            {"Nissan"},
            3,
        ),
        (
            None,
            "Volkswagen AG said sales rose. Volkswagen shares fell.\nVolkswagen Group will cut jobs in Wolfsburg.",
            "Volkswagen Group",
            {"Volkswagen AG", "Volkswagen"},
            3,
        ),
        (
            "THE HAGUE: court to rule",
            "THE HAGUE, March 3 (Wire) - Judges in The Hague will rule.\nLawyers flew to the Hague on Monday.",
            "The Hague",
            {"THE HAGUE", "the Hague"},
            4,
        ),
        (
            None,
            "Talks in Kyiv failed on Monday.\nEnvoys in Kiev, Ukraine, said the talks in Kyiv would go on.",
            "Kyiv",
            {"Kiev"},
            3,
        ),
        (
            None,
            "John Marwick and his wife, Helen Marwick, won their case in London on Friday.\n"
            "“We never gave up,” Helen said outside. Their son, David Marwick, said the family would farm on.",
            "Helen Marwick",
            {"Helen"},
            2,
        ),
    ],
)
def test_spellings_of_one_thing(
    title: str | None, text: str, name: str, others: set[str], mentions: int, stage: AnnotatorStage
) -> None:
    """The fullest name is its name, the others are aliases, and the mentions are those of all."""
    things = found(stage, text, title)
    thing = things[name]
    assert set(thing.aliases) == others
    assert len(thing.mentions) == mentions
    assert [(m.where == "body", m.start) for m in thing.mentions] == sorted(
        (m.where == "body", m.start) for m in thing.mentions
    )
    assert not others & things.keys()
    links = [entity.link for entity in things.values() if entity.link]
    assert len({(link.kb, link.id) for link in links}) == len(links)


def test_salience_counts_the_mentions_of_all_spellings(stage: AnnotatorStage) -> None:
    """Four mentions of an organisation, of which no spelling has more than two, outweigh three of a place."""
    things = found(
        stage,
        "Geneva hosted the talks. Geneva was cold, and the hotels of Geneva were full.\n"
        "The WHO spoke first. The World Health Organization warned of flu; the WHO and the W.H.O. staff left.",
        None,
    )
    assert len(things["World Health Organization"].mentions) == 4
    assert things["World Health Organization"].salience > 0.4 / 0.7
    assert things["Geneva"].salience < 1


@pytest.mark.parametrize(
    ("text", "apart"),
    [
        (
            "The World Heritage Organisation (WHO) met in Paris.\nThe WHO said the walls must be mended.",
            "World Heritage Organisation",
        ),
        (
            "The World Heritage Organisation met in Paris on Monday.\nThe WHO said a strain of flu was new.",
            "World Heritage Organisation",
        ),
        (
            "Samsung Heavy Industries Co said on Friday that profit rose.\nShares of Samsung fell.",
            "Samsung Heavy Industries Co",
        ),
        (
            "John Marwick met Helen Marwick in London.\nHelen Carter, a lawyer, said so. “We won,” Helen said.",
            "Helen Marwick",
        ),
    ],
)
def test_what_may_be_two_things_stays_two(text: str, apart: str, stage: AnnotatorStage) -> None:
    """An acronym means what the article says, a short name that fits two is neither, and no wrong link is given."""
    thing = found(stage, text, None)[apart]
    assert thing.link is None
    assert not {"Samsung", "Helen"} & set(thing.aliases)


def test_an_acronym_of_the_article_has_not_the_link_of_another(stage: AnnotatorStage) -> None:
    """WHO is the World Health Organization only if the article does not say otherwise."""
    things = found(
        stage, "The World Heritage Organisation (WHO) met in Paris.\nThe WHO said the walls must be mended.", None
    )
    assert set(things["World Heritage Organisation"].aliases) == {"WHO"}
    assert not [entity for entity in things.values() if entity.link and entity.link.kb == "wikidata"]
