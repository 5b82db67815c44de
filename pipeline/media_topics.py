"""IPTC Media Topics, release 2025-03-31: look up a topic, its path to the top, and what a code of old means today.

The table is `pipeline/data/mediatopics.json` (IPTC, CC BY 4.0; made by bench/make_mediatopics.py): 1,387 topics, of
which 302 are retired and each name their successor.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from pipeline.article import GivenSubject

SCHEME = "medtop"
VERSION = "2025-03-31"
TABLE = Path(__file__).parent / "data" / "mediatopics.json"

_CODE = re.compile(
    r"(?:(?P<medtop>medtop:|https?://cv\.iptc\.org/newscodes/mediatopic/)"
    r"|(?P<subject>subj:|iptc:|https?://cv\.iptc\.org/newscodes/subjectcode/))?(?P<digits>\d{8})/?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One Media Topic. `parent` is None at the top; `retired` is a date; `successor` is set if it is retired."""

    code: str
    name: str
    parent: str | None
    retired: str | None
    successor: str | None
    wikidata: str | None  # Q12345
    subject_code: str | None  # eight digits of IPTC's older Subject Codes


@cache
def topics() -> Mapping[str, Topic]:
    """Every topic by its code, in the order of IPTC's tree."""
    table = json.loads(TABLE.read_text("utf-8"))
    assert table["version"] == VERSION
    return {
        row[0]: Topic(
            code=row[0],
            name=row[1],
            parent=row[2],
            retired=row[3],
            successor=row[4],
            wikidata=row[5],
            subject_code=row[6],
        )
        for row in table["topics"]
    }


@cache
def _by_subject_code() -> Mapping[str, str]:
    # A retired topic may share its old code with the one that took its place: the active one speaks.
    known = sorted(topics().values(), key=lambda topic: topic.retired is None)
    return {topic.subject_code: topic.code for topic in known if topic.subject_code}


def current(code: str) -> str | None:
    """The active code that `code` means today, or None.

    Read are `medtop:20000373`, the URIs of Media Topics and of the older Subject Codes (`subj:04008000`), and eight
    bare digits (a Media Topic first, else a Subject Code). Retired topics give their successor.
    """
    match = _CODE.fullmatch(code.strip())
    if match is None:
        return None
    digits = match["digits"]
    topic = None if match["subject"] else topics().get(f"{SCHEME}:{digits}")
    if topic is None and not match["medtop"]:
        topic = topics().get(_by_subject_code().get(digits, ""))
    if topic is None:
        return None
    return topic.successor if topic.retired else topic.code


def path(code: str) -> tuple[str, ...]:
    """Codes from the top to `code` itself. KeyError for a code that is not in the release."""
    topic = topics()[code]
    return (*path(topic.parent), code) if topic.parent else (code,)


def names(code: str) -> tuple[str, ...]:
    """The names along the path, from the top."""
    return tuple(topics()[step].name for step in path(code))


@cache
def children(code: str | None = None) -> tuple[str, ...]:
    """The active topics right below `code`; those of the top without one."""
    return tuple(topic.code for topic in topics().values() if topic.parent == code and not topic.retired)


def search(word: str) -> list[Topic]:
    """Active topics whose name has `word` in it, whatever the case, those that begin with it first."""
    wanted = word.casefold()
    found = [topic for topic in topics().values() if not topic.retired and wanted in topic.name.casefold()]
    return sorted(found, key=lambda topic: (not topic.name.casefold().startswith(wanted), len(topic.name)))


def with_current_code(subject: GivenSubject) -> GivenSubject:
    """A subject that the source gave, with the Media Topics code that its code or address means today, if any."""
    codes = (current(spelling) for spelling in (subject.code, subject.uri) if spelling)
    code = next((code for code in codes if code), subject.code)
    if code == subject.code:
        return subject
    # What the source wrote is kept: as the uri, if it gave none and its code can be one.
    uri = subject.uri or (subject.code if subject.code and ":" in subject.code else None)
    return replace(subject, code=code, uri=uri)
