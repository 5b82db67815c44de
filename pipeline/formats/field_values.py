"""How each field of a raw article is read: a reader takes what is given by one name, and answers what it says.

None is for what says nothing, OddError for what cannot be read. A reader of a list takes `flags`, to which it adds
ODD if a part of the list cannot be read: the rest of it counts.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

from pipeline import media_topics
from pipeline.article import GivenSubject, Json
from pipeline.formats import forms, instants, markup
from pipeline.formats.field_names import One
from pipeline.formats.lines import one_line
from pipeline.ids import is_uri

ODD = "odd_field"
WEB = ("http://", "https://")
MAX_URL = 8_192  # characters: of what is longer no page is known
MAX_KEYWORDS = 500
MAX_SECTIONS = 50  # of one article
_NOTHING = frozenset({"", "null", "none", "n/a", "undefined", "nan"})  # what serialisers write for what is not known
_BY = re.compile(r"(?:by|BY|By)(?:\s*:\s*|\s+)(?=\S)")


class OddError(Exception):
    """A value that cannot be read."""


def given_uri(one: One) -> str | None:
    value = one.value
    if one.rank <= 0 and isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    found = forms.address(value)
    if one.rank <= 0:
        if found is None:
            raise OddError
        return found.strip() or None
    return found if found and is_uri(found) else None


def bare_id(value: Json) -> str | None:
    found = str(value) if isinstance(value, int) and not isinstance(value, bool) else forms.address(value)
    return one_line(found, limit=200)


def given_url(one: One) -> str | None:
    found = forms.address(one.value)
    if found is None or (one.rank > 0 and found.strip() and not found.strip().startswith(WEB)):
        raise OddError
    return one_line(found, limit=MAX_URL + 1) if found.strip().lower() not in _NOTHING else None


def line(limit: int) -> Callable[[One], str | None]:
    def read(one: One) -> str | None:
        found = forms.text(one.value, between=", ")
        if found is None:
            raise OddError
        return shown(found, limit)

    return read


def shown(text: str | None, limit: int) -> str | None:
    """A field of one line without markup; None if it says nothing."""
    if not text or text.strip().lower() in _NOTHING:
        return None
    return one_line(markup.line(text[: limit * 8]), limit=limit)


def byline(flags: list[str]) -> Callable[[One], str | None]:
    def read(one: One) -> str | None:
        found, whole = forms.names(one.value)
        if not whole:
            if not found:
                raise OddError
            flags.append(ODD)
        names = [name for each in found if (name := shown(each, 500))]
        if one.rank != 0:
            names = [name[said.end() :] if (said := _BY.match(name)) else name for name in names]
        return one_line(", ".join(dict.fromkeys(names)))

    return read


def keywords(flags: list[str]) -> Callable[[One], tuple[str, ...] | None]:
    def read(one: One) -> tuple[str, ...] | None:
        found, whole = forms.words(one.value)
        if not whole or len(found) > MAX_KEYWORDS:
            if not found:
                raise OddError
            flags.append(ODD)
        return tuple(word for each in found[:MAX_KEYWORDS] if (word := shown(each, 500))) or None

    return read


def sections(flags: list[str]) -> Callable[[One], tuple[str, ...] | None]:
    """The sections of a list, each once; a value of any other form is one section."""

    def read(one: One) -> tuple[str, ...] | None:
        given = one.value if isinstance(one.value, list) else [one.value]
        found = [None if isinstance(each, list) else forms.text(each, between=", ") for each in given[:MAX_SECTIONS]]
        if len(given) > MAX_SECTIONS or any(
            text is None and each is not None for text, each in zip(found, given, strict=False)
        ):
            if not any(found):
                raise OddError
            flags.append(ODD)
        named: dict[str, str] = {}
        for text in found:
            if name := shown(text, 500):
                named.setdefault(name.casefold(), name)
        return tuple(named.values()) or None

    return read


def source(one: One) -> tuple[str | None, str | None] | None:
    value = one.value
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    uri = _uri(forms.address(value)) if isinstance(value, dict) else None
    found, _ = forms.names(value) if isinstance(value, dict | str) else ([], False)
    name = shown(found[0], 500) if found else None
    nameless = isinstance(value, dict) and (not any(value.values()) or value.get("name", "") is None)
    if name is None and uri is None and not (nameless or value is None or isinstance(value, str)):
        raise OddError
    return (name, uri) if name or uri else None


def subjects(flags: list[str]) -> Callable[[One], tuple[GivenSubject, ...] | None]:
    def read(one: One) -> tuple[GivenSubject, ...] | None:
        value = one.value
        given = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else [value]
        found = [_subject(subject) for subject in given]
        good = [subject for subject in found if subject is not None]
        if len(good) < len(given):
            if not good:
                raise OddError
            flags.append(ODD)
        return tuple(media_topics.with_current_code(subject) for subject in good) or None

    return read


def _subject(given: Json) -> GivenSubject | None:
    """A subject; None for what is none. A name or a uri that is the code of a Media Topic is its code."""
    if not isinstance(given, dict):
        given = _code(given)
        if not isinstance(given, str):
            return None
        given = given.strip()
        given = {"uri": given} if is_uri(given) else {"name": given}
    name, uri = _code(given.get("name")), _code(given.get("uri"))
    code = next((_code(given[key]) for key in ("code", "literal", "qcode") if given.get(key) is not None), None)
    if not all(value is None or isinstance(value, str) for value in (name, uri, code)):
        return None
    if not code and uri and not is_uri(uri) and media_topics.current(uri):
        code = uri
    if not (code or uri) and name and media_topics.current(name):
        code, name = name.strip(), None
    return GivenSubject(name=shown(name, 500), uri=_uri(uri), code=one_line(code, limit=100))


def _code(value: Json) -> Json:
    """A code that is given as a number, as it is written."""
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return str(value) if is_number and media_topics.current(str(value)) else value


def _uri(value: str | None) -> str | None:
    return value if value and is_uri(value) else None


def instant(one: One) -> tuple[datetime, bool] | None:
    """The instant, and whether its zone was said. What cannot be read is dropped and flagged: no news is lost by it."""
    value = forms.moment(one.value)
    if value is None or (isinstance(value, str) and value.strip().lower() in _NOTHING):
        return None
    found = instants.read(value)
    if found is None:
        raise OddError
    return found
