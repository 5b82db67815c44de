"""Well-known organisations and their Wikidata ids (pipeline/data/organisations.tsv), by exact name."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import cache
from importlib.resources import files


def _source() -> bytes:
    return (files("pipeline") / "data" / "organisations.tsv").read_bytes()


@cache
def digest() -> str:
    """SHA-256 (hex) of the table."""
    return hashlib.sha256(_source()).hexdigest()


@cache
def _table() -> dict[str, str]:
    lines = _source().decode().splitlines()
    return {name: number for number, names in (line.split("\t") for line in lines) for name in names.split("|")}


def find(names: Iterable[str]) -> str | None:
    """The id of an organisation that goes by these names; None if none is listed or two differ."""
    table = _table()
    numbers = {table[name] for name in names if name in table}
    return numbers.pop() if len(numbers) == 1 else None
