"""The figures of the README are those that were measured, each by a command that is there."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bench"))

import figures  # noqa: E402

KNOWN = json.loads((ROOT / "docs" / "figures.json").read_text(encoding="utf-8"))


def test_the_readme_shows_what_was_measured() -> None:
    """The table is the one that bench/figures.py makes of docs/figures.json."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert figures.rendered(text, KNOWN) == text


def test_every_row_was_measured_by_its_command() -> None:
    """No row without a figure, no figure without a row, and each command's script is there."""
    assert {name: each["command"] for name, each in KNOWN.items()} == {row.name: row.command for row in figures.ROWS}
    assert all((ROOT / row.command.split()[1]).is_file() for row in figures.ROWS)


def test_output_without_the_figure_is_an_error() -> None:
    """Nothing is shown that was not printed."""
    for row in figures.ROWS:
        with pytest.raises(ValueError, match="no figure"):
            figures.measured(row, "Traceback")


def test_a_figure_is_taken_from_its_own_line() -> None:
    """Of organisations those of organisations."""
    (row,) = [row for row in figures.ROWS if row.name == "names"]
    printed = "PER  P 1  R 1  F1 0.9\nORG  P 1  R 1  F1 0.7\nLOC  P 1  R 1  F1 0.8\nall  P 1  R 1  F1 0.85\n"
    assert re.findall(r"0\.\d+", figures.measured(row, printed)) == ["0.85", "0.7"]
