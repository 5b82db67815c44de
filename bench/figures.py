"""Measure what the README says of quality and speed: `python bench/figures.py [--only NAME ...] [--render]`.

Each figure comes from the output of the command beside it. docs/figures.json keeps what was measured, when and on what;
the table of the README is made of that file, and a test compares the two. Nothing else should run meanwhile: the speeds
are of this machine as it is.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "docs" / "figures.json"
README = ROOT / "README.md"
MARKS = ("<!-- figures: python bench/figures.py -->", "<!-- end of figures -->")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row: `pattern` finds the figures in the output of `command`, as named groups of `text`."""

    name: str
    what: str
    command: str
    pattern: str
    text: str


ROWS = (
    Row(
        name="pipeline",
        what="whole pipeline, from text, one core",
        command="python bench/stages.py pipeline",
        pattern=r"entities alone +(?P<spacy>[\d.]+) .*from text +(?P<ours>[\d.]+) +(?P<ratio>[\d.]+)",
        text="{ours} articles/s, {ratio} x spaCy's default pipeline used for entities alone ({spacy})",
    ),
    Row(
        name="entities-speed",
        what="the entity recogniser alone, equal entities",
        command="python bench/stages.py entities",
        pattern=r"fast path, whole text +[\d.]+ /s +(?P<default>[\d.]+) x default +(?P<ner>[\d.]+) x ner only",
        text="{ner} x `nlp.pipe` with only `ner`, {default} x the default pipeline",
    ),
    Row(
        name="classification-speed",
        what="classification, one core",
        command="python bench/stages.py classification",
        pattern=r"32 at a time +(?P<speed>\d+)/s",
        text="{speed} articles/s",
    ),
    Row(
        name="cleaning-speed",
        what="cleaning of pages, one core",
        command="python bench/stages.py cleaning",
        pattern=r"whole stage +(?P<ours>[\d.]+) .*ratio +(?P<ratio>[\d.]+)",
        text="{ours} pages/s, {ratio} of trafilatura's fast mode alone",
    ),
    Row(
        name="kafka",
        what="through Apache Kafka, two cores, broker and load generator on them too",
        command="python bench/stream.py",
        pattern=r'"articlesPerSecondThroughKafka": (?P<through>[\d.]+).*"ratio": (?P<ratio>[\d.]+).*'
        r'"50%".*?"p50": (?P<p50>\d+).*?"p99": (?P<p99>\d+)',
        text="{through} articles/s, {ratio} of that without Kafka; at half of it p50 {p50} ms, p99 {p99} ms",
    ),
    Row(
        name="names",
        what="names in newswire (CoNLL++ 2020, strict F1)",
        command="python bench/quality.py entities",
        pattern=r"ORG [^\n]*F1 (?P<org>[\d.]+)\n.*all [^\n]*F1 (?P<all>[\d.]+)",
        text="{all}; organisations alone {org}",
    ),
    Row(
        name="subjects",
        what="first subject (BBC / MasakhaNEWS, neither used for training), accuracy",
        command="python bench/quality.py classification",
        pattern=r"bbc: .*?accuracy (?P<bbc>[\d.]+).*masakhanews: .*?accuracy (?P<masakha>[\d.]+)",
        text="{bbc} / {masakha}",
    ),
    Row(
        name="pages",
        what="pages of publishers worldwide (81 pages, F1 of the body)",
        command="python bench/quality.py pages",
        pattern=r"copydesk +body (?P<body>[\d.]+).*?title (?P<title>[\d.]+)  date (?P<date>[\d.]+)  "
        r"authors (?P<authors>[\d.]+).*trafilatura default +body (?P<peer>[\d.]+)",
        text="{body}; trafilatura alone {peer}. Right titles {title}, times {date}, authors {authors}",
    ),
    Row(
        name="benchmark-pages",
        what="pages of a public benchmark (181 pages, F1 of the body)",
        command="python bench/quality.py cleaning",
        pattern=r"copydesk +precision .*? F1 (?P<ours>[\d.]+).*trafilatura default .*? F1 (?P<peer>[\d.]+)",
        text="{ours}; trafilatura alone {peer}",
    ),
    Row(
        name="lines",
        what="boilerplate lines, two authors that training never saw",
        command="python bench/quality.py cleaning",
        pattern=r"usual +recall (?P<r1>[\d.]+)  precision (?P<p1>[\d.]+).*?sentences kept (?P<k1>[\d.]+).*"
        r"client +recall (?P<r2>[\d.]+)  precision (?P<p2>[\d.]+).*?sentences kept (?P<k2>[\d.]+)",
        text="recall {r1} and {r2}, precision {p1} and {p2}; article sentences kept {k1} and {k2}",
    ),
)


def measured(row: Row, printed: str) -> str:
    """The figure in what the row's command printed. Raises ValueError if it is not there."""
    found = re.search(row.pattern, printed, re.S)
    if not found:
        raise ValueError(f"{row.command}: no figure in its output:\n{printed[-2000:]}")
    return row.text.format(**found.groupdict())


def table(known: dict[str, dict[str, Any]]) -> str:
    """The table of the README."""
    rows = [
        f"| {row.what} | {known[row.name]['figure']} | `{row.command}` | {known[row.name]['date']} |"
        for row in ROWS
        if row.name in known
    ]
    machines = " and ".join(sorted({f"{each['machine']}, Python {each['python']}" for each in known.values()}))
    return "\n".join([f"Measured on {machines}.", "", "| | figure | command | on |", "|---|---|---|---|", *rows])


def rendered(text: str, known: dict[str, dict[str, Any]]) -> str:
    """A document with the table between its marks made anew."""
    before, rest = text.split(MARKS[0])
    _, after = rest.split(MARKS[1])
    return f"{before}{MARKS[0]}\n{table(known)}\n{MARKS[1]}{after}"


def main(argv: list[str]) -> int:
    """Measure, keep, render."""
    parser = argparse.ArgumentParser(prog="figures.py", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=[row.name for row in ROWS], help="these rows; all without it")
    parser.add_argument("--render", action="store_true", help="only make the README's table of the file anew")
    given = parser.parse_args(argv)
    known: dict[str, dict[str, Any]] = json.loads(FILE.read_text("utf-8")) if FILE.exists() else {}
    printed: dict[str, str] = {}
    for row in ROWS if not given.render else ():
        if given.only and row.name not in given.only:
            continue
        if row.command not in printed:
            command = [sys.executable, *shlex.split(row.command)[1:]]
            ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
            printed[row.command] = ran.stdout
        known[row.name] = {
            "figure": measured(row, printed[row.command]),
            "command": row.command,
            "date": datetime.now(UTC).date().isoformat(),
            "commit": _commit(),
            "machine": f"{os.cpu_count()} cores ({platform.machine()})",
            "python": platform.python_version(),
        }
        print(f"{row.what}: {known[row.name]['figure']}", flush=True)
        ordered = {each.name: known[each.name] for each in ROWS if each.name in known}
        FILE.write_text(json.dumps(ordered, indent=1, ensure_ascii=False) + "\n", "utf-8")
    README.write_text(rendered(README.read_text("utf-8"), known), "utf-8")
    return 0


def _commit() -> str:
    asked = ["git", "describe", "--always", "--dirty"]
    return subprocess.run(asked, cwd=ROOT, capture_output=True, text=True).stdout.strip()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
