"""The whole pipeline with its real models: what is promised of every record, on any text."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from agents.cli.reading import Found
from pipeline import codec
from pipeline.article import Hints
from pipeline.errors import Refusal
from pipeline.formats.text import PlainText
from pipeline.runner import Pipeline
from pipeline.stages import Outcome, Produced

FRAGMENTS = st.sampled_from(
    [
        "Angela Merkel met Emmanuel Macron in Paris on Tuesday.", "Deutsche Bank said profits rose 34% to $9 billion.",
        "“We will not yield,” said Prime Minister Ursula Ng’etich.", "LONDON (Reuters) —", "What comes next",
        "The U.S.-China talks ended without a deal..", "🚢 The ferry Ålesund 👩\u200d🚀 sank near Malmö.",
        "• a list item", "1. First",
        "Zoe\u0308 and Zoë are the same name.", "\u202eevil\u202c text", "𝔘nicode 𝒃eyond the plane, said Dr. 𝓐.",
        "Share on Facebook",
        "Never Miss a Story: Join Our Newsletter", "© 2026 The Courier. All rights reserved.",
        "(Reporting by Ana Petrov)",
        "Apple, Google and the European Union’s court in Luxembourg", "By Piet Verlaan", "&amp; &lt;b&gt;", "   ", "\t",
    ]
)  # fmt: skip
PIECES = FRAGMENTS | st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
BODIES = st.lists(PIECES, min_size=1, max_size=12).flatmap(
    lambda pieces: st.sampled_from([" ", "\n", "\n\n", "\r\n"]).map(lambda between: between.join(pieces))
)
TITLES = st.none() | FRAGMENTS
on_the_pipeline = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def through(pipeline: Pipeline, *articles: dict[str, Any]) -> list[Outcome]:
    """What the pipeline makes of these."""
    return pipeline.run([orjson.dumps(article) for article in articles])


def held(record: dict[str, Any]) -> None:
    """What every record promises of its offsets and its text."""
    text, enrichment = record["bodies"][0]["value"], record["enrichment"]
    places = {"body": text, "headline": next((h["value"] for h in record.get("headlines", ())), "")}
    for entity in enrichment.get("entities") or ():
        for mention in entity["mentions"]:
            assert places[mention["in"]][mention["start"] : mention["end"]] == mention["text"]
            assert mention["text"].strip()
    for subject in enrichment.get("subjects") or ():
        for span in subject["evidence"]:
            assert text[span["start"] : span["end"]] == span["text"]
    at = 0
    for number, segment in enumerate(enrichment["text"]["segments"]):
        between = text[at : segment["start"]]
        assert between == ("\n\n" if number else "")
        assert segment["start"] < segment["end"]
        assert text[segment["start"] : segment["end"]].strip()
        at = segment["end"]
    assert at == len(text)
    assert enrichment["text"]["sha256"] == hashlib.sha256(text.encode()).hexdigest()
    assert record["bodies"][0]["charCount"] == len(text)


def test_the_samples_hold(records: list[dict[str, Any]]) -> None:
    """Offsets of every sample's record give back their text; segments cover the text, in order."""
    for record in records:
        held(record)


@on_the_pipeline
@given(body=BODIES, title=TITLES)
def test_any_text_holds(pipeline: Pipeline, body: str, title: str | None) -> None:
    """So do those of any text, with any title: or it is refused, and by a stage."""
    (outcome,) = through(pipeline, {"body": body, "title": title})
    if isinstance(outcome, Produced):
        held(orjson.loads(outcome.value))
    else:
        assert outcome.stage == "cleaning"


@on_the_pipeline
@given(body=BODIES)
@example(body="\x1f")
def test_any_markup_holds(pipeline: Pipeline, body: str) -> None:
    """Text in markup likewise."""
    page = "".join(f"<p>{part}</p>" for part in body.split("\n\n"))
    (outcome,) = through(pipeline, {"html": f"<html><body><article><h1>Title</h1>{page}</article></body></html>"})
    if isinstance(outcome, Produced):
        held(orjson.loads(outcome.value))


@settings(on_the_pipeline, max_examples=20)
@given(bodies=st.lists(BODIES, min_size=2, max_size=4))
def test_other_articles_of_the_batch_make_no_difference(pipeline: Pipeline, bodies: list[str]) -> None:
    """The same article gives the same record, whatever is in the batch with it, and however often."""
    articles = [{"body": body} for body in bodies]
    together = through(pipeline, *articles)
    alone = [through(pipeline, article)[0] for article in articles]
    turned = through(pipeline, *reversed(articles))[::-1]
    assert [plain(o) for o in together] == [plain(o) for o in alone] == [plain(o) for o in turned]


def plain(outcome: Outcome) -> Any:
    """What may not differ between two runs."""
    return outcome if isinstance(outcome, Refusal) else codec.without_timings(orjson.loads(outcome.value))


def test_the_samples_come_out_the_same_again(pipeline: Pipeline, samples: list[Found], outcomes: list[Outcome]) -> None:
    """One by one, backwards, the same as all at once: recordId, text, entities and subjects."""
    again = [pipeline.run([found.value])[0] for found in reversed(samples)][::-1]
    assert [plain(o) for o in again] == [plain(o) for o in outcomes]


def test_record_ids_tell_articles_apart(records: list[dict[str, Any]]) -> None:
    """No two samples share one; it is in the altIds, too, where ninjs consumers look."""
    ids = [record["enrichment"]["recordId"] for record in records]
    assert len(set(ids)) == len(ids)
    for record, found in zip(records, ids, strict=True):
        assert {"role": "recordId", "value": found} in record["altIds"]


def test_a_broken_article_costs_no_other(pipeline: Pipeline) -> None:
    """Refused articles have their place in the answer, their stage and reason; their neighbours are untouched."""
    good = orjson.dumps({"body": "Angela Merkel spoke in Berlin about the economy and trade. Markets rose at once."})
    outcomes = pipeline.run([good, b"{", good, b'{"body": " "}', good])
    assert [type(outcome).__name__ for outcome in outcomes] == ["Produced", "Refusal"] * 2 + ["Produced"]
    assert [o.reason for o in outcomes if isinstance(o, Refusal)] == ["malformed_json", "empty_text"]
    assert plain(outcomes[0]) == plain(outcomes[2]) == plain(outcomes[4])
    assert pipeline.run([]) == []


def test_another_language_passes_as_partial(records: list[dict[str, Any]]) -> None:
    """Without a model for its language an article still flows: no entities, no subjects, and it says so."""
    german = next(record for record in records if record["language"] == "de")
    enrichment = german["enrichment"]
    assert enrichment["status"] == "partial"
    assert "entities" not in enrichment
    assert [run["status"] for run in enrichment["provenance"]["stages"]][1] == "skipped"


def test_the_seed_article(pipeline: Pipeline, shared: Any) -> None:
    """The acceptance case: its newsletter line goes, its headings are headings, its names are found."""
    value = orjson.dumps(PlainText().read((shared / "seed-article.txt").read_bytes(), Hints()))
    (outcome,) = pipeline.run([value])
    assert isinstance(outcome, Produced)
    record = json.loads(outcome.value)
    body, enrichment = record["bodies"][0]["value"], record["enrichment"]
    held(record)
    assert any("Newsletter" in removed["text"] for removed in enrichment["text"]["removed"])
    assert "Join Our Newsletter" not in body
    assert ".." not in body.replace("...", "")
    assert sum(segment["kind"] == "heading" for segment in enrichment["text"]["segments"]) >= 6
    found = {name: entity["type"] for entity in enrichment["entities"] for name in (entity["name"], *entity["aliases"])}
    wanted = dict.fromkeys(["Howard Lutnick", "Christine Lagarde", "He Lifeng"], "PERSON")
    wanted |= dict.fromkeys(["Nvidia", "Huawei", "Deutsche Bank"], "ORG") | dict.fromkeys(["China", "U.S."], "GPE")
    assert {name: found.get(name) for name in wanted} == wanted
    assert enrichment["subjects"][0]["code"] == "medtop:04000000"


@pytest.mark.parametrize("suite", ["test_parsing", "test_transform"])
def test_json_test_suite(pipeline: Pipeline, shared: Any, suite: str) -> None:
    """Every file of JSONTestSuite, as an article and as the body's neighbour, has exactly one verdict."""
    files = sorted((shared / "badinput" / "JSONTestSuite" / suite).glob("*.json"))
    assert len(files) >= 20
    raw = [file.read_bytes() for file in files]
    inside = [b'{"body":"Good news from Berlin.","extra":' + data + b"}" for data in raw]
    assert len(pipeline.run(raw + inside)) == 2 * len(files)


def test_naughty_strings(pipeline: Pipeline, shared: Any) -> None:
    """Every string of BLNS as title, url, source and body has exactly one verdict, and what comes out holds."""
    strings = json.loads((shared / "badinput" / "blns" / "blns.json").read_text())
    articles = [
        {"body": f"Good news from Berlin. {s}\n\n{s}", "title": s, "url": s, "source": s, "uri": s} for s in strings
    ]
    outcomes = through(pipeline, *articles, *({"body": s} for s in strings))
    assert len(outcomes) == 2 * len(strings)
    for outcome in outcomes:
        if isinstance(outcome, Produced):
            held(orjson.loads(outcome.value))
