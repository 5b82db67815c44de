"""Lines learned of one outlet: counting, writing, reading, removing."""

from pathlib import Path

import pytest

from pipeline.cleaning import load
from pipeline.cleaning.boilerplate import learned_lines
from pipeline.errors import SettingsError
from tests.unit.cleaning.articles import BODY, clean

LINE = "The Harbour Post: 40 years on the quay"


def counted() -> learned_lines.Counter:
    counter = learned_lines.Counter()
    for day in range(6):
        counter.add("the harbour post", [f"Paragraph of article {'abcdef'[day]}.", LINE, LINE], f"2024-05-0{day + 1}")
    return counter


def test_a_line_that_recurs_is_found_and_another_is_not() -> None:
    """Counted once an article, over articles and days."""
    (found,) = counted().found()
    assert (found.source, found.text, found.articles, found.of, found.days) == ("the harbour post", LINE, 6, 6, 6)


def test_thresholds_hold() -> None:
    """Too few articles, or all on one day, is no habit."""
    assert not counted().found(min_articles=7)
    counter = learned_lines.Counter()
    for _ in range(9):
        counter.add("x", [LINE], "2024-05-01")
    assert not counter.found()
    assert counter.found(min_days=1)


def test_what_was_learned_is_removed_from_its_outlet_only(tmp_path: Path) -> None:
    """As evidence of its own kind; numbers and case do not matter; the configuration's hash differs."""
    path = tmp_path / "list.json"
    path.write_bytes(learned_lines.dump(counted().found()))
    stage = load(boilerplate=path)
    body = f"{BODY}\n\n{LINE.replace('40', '41')}\n\n{BODY.replace('Tuesday', 'Monday')}"
    ours = clean(stage=stage, body=body, source="The Harbour Post")
    assert [(r.kind, r.rule) for r in ours.text.removed] == [("recurring_line", "learned.source")]
    assert not clean(stage=stage, body=body, source="Another Post").text.removed
    assert stage.components[0].config != load().components[0].config


def test_the_same_lines_give_the_same_bytes() -> None:
    """The file is part of the fingerprint."""
    assert learned_lines.dump(counted().found()) == learned_lines.dump(reversed(counted().found()))


@pytest.mark.parametrize("content", [b"", b"[]", b'{"format": "other"}', b"\xff"])
def test_what_is_no_list_is_said_so(tmp_path: Path, content: bytes) -> None:
    """At load, not at the first article."""
    path = tmp_path / "list.json"
    path.write_bytes(content)
    with pytest.raises(SettingsError):
        load(boilerplate=path)
    with pytest.raises(SettingsError, match="cannot be read"):
        load(boilerplate=tmp_path / "absent.json")


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rarer half goes when there are too many lines."""
    monkeypatch.setattr(learned_lines, "MAX_LINES", 100)
    counter = learned_lines.Counter()
    for number in range(2_000):
        counter.add("x", [f"line {'abcdefghij'[number % 10]}" + "x" * (number % 97), LINE], str(number % 5))
    assert len(counter._lines) <= 101
    assert LINE in [line.text for line in counter.found()]
