"""What the README shows is what copydesk gives: the shortened record, and what people see of an article."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from agents.cli import output, showing
from agents.cli.reading import Found, read
from pipeline.errors import Refusal
from pipeline.runner import Pipeline
from pipeline.stages import Outcome, Produced

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
NEAR = 0.02  # of a confidence: the last digits of a product of matrices depend on the processor
REST = "…"  # marks what an example leaves out: keys of an object, elements of an array, the end of a string


def example(text: str) -> Any:
    """A shortened JSON example; `…` alone in an object or an array becomes a key or an element of that name."""
    pieces = re.split(r'("(?:[^"\\]|\\.)*")', text)
    for at in range(0, len(pieces), 2):  # between strings
        pieces[at] = re.sub(r"…(?=\s*\})", f'"{REST}": null', pieces[at])
        pieces[at] = re.sub(r"…(?!\")", f'"{REST}"', pieces[at])
    return json.loads("".join(pieces))


def differences(shown: Any, real: Any, path: str = "") -> list[str]:
    """Where an example and the real value differ, a line each with what is real."""
    if isinstance(shown, dict) and isinstance(real, dict):
        found = [f"{path}.{key}: there is no such key" for key in shown if key != REST and key not in real]
        if REST not in shown:
            found += [f"{path}.{key}: left out without {REST}" for key in real if key not in shown]
        common = [key for key in shown if key in real]
        return found + [each for key in common for each in differences(shown[key], real[key], f"{path}.{key}")]
    if isinstance(shown, list) and isinstance(real, list):
        return _of_arrays(shown, real, path)
    if isinstance(shown, str) and isinstance(real, str) and shown.endswith(REST):
        return [] if real.startswith(shown.removesuffix(REST)) else [f"{path}: {real[:80]}"]
    if isinstance(shown, float) and isinstance(real, float) and abs(shown - real) < NEAR:
        return []
    return [] if shown == real and type(shown) is type(real) else [f"{path}: {json.dumps(real, ensure_ascii=False)}"]


def _of_arrays(shown: list[Any], real: list[Any], path: str) -> list[str]:
    if REST not in shown:
        if len(shown) != len(real):
            return [f"{path}: {len(real)} elements"]
        pairs = zip(range(len(real)), shown, real, strict=True)
        return [each for at, one, other in pairs for each in differences(one, other, f"{path}[{at}]")]
    found, begin = [], 0
    for at, one in enumerate(one for one in shown if one != REST):
        tried = [differences(one, real[number], f"{path}[{number}]") for number in range(begin, len(real))]
        if not tried:
            return [*found, f"{path}: no element is left for the example's element {at}"]
        best = min(range(len(tried)), key=lambda number: len(tried[number]))
        found += tried[best]
        begin += best + 1
    return found


@pytest.mark.parametrize(
    ("shown", "real", "count"),
    [
        ('{"a": 1, …}', {"a": 1, "b": 2}, 0),
        ('{"a": 1}', {"a": 1, "b": 2}, 1),
        ('{"c": 1, …}', {"a": 1}, 1),
        ('{"a": 1.0}', {"a": 1}, 1),
        ('{"a": 0.76}', {"a": 0.762}, 0),
        ('{"a": 0.7}', {"a": 0.762}, 1),
        ('"2664…"', "26640", 0),
        ('"2664…"', "f610", 1),
        ("[2, …]", [1, 2, 3], 0),
        ("[2, 1, …]", [1, 2], 1),
        ("[1, 2]", [1, 2, 3], 1),
        ("[…]", [1], 0),
        ('[{"a": "x…", …}, …]', [{"a": "y"}, {"a": "xy", "b": 1}], 0),
    ],
)
def test_an_example_is_compared_in_full(shown: str, real: Any, count: int) -> None:
    """Keys, scalars and their types, the order of elements; only what `…` stands for is free."""
    assert len(differences(example(shown), real)) == count


def test_the_record_is_what_the_pipeline_gives(pipeline: Pipeline) -> None:
    """Each key and value shown for the named sample, versions, hashes and confidences included."""
    (name, text) = re.findall(r"`copydesk enrich (\S+)`, shortened.*?```json\n(.*?)```", README, re.S)[0]
    record = json.loads(_one(pipeline.run([found.value for found in read([str(ROOT / name)])])).value)
    found = differences(example(text), record)
    assert not found, "the pipeline gives:\n" + "\n".join(found)


def test_the_article_of_the_reader_is_enriched_as_shown(
    pipeline: Pipeline, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The text that a newcomer is told to type gives the lines below it."""
    file, text, printed = re.findall(
        r"\$ cat > (\S+) <<'END'\n(.*?)END\n\$ \S+ enrich --pretty \1\n(.*?)```", README, re.S
    )[0]
    (tmp_path / file).write_text(text, encoding="utf-8")
    outcome = _one(pipeline.run([found.value for found in read([str(tmp_path / file)])]))
    assert lines(printed) == shown_to_people(outcome, capsys)


def test_the_demo_prints_what_is_shown(
    samples: list[Found], outcomes: list[Outcome], capsys: pytest.CaptureFixture[str]
) -> None:
    """Of one refused sample its reason and error, of one enriched sample everything but its times."""
    (block,) = re.findall(r"\$ make demo\n```\n\n```text\n(.*?)```", README, re.S)
    refused, enriched = block.split("\n\n")
    title = enriched.splitlines()[0]
    (outcome,) = [o for o in outcomes if isinstance(o, Produced) and o.article.meta.title == title]
    assert lines(enriched) == shown_to_people(outcome, capsys)
    size = int(re.findall(r", (\d+) bytes ", refused)[0])
    (letter,) = [o for found, o in zip(samples, outcomes, strict=True) if len(found.value) == size]
    assert isinstance(letter, Refusal)
    assert refused.startswith(f"refused {letter.reason} at {letter.stage}: {letter.error}\n")


def test_the_trace_shows_the_record_of_that_uri(records: list[dict[str, Any]]) -> None:
    """docs/operations.md: the id of the record that the sample of this uri becomes."""
    ((uri, shown),) = re.findall(r"\$ copydesk trace (http\S+)\n(?:.*\n)*?.*recordId (\w+)", OPERATIONS)
    assert [r["enrichment"]["recordId"] for r in records if r["uri"] == uri] == [shown]


def _one(outcomes: list[Outcome]) -> Produced:
    (outcome,) = outcomes
    assert isinstance(outcome, Produced)
    return outcome


def lines(text: str) -> list[str]:
    """Without the blanks that fill a table, and without times."""
    found = [" ".join(line.split()) for line in text.splitlines()]
    return [line for line in found if line and not line.startswith("time ")]


def shown_to_people(outcome: Produced, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """As `copydesk enrich --pretty`, `tail` and `demo` print it."""
    capsys.readouterr()
    assert showing.article(output.console(), json.loads(outcome.value))
    return lines(capsys.readouterr().out)
