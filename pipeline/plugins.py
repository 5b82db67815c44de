"""Annotators of others, found by the entry point group `copydesk.annotators`. docs/annotators.md shows one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from pipeline.article import Component
from pipeline.contracts import Annotator
from pipeline.errors import ModelError

GROUP = "copydesk.annotators"
OURS = frozenset({"entities", "subjects"})  # layers that have a place of their own in the record
NAME = re.compile(r"[a-z][a-z0-9-]{0,63}\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """An annotator that the settings name: in which stage's hop it runs, and whether articles need its layer."""

    name: str
    stage: str
    required: bool = False


def installed() -> dict[str, EntryPoint]:
    """The annotators that are installed, by name."""
    return {entry.name: entry for entry in entry_points(group=GROUP)}


def load(name: str) -> Annotator[Any]:
    """The annotator of that name. Raises ModelError, one line, if it is missing or cannot be used."""
    found = installed()
    if name not in found:
        known = ", ".join(sorted(found)) or "none"
        raise ModelError(f"no annotator {name!r} is installed (entry point group {GROUP}); installed: {known}")
    try:
        annotator: Annotator[Any] = found[name].load()()
    except ModelError:
        raise
    except Exception as error:
        raise ModelError(f"annotator {name!r} cannot be loaded: {type(error).__name__}: {error}"[:300]) from error
    if problem := _problem(annotator, name):
        raise ModelError(f"annotator {name!r} cannot be used: {problem}")
    return annotator


def _problem(annotator: Annotator[Any], name: str) -> str | None:
    missing = [part for part in ("annotate", "to_json", "from_json") if not callable(getattr(annotator, part, None))]
    if missing:
        return f"it has no {', '.join(missing)}"
    if getattr(annotator, "name", None) != name:
        return f"its name is {getattr(annotator, 'name', None)!r}"
    if not NAME.match(name) or name in OURS:
        return "a name has lower-case letters, digits and hyphens, and is none of " + ", ".join(sorted(OURS))
    if not isinstance(getattr(annotator, "component", None), Component):
        return "its component is no pipeline.article.Component"
    for part in ("requires", "languages"):
        value = getattr(annotator, part, ...)
        if not isinstance(value, frozenset) and not (value is None and part == "languages"):
            return f"{part} is no frozenset"
    return None
