"""The names that a language pack lists: which label each has, and which name it stands for.

A line is `LABEL<tab>NAME|OTHER NAME`, where LABEL is an OntoNotes label; `#` begins a comment.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping

from pipeline.entities.names import NAMES
from pipeline.languages.registry import Pack


@functools.cache
def load(pack: Pack) -> Mapping[str, tuple[str, str]]:
    """Each name of the list, with its label and the first name on its line. Raises ModelError if it cannot be read."""
    found: dict[str, tuple[str, str]] = {}
    try:
        lines = (pack.read("entities", "names") or b"").decode().splitlines()
    except ValueError as error:
        raise pack.broken("its names are no UTF-8") from error
    for number, line in enumerate(lines, 1):
        if not line or line.startswith("#"):
            continue
        label, tab, names = line.partition("\t")
        if not tab or label not in NAMES or not all(name.strip() for name in names.split("|")):
            raise pack.broken(f"line {number} of its names is not LABEL<tab>NAME|NAME with a label of {sorted(NAMES)}")
        first, *others = (name.strip() for name in names.split("|"))
        found.update((name, (label, first)) for name in (first, *others))
    return found
