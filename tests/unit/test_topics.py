"""Names of topics, and the routes that lead to further ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.kafka import topics
from agents.settings import load
from pipeline.errors import SettingsError
from pipeline.formats import MAX_WIRE_BYTES
from pipeline.stages import STAGES

READ: dict[str, tuple[tuple[str, str], ...]] = {
    "": (),
    "  ": (),
    "medtop:15000000=articles.sport": (("medtop:15000000", "articles.sport"),),
    " medtop:15000000 = sport , language:DE=de,": (("medtop:15000000", "sport"), ("language:de", "de")),
    "entity:Angela Merkel=merkel": (("entity:angela merkel", "merkel"),),
    "entity:Q567=merkel": (("entity:q567", "merkel"),),
    "source:Ledger & Tide=lt": (("source:ledger & tide", "lt"),),
    "source:a=b Courier=x": (("source:a=b courier", "x"),),
    "myscheme:crime/fraud=fraud": (("myscheme:crime/fraud", "fraud"),),
    "language:en=a,language:en=b": (("language:en", "a"), ("language:en", "b")),
}


@pytest.mark.parametrize("text", READ)
def test_routes_are_read(text: str) -> None:
    """What an article must have, folded where case says nothing, and where it then goes."""
    assert topics.read_routes(text) == READ[text]


@pytest.mark.parametrize(
    "text", ["sport=x", "medtop:1=", "=x", "medtop:1=a b", "medtop:1=a/b", f"medtop:1={'x' * 250}"]
)
def test_a_route_that_cannot_be_is_one_line(text: str) -> None:
    """It says which, and how it should look."""
    with pytest.raises(SettingsError, match="COPYDESK_ROUTES") as error:
        topics.read_routes(text)
    assert "\n" not in str(error.value)


def test_routes_from_a_file(tmp_path: Path) -> None:
    """One a line, comments and blank lines aside; a file that is not there is named."""
    file = tmp_path / "routes"
    file.write_text("# sports desk\nmedtop:15000000=sport # all of it\n\nlanguage:de=de\n")
    assert topics.read_routes(str(file)) == (("medtop:15000000", "sport"), ("language:de", "de"))
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    for name in ("none", "binary"):
        with pytest.raises(SettingsError, match="cannot be read"):
            topics.read_routes(str(tmp_path / name))


def test_names_have_the_prefix() -> None:
    """The pipeline's five do; a route's topic is as it was written."""
    named = topics.named(load({"topic_prefix": "test.", "routes": "language:de=articles.de"}, environment={}))
    assert named.pipeline == (
        "test.articles.raw", "test.articles.cleaned", "test.articles.annotated", "test.articles.enriched",
        "test.articles.dead-letters",
    )  # fmt: skip
    assert named.all == (*named.pipeline, "articles.de")


def test_the_line_is_closed() -> None:
    """Each stage reads what the one before writes."""
    named = topics.named(load(environment={}))
    assert named.input(STAGES[0]) == named.raw
    assert [named.input(stage) for stage in STAGES[1:]] == [named.output(stage) for stage in STAGES[:-1]]
    assert named.output(STAGES[-1]) == named.enriched
    assert set(topics.EVENT_TYPE) == set(STAGES)


def test_topics_take_the_largest_article_and_its_headers() -> None:
    """max.message.bytes leaves room above what the codec accepts; enriched is compacted, the others are not."""
    chosen = load({"retention_hours": 2, "dead_letter_retention_hours": 3}, environment={})
    named = topics.named(chosen)
    for topic in named.all:
        configs = topics._new_topic(topic, named, chosen).topic_configs
        assert int(configs["max.message.bytes"]) > MAX_WIRE_BYTES
        assert ("compact" in configs["cleanup.policy"]) is (topic == named.enriched)
        assert configs["retention.ms"] == ("10800000" if topic == named.dead_letters else "7200000")
