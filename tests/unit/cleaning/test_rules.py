"""The rule table is its own test: each row finds its examples and leaves its counter-examples."""

# ruff: noqa: E501  (an example is read whole)

import re
import time
from pathlib import Path

import pytest

from pipeline.cleaning.boilerplate import rules

TABLE = rules.load().rules
DOC = (Path(__file__).parents[3] / "docs" / "cleaning.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(("rule", "line"), [(r, line) for r in TABLE for line in r.finds], ids=lambda x: str(x)[:40])
def test_a_rule_finds_its_examples(rule: rules.Rule, line: str) -> None:
    """Whole lines, and some rule is found by the look-up too."""
    assert rule.fits(rules.Line(line))


@pytest.mark.parametrize(("rule", "line"), [(r, line) for r in TABLE for line in r.leaves], ids=lambda x: str(x)[:40])
def test_no_rule_that_suffices_alone_finds_a_counter_example(rule: rules.Rule, line: str) -> None:
    """A counter-example is left by every rule that needs no support from its place."""
    found = rules.load().match(rules.Line(line))
    assert found is None or found.where != "anywhere", found


def test_names_are_unique_and_kinds_are_documented() -> None:
    """removed[].rule names one row; every kind is in docs/cleaning.md."""
    assert len({rule.name for rule in TABLE}) == len(TABLE)
    assert {rule.kind for rule in TABLE} <= set(re.findall(r"`(\w+)`", DOC))


def test_every_row_has_examples() -> None:
    """Both of them."""
    assert all(rule.finds and rule.leaves for rule in TABLE)


@pytest.mark.parametrize(
    "line",
    ["share " * 80, "a, " * 150, "1 " * 230, "facebook x " * 40, "mon 1 jan 2024 " * 30, "(" * 470, "terms of use " * 36,
     "home > " * 65, "- " * 230, "@a " * 150, "read more: " * 40, "10:10 " * 75, "small " * 75, "sign up " * 58],
)  # fmt: skip
def test_no_line_makes_a_rule_slow(line: str) -> None:
    """A pattern that backtracks without end would take minutes; a second is far from what any takes."""
    start = time.process_time()
    rules.load().match(rules.Line(line[: rules.LONGEST]))
    assert time.process_time() - start < 1
