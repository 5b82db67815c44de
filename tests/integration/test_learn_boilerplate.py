"""`copydesk learn-boilerplate` on a topic, and a line cleaned by what it learnt."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agents.broker import EmbeddedBroker
from tests.integration.worker import command

HOUSE_LINE = "The Lenn Valley Clarion is printed on the coldest press in the county."
# Numbers do not make two lines different; names do.
PLACES = ("Aldford", "Birkham", "Corley", "Dunstow", "Emsworth", "Farrowby", "Gillcot", "Hexby", "Ingleton")
BODY = (
    "The council of {0} voted on Tuesday to mend the weir before the spring floods arrive.\n\n"
    "Work on the {0} sluice takes until May, the engineer said, and the footbridge stays open."
)


def article(number: int) -> dict[str, str]:
    """One of an outlet that writes the same odd line under each of its articles."""
    return {
        "uri": f"urn:clarion:{number}",
        "source": "Lenn Valley Clarion",
        "publishedAt": f"2025-03-{number + 1:02}T08:00:00Z",
        "body": f"{BODY.format(PLACES[number])}\n\n{HOUSE_LINE}",
    }


@pytest.mark.asyncio
async def test_what_recurs_in_a_topic_is_learnt_and_then_removed(broker: EmbeddedBroker, tmp_path: Path) -> None:
    """Fed, learnt from the topic without a group, and gone from the next article of that outlet only."""
    feed, learnt = tmp_path / "feed.jsonl", tmp_path / "learnt.json"
    feed.write_text("".join(json.dumps(article(number)) + "\n" for number in range(8)) + "no article\n")
    settings = {
        "COPYDESK_BROKER": broker.address,
        "COPYDESK_TOPIC_PREFIX": "clarion.",
        "COPYDESK_PARTITIONS": "2",
        "COPYDESK_DATA_DIR": str(tmp_path),
    }
    for args in (("topics", "create"), ("feed", str(feed))):
        code, out, err = await command(*args, settings=settings)
        assert code == 0, out + err
    code, _, err = await command(
        "learn-boilerplate", "clarion.articles.raw", "--yes", "-o", str(learnt), settings=settings
    )
    assert code == 0, err
    assert "1 articles were refused" in err
    code, _, err = await command("learn-boilerplate", "articles.nowhere", settings=settings)
    assert code != 0
    assert "articles.nowhere" in err
    (source,) = json.loads(learnt.read_text())["sources"].values()
    assert [line["text"] for line in source.values()] == [HOUSE_LINE]

    (tmp_path / "one.jsonl").write_text(json.dumps(article(8)) + "\n")
    for list_, removed in (({"COPYDESK_BOILERPLATE": str(learnt)}, [("recurring_line", HOUSE_LINE)]), ({}, [])):
        code, out, err = await command("enrich", str(tmp_path / "one.jsonl"), settings=list_)
        assert code == 0, err
        found = json.loads(out)["enrichment"]["text"]["removed"]
        assert [(line["kind"], line["text"]) for line in found] == removed
