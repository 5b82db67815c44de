"""What stands above the article in a text file: labelled lines, the byline, the time; and the rest of the text.

Only lines at the very head count, each by its own shape. A line that could be the article's first words is left alone.
"""

from __future__ import annotations

import re

from pipeline.formats import instants

MOST_LINES = 40  # at the head that are looked at
MAX_VALUE = 300  # characters
_LABELS = {
    "title": ("headline", "title", "subject", "hed"),
    "by": ("by", "byline", "author", "authors", "from", "reporter"),
    "publishedAt": (
        "date",
        "published",
        "publication date",
        "pubdate",
        "datetime",
        "filed",
        "issued",
        "posted",
        "sent",
    ),
    "modifiedAt": ("updated", "last updated", "modified"),
    "source": ("source", "publication", "outlet", "agency"),
    "section": ("section", "category", "desk"),
    "language": ("language", "lang"),
    "url": ("url", "link"),
    "keywords": ("keywords", "tags"),
    "description": ("summary", "standfirst", "abstract"),
    "": ("slug", "slugline", "to", "cc", "id", "word count", "words", "embargo", "content-type", "mime-version"),
}
_FIELD = {label: field for field, labels in _LABELS.items() for label in labels}
_KEPT = frozenset({"embargo"})  # says what may be done with the article: it stays with the text
_LABELLED = re.compile(r"([A-Za-z][A-Za-z -]{0,17}?)\s*:\s+(\S.*)")
_BYLINE = re.compile(r"(?:[Bb]y|BY|Von|Par|Por)\s+(\S.*)")
_BETWEEN = re.compile(r"\s+[|•·–—/]\s+")
_SMALL = frozenset([
    "and", "und", "et", "y", "e", "of", "the", "in", "for", "de", "del", "della", "da", "di", "du", "van", "von",
    "der", "den", "ten", "ter", "la", "le", "al", "bin", "ibn", "with", "at", "reporter", "correspondent", "editor",
    "staff", "writer", "political", "business", "sports", "our", "special",
])  # fmt: skip
_ADDRESS = re.compile(r"\s*[<(]?[\w.+-]{1,60}@[\w.-]{1,60}[>)]?")


def split(text: str) -> tuple[dict[str, str], str]:
    """The fields that the head of a text has, by our names, and the text from where the article begins.

    A headline that has no label is not looked for; it stays the first line of what is given back.
    """
    lines = text.lstrip("\ufeff \t\r\n").split("\n", MOST_LINES)
    fields: dict[str, str] = {}
    at = _labelled(lines, fields)
    headline: str | None = None
    while at < len(lines):
        line = lines[at].strip()
        if not line or _signed(line, fields):
            at += 1
        elif headline is None and "title" not in fields and _has_signature_below(lines, at):
            headline = line
            at += 1
            if lines[at].strip() and not _signed(lines[at].strip(), {}):  # a headline that was wrapped
                headline = f"{headline} {lines[at].strip()}"
                at += 1
        else:
            break
    if headline is not None:
        fields["title"] = headline
    return (fields, "\n".join(lines[at:])) if fields and any(line.strip() for line in lines[at:]) else ({}, text)


def _labelled(lines: list[str], fields: dict[str, str]) -> int:
    """Read the labelled lines of the head into `fields`; where the rest begins."""
    at, found = 0, dict[str, str]()
    known = 0
    for number, line in enumerate(lines[:MOST_LINES]):
        matched = _LABELLED.match(line.strip())
        label = " ".join(matched[1].lower().split()) if matched else ""
        if matched and label in _FIELD and label not in _KEPT and len(matched[2]) <= MAX_VALUE:
            known += 1
            field, value = _FIELD[label], matched[2].strip()
            if field and _is_value(field, value):
                found.setdefault(field, _ADDRESS.sub("", value).strip() or value if field == "by" else value)
            elif field:
                break
            at = number + 1
        elif line.strip():
            break
    if known == 0 or (known == 1 and not found.keys() & {"title", "by", "publishedAt"}):
        return 0
    fields.update(found)
    return at


def _is_value(field: str, value: str) -> bool:
    """Whether a labelled value can be what its label says: "Language: a history" is a headline."""
    match field:
        case "publishedAt" | "modifiedAt":
            return instants.read(value) is not None
        case "url":
            return value.startswith(("http://", "https://")) and " " not in value
        case "language":
            return re.fullmatch(r"[A-Za-z]{2,12}(?:[-_][A-Za-z]{2,4})?", value) is not None
        case "by":
            return _is_names(_ADDRESS.sub("", value)) or "@" in value
        case _:
            return True


def _signed(line: str, fields: dict[str, str]) -> bool:
    """Whether a line is a byline, a time, or both; what it says is added to `fields`."""
    if len(line) > 120:
        return False
    found: dict[str, str] = {}
    for part in [line] if _is_moment(line) else _BETWEEN.split(line):
        byline = _BYLINE.fullmatch(part)
        name = _ADDRESS.sub("", byline[1]).strip(" ,|") if byline else ""
        if byline and name and _is_names(name):
            found.setdefault("by", name)
        elif _is_moment(part):
            updated = re.match(r"(?:last )?(?:updated|modified)", part, re.IGNORECASE)
            found.setdefault("modifiedAt" if updated else "publishedAt", part)
        elif not (found and _is_names(part)):  # "By Una Pell | Eastmere Echo"
            return False
    for field, value in found.items():
        fields.setdefault(field, value)
    return bool(found)


def _is_moment(text: str) -> bool:
    return len(text) <= 60 and not text.isdecimal() and instants.read(text) is not None


def _is_names(text: str) -> bool:
    """Whether words are names and what stands between names: "Una Pell and Di Wang, Eastmere Echo"."""
    words = re.findall(r"[^\W\d_][\w.'’-]*", text)
    capitals = sum(1 for word in words if word[0].isupper())
    small = all(
        word[0].isupper() or word.lower() in _SMALL or word[0] not in "abcdefghijklmnopqrstuvwxyz" for word in words
    )
    return 1 <= len(words) <= 16 and small and capitals >= 1 and not re.search(r"[!?;:\"“]|\.\Z|\d", text)


def _has_signature_below(lines: list[str], at: int) -> bool:
    """Whether a line is a headline above a byline or a time: it, or it and the line that it was wrapped to."""
    first = lines[at].strip()
    if len(first) > 200 or first[-1] in ".,;:" or not (first[0].isupper() or not first[0].isalpha()):
        return False
    below = [(number, line.strip()) for number, line in enumerate(lines[at + 1 : at + 5], start=1) if line.strip()]
    if not below:
        return False
    number, next_line = below[0]
    if _signed(next_line, {}):
        return True
    wrapped = number == 1 and len(first) >= 30 and len(next_line) <= 100 and next_line[-1] not in ".,;:"
    return wrapped and len(below) > 1 and below[1][0] > 2 and _signed(below[1][1], {})
