"""Fields that nobody reads: told once each, over bounded sets, and harmless whatever their names are."""

from __future__ import annotations

import logging

import orjson
import pytest

from agents.cli import unknown_fields as told
from agents.cli.mapping import renamed
from agents.cli.reading import Found
from agents.monitoring import unknown_fields as counted
from agents.monitoring.metrics import Metrics
from pipeline.formats.field_names import FieldMap, field_map
from tests.fakes import Clock


def test_a_name_is_told_once_a_run(capsys: pytest.CaptureFixture[str]) -> None:
    """For people as a line, for programs as one of JSON."""
    people, programs = told.UnknownFields(for_people=True), told.UnknownFields(for_people=False)
    for place in ("a.jsonl:1", "a.jsonl:2"):
        people.saw(["likes"], place)
        programs.saw(["likes", "shares"], place)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith("a.jsonl:1: the field likes is not read; --map FIELD=NAME")
    assert [(orjson.loads(line)["field"], orjson.loads(line)["place"]) for line in lines[1:]] == [
        ("likes", "a.jsonl:1"), ("shares", "a.jsonl:1"),
    ]  # fmt: skip


def test_a_name_moves_no_terminal_and_floods_none(capsys: pytest.CaptureFixture[str]) -> None:
    """Escapes, bidi marks, a whole text; of a thousand names fifty are told, then that there are more."""
    teller = told.UnknownFields(for_people=True)
    teller.saw(["\x1b[2J\u202e", "n" * 5_000, *(f"name{number}" for number in range(1_000))], "a.json")
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == told.MOST + 1
    assert "\\x1b[2J\\u202e" in lines[0]
    assert all(line.isprintable() and len(line) < 250 for line in lines)
    assert "more than 50 fields" in lines[-1]


def test_the_metric_has_a_bounded_set_of_names() -> None:
    """Thirty plain names; others, and what is no plain word, are counted together, and none twice."""
    metrics = Metrics()
    counter = counted.UnknownFields(metrics.unknown_fields, clock=lambda: 0.0)
    counter.saw(["likes", "a text that somebody wrote for a name", "\x1b[2J", "other"], 6)
    for number in range(1_000):
        counter.saw([f"name{number}", "likes"], 2)
    found = {
        s.labels["field"]: s.value
        for m in metrics.unknown_fields.collect()
        for s in m.samples
        if s.name.endswith("_total")
    }
    assert len(found) == counted.MOST + 1
    assert (found["likes"], sum(found.values())) == (1_001, 2_006)
    assert all(name.isidentifier() for name in found)


def test_the_log_names_each_once_and_seldom(caplog: pytest.LogCaptureFixture) -> None:
    """One line a minute at most; what came in between is in the next one."""
    clock = Clock()
    counter = counted.UnknownFields(Metrics().unknown_fields, clock=clock)
    with caplog.at_level(logging.WARNING, "copydesk"):
        counter.saw(["likes"], 1)
        counter.saw(["likes", "shares"], 2)
        counter.saw(["views"], 1)
        assert said(caplog) == ["likes"]
        clock.now += 61
        counter.saw(["likes"], 1)
        clock.now += 61
        counter.saw(["likes"], 1)
    assert said(caplog) == ["likes", "shares, views"]


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    """The names in each line."""
    lines = [record.getMessage().partition(";")[0] for record in caplog.records]
    return [line.removeprefix("fields of raw articles are not read: ") for line in lines]


MAP = field_map("title=headline,body=doc.text")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"headline": "A", "doc": {"text": "x"}}, {"title": "A", "body": "x"}),
        ({"specversion": "1.0", "type": "t", "source": "/s", "data": {"headline": "A"}},
         {"specversion": "1.0", "type": "t", "source": "/s", "data": {"title": "A"}}),
    ],
)  # fmt: skip
def test_what_is_fed_with_a_map_has_our_names(value: object, expected: object) -> None:
    """In a CloudEvent too."""
    assert orjson.loads(renamed(Found(place="a", value=orjson.dumps(value)), MAP).value) == expected


@pytest.mark.parametrize(
    "value", [b'{"title": "A", "body": "x"}', b"{", b"[1]", b"<p>x", b"\xff", b"", b'{"headline": null}']
)
@pytest.mark.parametrize("fields", [MAP, ()])
def test_what_has_no_mapped_field_is_fed_as_it_is(value: bytes, fields: FieldMap) -> None:
    """To the byte, and what is no article too."""
    found = Found(place="a", value=value)
    assert renamed(found, fields) is found
