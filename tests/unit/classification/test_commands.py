"""`copydesk subjects` and `copydesk train-subjects`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agents.cli.commands.subjects import subjects
from agents.cli.commands.train_subjects import train_subjects
from pipeline import classification
from pipeline.errors import SettingsError
from tests.unit.classification.articles import MATCH, RATES, TRIAL


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (None, "medtop:17000000  weather"),
        ("medtop:20000373", "    medtop:20000373  international trade"),
        ("subj:04008000", "subj:04008000 is now medtop:20000346"),
        ("lighthouse of nothing", None),
        ("TENNIS", "sport > competition discipline > tennis"),
    ],
)
def test_subjects_are_browsed(wanted: str | None, said: str | None, capsys: pytest.CaptureFixture[str]) -> None:
    """By code, by old code, by word; a word that no name has is an error of usage."""
    if said is None:
        with pytest.raises(SettingsError, match="neither"):
            subjects(wanted)
    else:
        subjects(wanted)
        assert said in capsys.readouterr().out


def test_a_scheme_is_trained_and_used(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Figures, a table of confusions, and a file that the stage loads."""
    file = tmp_path / "examples.jsonl"
    texts = {"pitch": MATCH, "bench": TRIAL, "till": RATES}
    rows = [{"text": text, "title": f"No {i}", "subject": name} for name, text in texts.items() for i in range(6)]
    file.write_text("\n".join(json.dumps(row) for row in rows) + "\n")
    train_subjects(file, "desk", tmp_path / "desk.json")
    said = capsys.readouterr().out
    assert "18 examples, 3 classes" in said
    assert "accuracy 1.000" in said
    assert "few examples" in said
    assert classification.load(schemes=[tmp_path / "desk.json"]).component.config


@pytest.mark.parametrize(
    ("content", "scheme", "message"),
    [
        ('{"text": "a"}\n', "desk", ":1: not an example"),
        ('{"text": "a", "subject": "x"}\n', "desk", "at least two subjects"),
        ("", "medtop", "not medtop"),
        ("", "My Desk", "lower-case"),
        (None, "desk", "cannot be read"),
    ],
)
def test_unusable_examples_are_one_line(tmp_path: Path, content: str | None, scheme: str, message: str) -> None:
    """What is wrong, and where."""
    file = tmp_path / "examples.jsonl"
    if content is not None:
        file.write_text(content)
    with pytest.raises(SettingsError, match=message):
        train_subjects(file, scheme, None)
