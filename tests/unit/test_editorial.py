"""What a desk says of an article comes out as it came in; a cancellation is never refused for what is in it."""

from __future__ import annotations

import json
from typing import Any

import orjson
import pytest
from jsonschema import Draft202012Validator

from agents.workers import child
from pipeline import codec, editorial, formats
from pipeline.article import RawArticle
from pipeline.editorial import State
from pipeline.errors import InputRefused, Reason
from pipeline.formats import carried
from pipeline.runner import Pipeline
from pipeline.stages import STAGES, Hop, Produced
from tests.unit import schemas

TEXT = "The harbour council of Eastmere voted on Tuesday to close the old fish quay for two years."
ITEM: dict[str, Any] = {
    "uri": "urn:newsml:echo.example:quay",
    "bodies": [{"role": "main", "contentType": "text/plain", "value": TEXT}],
    "headlines": [{"role": "main", "value": "Quay closes"}],
}
# Every field of ninjs 3.1 that we do not compute, with something in it.
SAID: dict[str, Any] = {
    "type": "composite",
    "profile": "text-photo",
    "version": "12",
    "representationType": "partial",
    "contentCreated": "2026-03-01T08:00:00+01:00",
    "embargoedUntil": "2027-01-01T00:00:00+01:00",
    "expires": "2028-01-01T00:00:00Z",
    "urgency": 2,
    "copyrightHolder": "Eastmere Echo",
    "copyrightNotice": "(c) Echo",
    "usageTerms": "Not for use in Norvik",
    "edNote": "UPDATES with the vote",
    "title": "echo-quay-3",
    "slugline": "quay-close",
    "located": "Eastmere",
    "pubStatus": "withheld",
    "genres": [{"name": "Current", "uri": "http://cv.iptc.org/newscodes/genre/Current"}],
    "renditions": [{"name": "web", "href": "https://echo.example/q", "contentType": "text/html", "sizeInBytes": 9}],
    "associations": [
        {"name": "pic", "uri": "urn:pic:1", "type": "picture", "pubStatus": "usable",
         "renditions": [{"name": "thumb", "contentType": "image/jpeg", "width": 100}]},
    ],
    "trustIndicators": [{"role": "http://cv.iptc.org/x", "title": "Ethics", "href": "https://echo.example/ethics"}],
    "plannedCoverage": [{"uri": "urn:plan:1", "title": "The works", "edNote": "From April", "wordCount": 300}],
    "eventDetails": {"eventStatus": "http://cv.iptc.org/es/ok", "dates": {"startDate": "2026-04-01T00:00:00Z"}},
    "rightsInfo": {"langId": "http://www.w3.org/ns/odrl/2/", "linkedRights": "https://echo.example/r"},
    "digitalSourceType": {"name": "human", "uri": "http://cv.iptc.org/newscodes/digitalsourcetype/x"},
}  # fmt: skip


def decode(document: Any) -> RawArticle:
    """The raw article of an object."""
    return formats.decode_raw(orjson.dumps(document))


def record_of(pipeline: Pipeline, document: Any) -> dict[str, Any]:
    """Its enriched record."""
    (outcome,) = pipeline.run([orjson.dumps(document)])
    assert isinstance(outcome, Produced), outcome
    found: dict[str, Any] = json.loads(outcome.value)
    return found


def record_id(pipeline: Pipeline, document: Any) -> str:
    """Its recordId."""
    return str(record_of(pipeline, document)["enrichment"]["recordId"])


def lower(value: Any) -> Any:
    """The same with names in lower case, as ninjs 2 writes them."""
    if isinstance(value, dict):
        return {name.lower(): lower(each) for name, each in value.items()}
    return [lower(each) for each in value] if isinstance(value, list) else value


@pytest.mark.parametrize("document", [ITEM | SAID, lower(ITEM | SAID)], ids=["ninjs 3", "ninjs 2"])
def test_what_is_not_computed_comes_out_as_it_came_in(
    document: dict[str, Any], pipeline: Pipeline, shared: Any
) -> None:
    """Every field, at any depth, by the names of ninjs 3.1; the record is valid against our schema and IPTC's."""
    record = record_of(pipeline, document)
    assert {name: record.get(name) for name in SAID} == SAID
    assert record["enrichment"]["text"]["quality"]["flags"].count("odd_editorial") == 0
    ninjs = json.loads((shared / "ninjs" / "ninjs-schema_3.1.json").read_text())
    ours: Draft202012Validator = schemas.validator(schemas.schema("enriched-article"), ninjs)
    assert schemas.problems(ours, record) == []
    assert schemas.problems(schemas.validator(ninjs, ninjs), codec.to_ninjs(record)) == []


def test_the_table_of_fields_is_that_of_ninjs(shared: Any) -> None:
    """Each field of IPTC's schema is carried, or computed by us, or read into a field of our own."""
    ninjs = json.loads((shared / "ninjs" / "ninjs-schema_3.1.json").read_text())
    ours = {"uri", "by", "language", "firstCreated", "versionCreated", "subjects", "standard", "pubStatus"}
    assert set(ninjs["$defs"]["ninjsType"]["properties"]) == set(carried._WITHIN) | ours
    desk = schemas.schema("raw-article")["$defs"]["desk"]["properties"]
    assert set(desk) == set(carried._BESIDE) | {"pubStatus"}


def test_what_stands_beside_ours_is_kept(pipeline: Pipeline) -> None:
    """Other headlines, descriptions, texts, sources and ids, and the names that the desk gave, come after ours."""
    more = {
        "headlines": [{"role": "kicker", "value": "HARBOUR"}],
        "descriptions": [{"role": "caption", "value": "A boat"}],
        "bodies": [{"role": "teaser", "value": "More follows."}],
        "infoSources": [{"role": "distributor", "name": "Wire", "literal": "W"}],
        "altIds": [{"role": "transmission", "value": "t1"}, {"role": "recordId", "value": "of another run"}],
        "people": [{"name": "Una Pell", "rel": "interviewed"}],
    }
    first = {"infoSources": [{"role": "publisher", "name": "Echo"}], "descriptions": [{"value": "Summary."}],
             "altIds": [{"role": "canonicalUrl", "value": "https://echo.example/quay"}], "people": []}  # fmt: skip
    record = record_of(pipeline, ITEM | {name: [*(first | ITEM)[name], *values] for name, values in more.items()})
    for name, values in more.items():
        assert values[0] in record[name], name
        assert record[name][0] != values[0] or name == "people", name
    assert [entry["role"] for entry in record["altIds"]] == [
        "canonicalUrl",
        "contentSha256",
        "transmission",
        "recordId",
    ]
    assert record["bodies"][0]["value"] == TEXT
    assert record["infoSources"][0] == {"name": "Echo", "role": "publisher"}


def test_a_source_that_is_no_publisher_is_none_of_ours(pipeline: Pipeline) -> None:
    """It is carried, and the outlet stays unknown on every topic: a route by source takes the outlet's."""
    value = orjson.dumps(ITEM | {"infoSources": [{"role": "distributor", "name": "Wire"}]})
    for stage in pipeline.stages:
        (outcome,) = Hop(stage, clock=lambda: 0.0).run([(value, None)])
        assert isinstance(outcome, Produced)
        value = outcome.value
        assert outcome.article.meta.source is None
        assert json.loads(value)["infoSources"] == [{"role": "distributor", "name": "Wire"}]


def test_a_raw_article_can_say_the_same(pipeline: Pipeline) -> None:
    """Beside our own fields, in any spelling; nothing of it counts as unknown."""
    said = {name: value for name, value in SAID.items() if name != "title"}
    article = {"uri": "urn:x:1", "body": TEXT, **said}
    assert decode(article).unknown_fields == 0
    record = record_of(pipeline, article)
    assert {name: record.get(name) for name in said} == said
    snake = decode({"body": TEXT, "pub_status": "withheld", "embargoed_until": "2027-01-01", "EDNOTE": "x"})
    assert snake.editorial.pub_status == "withheld"
    for name in ("pub-status", "PubStatus", "PUB_STATUS", "pub status", "pub.status"):
        assert decode({"body": TEXT, name: "withheld"}).editorial.pub_status == "withheld", name
    assert snake.carried == {"pubStatus": "withheld", "embargoedUntil": "2027-01-01", "edNote": "x"}


@pytest.mark.parametrize(
    ("given", "status", "odd"),
    [
        ("usable", "usable", False), ("Usable", "usable", False), ("stat:usable", "usable", False),
        ("withheld", "withheld", False), ("canceled", "canceled", False), ("CANCELLED ", "canceled", False),
        ("stat:canceled", "canceled", False), ("killed", "canceled", False), ("recalled", "canceled", False),
        ("spiked", "withheld", True), (7, "withheld", True), (["canceled"], "withheld", True),
        (False, "withheld", True),
        (None, "usable", False), ("", "usable", False),
    ],
)  # fmt: skip
def test_a_status_is_one_of_three(given: Any, status: str, odd: bool) -> None:
    """As desks spell it; what nobody understands is not published, and flagged."""
    for document in ({"uri": "urn:x:1", "body": TEXT}, ITEM):
        found = decode(document | {"pubStatus": given})
        assert (found.editorial.pub_status, "odd_editorial" in found.flags) == (status, odd)
        assert found.carried.get("pubStatus", "usable") == status


@pytest.mark.parametrize(
    ("status", "until", "now", "state"),
    [
        ("usable", None, 0.0, State.USABLE),
        ("usable", "1970-01-01T00:00:10Z", 9.0, State.EMBARGOED),
        ("usable", "1970-01-01T00:00:10", 9.0, State.EMBARGOED),
        ("usable", "1970-01-01T01:00:10+01:00", 10.0, State.USABLE),
        ("usable", "tomorrow at eight", 1e12, State.EMBARGOED),
        ("withheld", "1970-01-01T00:00:10Z", 20.0, State.WITHHELD),
        ("canceled", "tomorrow", 0.0, State.CANCELED),
    ],
)
def test_the_state_follows_from_status_embargo_and_clock(status: Any, until: str, now: float, state: State) -> None:
    """An embargo that is over is none; one that cannot be read never ends."""
    ends = decode({"body": "x", "embargoedUntil": until}).editorial.embargo_ends
    assert editorial.state(pub_status=status, embargo_ends=ends, now=now) is state


@pytest.mark.parametrize(
    ("name", "given", "kept"),
    [
        ("version", 3, "3"), ("version", True, None), ("urgency", "4", 4), ("urgency", 0, None),
        ("urgency", "hot", None),
        ("type", "NewsArticle", None), ("genres", ["Analysis"], [{"name": "Analysis"}]), ("genres", "x", None),
        ("edNote", ["x"], None), ("rightsInfo", [], None), ("embargoedUntil", "soon", "soon"),
        ("embargoedUntil", True, "true"), ("expires", None, None), ("renditions", [1], None),
    ],
)  # fmt: skip
def test_one_odd_field_costs_that_field(name: str, given: Any, kept: Any) -> None:
    """It is left out and flagged, or read if it can only mean one thing; the article goes on."""
    article = decode({"body": TEXT, name: given})
    assert article.carried.get(name) == kept
    odd = given is not None and given != [] and (kept is None or name == "embargoedUntil") and name != "type"
    assert ("odd_editorial" in article.flags) is odd


def test_the_record_id_is_of_state_and_version(pipeline: Pipeline) -> None:
    """Whatever the desk says anew makes another record of the same text; the same again makes the same one."""
    versions = [
        {}, {"version": "2"}, {"version": "2", "pubStatus": "canceled"}, {"pubStatus": "canceled"},
        {"versionCreated": "2026-03-03T09:00:00Z", "firstCreated": "2026-03-03T08:00:00Z"}, {"usageTerms": "None"},
        {"embargoedUntil": "2027-01-01T00:00:00Z"}, {"pubStatus": "withheld"}, {"edNote": "hold"},
    ]  # fmt: skip
    found = [record_id(pipeline, ITEM | version) for version in versions]
    assert len(set(found)) == len(versions)
    assert found == [record_id(pipeline, ITEM | version) for version in versions]
    plain = {"uri": "urn:x:1", "body": TEXT}
    assert record_id(pipeline, plain) == record_id(pipeline, plain | {"fetchedAt": "2026-01-01T00:00:00Z"})
    assert record_id(pipeline, plain) != record_id(pipeline, plain | {"modifiedAt": "2026-01-01T00:00:00Z"})


CANCELED: dict[str, dict[str, Any]] = {
    "no body": {"uri": "urn:x:1"},
    "a null body": {"uri": "urn:x:1", "body": None},
    "a body of the wrong type": {"uri": "urn:x:1", "body": 7, "keywords": "x"},
    "only boilerplate": {"uri": "urn:x:1", "body": "Subscribe to our newsletter"},
    "a text that is too long": {"uri": "urn:x:1", "body": "word " * 250_000},
    "a page that floods": {"uri": "urn:x:1", "html": "<a " * 200_000},
    "an item with no bodies": {"uri": "urn:x:1", "version": "2", "headlines": [{"value": "KILL"}]},
    "an item with bodies of a string": {"uri": "urn:x:1", "bodies": "x", "edNote": "kill"},
    "an item of ninjs 1": {"uri": "urn:x:1", "headline": "Kill", "versioncreated": "2026-01-01T00:00:00Z"},
    "no body, in a language that we read": {"uri": "urn:x:1", "language": "en", "title": "Angela Merkel in Paris"},
    "a page's address": {"url": "https://echo.example/quay"},
    "a whole article": {"uri": "urn:x:1", "body": TEXT},
}


@pytest.mark.parametrize("what", CANCELED)
def test_a_cancellation_passes_whatever_is_in_it(what: str, pipeline: Pipeline, shared: Any) -> None:
    """With its uri and its state, through each stage; the record is valid, and says what was skipped."""
    value = orjson.dumps(CANCELED[what] | {"pubStatus": "canceled"})
    for stage in pipeline.stages:
        (outcome,) = Hop(stage, clock=lambda: 0.0).run([(value, None)])
        assert isinstance(outcome, Produced), outcome
        assert outcome.article.editorial.canceled
        value = outcome.value
    record = json.loads(value)
    assert record["pubStatus"] == "canceled"
    assert record["uri"] == ("urn:x:1" if "uri" in CANCELED[what] else decode({"body": "x", **CANCELED[what]}).uri)
    whole = what == "a whole article"
    assert (record["bodies"][0]["value"] == TEXT, record["enrichment"]["status"] == "complete") == (whole, whole)
    assert {"entities", "subjects"} <= record["enrichment"].keys() or not whole
    assert whole or not {"entities", "subjects"} & record["enrichment"].keys()
    ninjs = json.loads((shared / "ninjs" / "ninjs-schema_3.1.json").read_text())
    assert schemas.problems(schemas.validator(schemas.schema("enriched-article"), ninjs), record) == []


@pytest.mark.parametrize("names", [("versionCreated", "pubStatus"), ("versioncreated", "pubstatus")])
def test_a_cancellation_of_an_item_keeps_what_it_says(names: tuple[str, str], pipeline: Pipeline) -> None:
    """Without any text it is still an item of ninjs: the time of its version and its headline are read."""
    created, status = names
    item = {"uri": "urn:x:1", created: "2026-03-03T08:00:00Z", status: "canceled", "headline": "KILL", "version": "3"}
    record = record_of(pipeline, item)
    assert (record["versionCreated"], record["version"]) == ("2026-03-03T08:00:00Z", "3")
    assert record["headlines"][0]["value"] == "KILL"


def test_a_cancellation_of_nothing_is_refused() -> None:
    """Without a text, a uri and a url nobody can know which article it is of."""
    with pytest.raises(InputRefused) as refused:
        decode({"pubStatus": "canceled", "title": "Kill"})
    assert refused.value.reason is Reason.SCHEMA_MISSING
    assert "uri" in refused.value.error


@pytest.mark.parametrize("stage", STAGES)
def test_a_cancellation_that_cannot_be_computed_goes_on_bare(
    stage: str, pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a time-out or a crash nothing is computed of it, and it comes through; any other article does not."""
    hops = {found.name: Hop(found, clock=lambda: 0.0) for found in pipeline.stages}
    monkeypatch.setattr(child, "_hops", hops)
    values = {True: b"", False: b""}
    for canceled in values:
        said = {"pubStatus": "canceled"} if canceled else {}
        value = orjson.dumps({"uri": "urn:x:1", "body": TEXT, **said})
        for before in STAGES[: STAGES.index(stage)]:
            (outcome,) = hops[before].run([(value, None)])
            assert isinstance(outcome, Produced)
            value = outcome.value
        values[canceled] = value
    assert child.work(stage, [(values[False], None)], True) is None
    answers = child.work(stage, [(values[True], None)], True)
    assert isinstance(answers, list)
    assert answers[0].facts is not None
    assert (answers[0].facts.uri, answers[0].facts.pub_status) == ("urn:x:1", "canceled")
    assert [run.status for run in codec.decode(answers[0].value).runs][-1] == "skipped"


NINJS_1: dict[str, Any] = {
    "uri": "http://ninjs.example.com/1", "type": "composite", "versioncreated": "2026-03-03T08:00:00Z", "version": "4",
    "pubstatus": "withheld", "embargoed": "2027-01-01T00:00:00Z", "ednote": "hold", "usageterms": "None",
    "copyrightholder": "TNA", "representationtype": "incomplete", "mimetype": "text/html", "byline": "Una Pell",
    "headline": "Quay closes", "headline_seo": "Quay 2026", "description_text": "Summary.", "language": "en",
    "body_xhtml": f"<p>{TEXT}</p>", "altids": {"transmission": "t1"},
    "person": [{"name": "Una Pell", "rel": "about", "scheme": "http://f.example/", "code": "u"}],
    "subject": [{"name": "ports", "code": "20001270"}], "genre": [{"name": "Current"}],
    "renditions": {"main": {"href": "https://e.example/a.jpg", "mimetype": "image/jpeg"}},
    "associations": {"pic": {"uri": "urn:pic:1", "headline": "A boat", "renditions": {"thumb": {"width": 9}}}},
}  # fmt: skip


def test_an_item_of_ninjs_1_is_an_article(pipeline: Pipeline, shared: Any) -> None:
    """Its texts, its state, what its names and objects of ninjs 1 stand for in ninjs 3."""
    article = decode(NINJS_1)
    assert (article.html, article.meta.title, article.meta.by) == (f"<p>{TEXT}</p>", "Quay closes", "Una Pell")
    assert (article.meta.description, article.meta.published_at) == ("Summary.", "2026-03-03T08:00:00Z")
    assert [subject.name for subject in article.meta.given_subjects] == ["ports"]
    assert (article.editorial.pub_status, article.unknown_fields) == ("withheld", 0)
    record = record_of(pipeline, NINJS_1)
    said = {
        "type": "composite", "version": "4", "embargoedUntil": "2027-01-01T00:00:00Z", "edNote": "hold",
        "usageTerms": "None", "copyrightHolder": "TNA", "representationType": "partial",
        "genres": [{"name": "Current"}],
        "renditions": [{"name": "main", "href": "https://e.example/a.jpg", "contentType": "image/jpeg"}],
        "associations": [{"name": "pic", "uri": "urn:pic:1", "headlines": [{"role": "main", "value": "A boat"}],
                          "renditions": [{"name": "thumb", "width": 9}]}],
    }  # fmt: skip
    assert {name: record.get(name) for name in said} == said
    assert record["headlines"][1] == {"role": "seo", "value": "Quay 2026"}
    assert record["people"][-1] == {"name": "Una Pell", "rel": "about", "literal": "u", "uri": "http://f.example/u"}
    assert {"role": "transmission", "value": "t1"} in record["altIds"]
    ninjs = json.loads((shared / "ninjs" / "ninjs-schema_3.1.json").read_text())
    assert schemas.problems(schemas.validator(ninjs, ninjs), codec.to_ninjs(record)) == []


def test_superdesks_ninjs_1_is_read() -> None:
    """`guid` in place of a uri, the body in `body_html`."""
    article = decode({"guid": "urn:newsml:1", "headline": "Quay", "body_html": f"<p>{TEXT}</p>", "pubstatus": "usable"})
    assert (article.uri, article.meta.title, article.html) == ("urn:newsml:1", "Quay", f"<p>{TEXT}</p>")


def test_a_record_of_an_older_worker_is_usable(pipeline: Pipeline) -> None:
    """A record that says nothing of a state is one of a usable article, with the id that it always had."""
    (outcome,) = Hop(pipeline.stages[0], clock=lambda: 0.0).run(
        [(orjson.dumps({"uri": "urn:x:1", "body": TEXT}), None)]
    )
    assert isinstance(outcome, Produced)
    record = json.loads(outcome.value)
    assert "editorialSha256" not in record["enrichment"]["provenance"]["source"]
    del record["pubStatus"]
    found = codec.decode(orjson.dumps(record))
    assert found.editorial == editorial.USABLE
    with pytest.raises(InputRefused):
        codec.decode(orjson.dumps(record | {"pubStatus": "spiked"}))
