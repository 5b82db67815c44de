"""Verdict files of bench/audit.py: what may stand in one, and what readers found.

A file is CSV with the columns reader, pipeline (its fingerprint), article (a hash), item (from 1 in each article), kind
and verdict. The last item of an article is its `coverage`: whether a subject is missing.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

VERDICTS: Mapping[str, Mapping[str, str]] = {
    "name": {
        "right": "a name, with its right type and boundaries",
        "wrong_type": "a name, but a person as an organisation or the like",
        "wrong_boundary": "a part of it is missing, or more than the name is in it",
        "not_a_name": "a word, a role, a piece of two names",
        "duplicate": "the same thing as a name above",
        "merged": "two things (a father and his son) as one",
        "unsure": "the text does not say",
    },
    "link": {
        "right": "it leads to the thing that is meant",
        "duplicate": "so it does, but a name above has the same link",
        "wrong_link": "it leads to another thing",
        "unsure": "the text does not say",
    },
    "subject": {
        "right": "a desk would file the article there",
        "wrong_subject": "no desk would",
        "unsure": "desks would differ",
    },
    "coverage": {
        "right": "the main subjects are there, or there is none to name",
        "missing_subject": "a main subject is missing",
        "unsure": "desks would differ",
    },
}
WRONG_NAMES = frozenset(VERDICTS["name"]) - {"right", "unsure"}
COLUMNS = ("reader", "pipeline", "article", "item", "kind", "verdict")
READER = re.compile(r"[\w(][\w() -]{0,39}")
_FORMS = {
    "reader": READER,
    "pipeline": re.compile(r"[0-9a-f]{16}"),
    "article": re.compile(r"[0-9a-f]{16}"),
    "item": re.compile(r"[1-9][0-9]{0,3}"),
}


class AuditError(Exception):
    """What cannot be laid out or scored, in one line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One verdict of one reader; `pipeline` and `article` are 16 hex digits."""

    reader: str
    pipeline: str
    article: str
    item: int
    kind: str
    verdict: str

    @property
    def place(self) -> tuple[str, str, int]:
        """What two readers' verdicts have in common if they are about the same thing."""
        return (self.pipeline, self.article, self.item)


def read(path: Path) -> list[Row]:
    """The verdicts of a file, each item of its articles once.

    Raises AuditError, with the file and the line, for a missing or unknown verdict, a missing item and anything else
    than the columns hold.
    """
    try:
        lines = csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig")))
        found = list(lines)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise AuditError(f"{path.name} cannot be read: {getattr(error, 'strerror', None) or error}") from error
    if not found or tuple(found[0]) != COLUMNS:
        raise AuditError(f"{path.name}: the first line is not {','.join(COLUMNS)}")
    rows = [_row(values, f"{path.name}:{number}") for number, values in enumerate(found[1:], 2) if values]
    if not rows:
        raise AuditError(f"{path.name} has no verdicts")
    _whole(rows, path.name)
    return rows


def _row(values: Sequence[str], place: str) -> Row:
    if len(values) != len(COLUMNS):
        raise AuditError(f"{place}: {len(values)} columns, not {len(COLUMNS)}")
    given = {name: value.strip() for name, value in zip(COLUMNS, values, strict=True)}
    for name, form in _FORMS.items():
        if not form.fullmatch(given[name]):
            raise AuditError(f"{place}: column {name} holds something else")
    allowed = VERDICTS.get(given["kind"])
    if allowed is None:
        raise AuditError(f"{place}: column kind is none of {', '.join(VERDICTS)}")
    if not given["verdict"]:
        raise AuditError(f"{place}: item {given['item']} of {given['article']} has no verdict")
    if given["verdict"] not in allowed:
        raise AuditError(f"{place}: the verdict of a {given['kind']} is one of {', '.join(allowed)}")
    return Row(
        reader=given["reader"],
        pipeline=given["pipeline"],
        article=given["article"],
        item=int(given["item"]),
        kind=given["kind"],
        verdict=given["verdict"],
    )


def _whole(rows: Iterable[Row], name: str) -> None:
    """Every article has its items from 1 to the coverage, each once."""
    for (reader, _, article), given in _grouped(rows, "reader", "pipeline", "article").items():
        numbers = sorted(row.item for row in given)
        if numbers != list(range(1, len(numbers) + 1)):
            odd = next(n for n, number in enumerate(numbers, 1) if n != number)
            what = "twice" if numbers.count(numbers[odd - 1]) > 1 else "not there"
            number = numbers[odd - 1] if what == "twice" else odd
            raise AuditError(f"{name}: item {number} of {article} is {what} ({reader})")
        if [row.item for row in given if row.kind == "coverage"] != [len(numbers)]:
            raise AuditError(f"{name}: the last item of {article} is not its coverage ({reader})")


def _grouped(rows: Iterable[Row], *by: str) -> dict[tuple[str, ...], list[Row]]:
    found: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in rows:
        found[tuple(getattr(row, name) for name in by)].append(row)
    return dict(found)


def score(rows: Sequence[Row]) -> dict[str, Any]:
    """Figures by reader and pipeline, and for every two readers of the same articles where they differ.

    Raises AuditError if a reader judged one item twice.
    """
    seen = Counter((row.reader, *row.place) for row in rows)
    twice = [key for key, count in seen.items() if count > 1]
    if twice:
        raise AuditError(f"{twice[0][0]} judged item {twice[0][3]} of {twice[0][2]} twice")
    by = _grouped(rows, "reader", "pipeline")
    readers = [{"reader": reader, "pipeline": pipeline} | _figures(by[reader, pipeline]) for reader, pipeline in by]
    pairs = [
        {"pipeline": pipeline, "readers": [one, other]} | both
        for (one, pipeline), (other, same) in combinations(sorted(by), 2)
        if pipeline == same and (both := _agreement(by[one, pipeline], by[other, pipeline]))
    ]
    return {"readers": readers, "pairs": pairs}


def _figures(rows: Sequence[Row]) -> dict[str, Any]:
    articles = [sorted(given, key=lambda row: row.item) for given in _grouped(rows, "article").values()]
    named = [given for given in articles if any(row.kind == "name" for row in given)]
    wrong = [given for given in named if any(row.kind == "name" and row.verdict in WRONG_NAMES for row in given)]
    twice = [given for given in articles if any(row.kind == "link" and row.verdict == "duplicate" for row in given)]
    first = [next(row for row in given if row.kind in ("subject", "coverage")).verdict for given in articles]
    return {
        "articles": len(articles),
        "withAWrongName": _part(len(wrong), len(named)),
        "names": _right(row.verdict for row in rows if row.kind == "name"),
        "links": _right("right" if row.verdict == "duplicate" else row.verdict for row in rows if row.kind == "link"),
        "withALinkTwice": _part(len(twice), len(articles)),
        "firstSubject": _right(first),
        "subjects": _right(row.verdict for row in rows if row.kind == "subject"),
        "coverage": _right(row.verdict for row in rows if row.kind == "coverage"),
        "verdicts": {kind: dict(Counter(r.verdict for r in rows if r.kind == kind).most_common()) for kind in VERDICTS},
    }


def _right(verdicts: Iterable[str]) -> list[Any]:
    """What is right of what the reader was sure of."""
    sure = [verdict for verdict in verdicts if verdict != "unsure"]
    return _part(sum(verdict == "right" for verdict in sure), len(sure))


def _part(count: int, of: int) -> list[Any]:
    return [count, of, round(count / of, 4) if of else None]


def _agreement(one: Sequence[Row], other: Sequence[Row]) -> dict[str, Any] | None:
    """Of the items that both judged; None if there are none. Raises AuditError if an item is of two kinds."""
    theirs = {row.place: row for row in other}
    both = [(row, theirs[row.place]) for row in one if row.place in theirs]
    for row, match in both:
        if row.kind != match.kind:
            raise AuditError(f"item {row.item} of {row.article} is a {row.kind} and a {match.kind}")
    if not both:
        return None
    differ = [(row, match) for row, match in both if row.verdict != match.verdict]
    return {
        "items": len(both),
        "differ": len(differ),
        "kappa": kappa([(row.verdict, match.verdict) for row, match in both]),
        "byKind": {
            kind: [len(given), sum(a != b for a, b in given), kappa(given)]
            for kind in VERDICTS
            if (given := [(row.verdict, match.verdict) for row, match in both if row.kind == kind])
        },
        "where": [[row.article, row.item, row.kind, row.verdict, match.verdict] for row, match in differ],
    }


def kappa(pairs: Sequence[tuple[str, str]]) -> float | None:
    """Cohen's kappa (1960): agreement beyond that of chance; None if both always say the same one thing."""
    first, second = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    agreed = sum(a == b for a, b in pairs) / len(pairs)
    chance = sum(first[verdict] * second[verdict] for verdict in first) / len(pairs) ** 2
    return None if chance == 1 else round((agreed - chance) / (1 - chance), 4)


_TITLES = {
    "withAWrongName": "articles with a plainly wrong name in the first five",
    "names": "names right",
    "links": "links right",
    "withALinkTwice": "articles with two names of one link",
    "firstSubject": "first subject right (none, if there is none to name)",
    "subjects": "subjects right",
    "coverage": "articles with no subject missing",
}


def table(figures: Mapping[str, Any]) -> str:
    """The figures to read; items of which a reader was unsure are in no share."""
    lines = []
    for reader in figures["readers"]:
        lines.append(f"{reader['reader']}, pipeline {reader['pipeline']}, {reader['articles']} articles")
        for key, title in _TITLES.items():
            count, of, part = reader[key]
            lines.append(f"  {title:54} {count:4} of {of:4}  {'-' if part is None else f'{part:.3f}'}")
        for kind, counts in reader["verdicts"].items():
            lines.append(f"  {kind:9} " + ("  ".join(f"{verdict} {n}" for verdict, n in counts.items()) or "none"))
    for pair in figures["pairs"]:
        lines.append(f"{' and '.join(pair['readers'])}, pipeline {pair['pipeline']}")
        rows = {"all": [pair["items"], pair["differ"], pair["kappa"]]} | pair["byKind"]
        for kind, (items, differ, value) in rows.items():
            lines.append(f"  {kind:9} {differ} of {items} differ, kappa {'-' if value is None else f'{value:.3f}'}")
        lines += [f"  {' '.join(map(str, where))}" for where in pair["where"]]
    return "\n".join(lines)
