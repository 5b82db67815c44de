"""What users name on a command line -> raw articles, one at a time, as JSON bytes."""

from __future__ import annotations

import gzip
import sys
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

import orjson

from pipeline.errors import SettingsError

SUFFIXES = (".jsonl", ".ndjson", ".json", ".txt", ".html", ".htm")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One raw article: where it stands, and its bytes."""

    place: str  # path, or path:line
    value: bytes


def read(paths: Iterable[str], *, html: bool = False) -> Iterator[Found]:
    """Every article of these files and folders, in order; `-` is stdin as JSONL (as one page with `html`).

    Raises SettingsError where a path is not there or is of no known kind.
    """
    for path in paths:
        if path == "-":
            yield from _stdin(html=html)
            continue
        file = Path(path)
        if file.is_dir():
            inside = sorted(p for p in file.rglob("*") if p.is_file() and _suffix(p) in SUFFIXES)
            # A README beside the articles is not one of them.
            for each in inside:
                yield from _file(each, html=html)
        elif not file.exists():
            raise SettingsError(f"{path}: no such file or folder")
        elif _suffix(file) not in SUFFIXES and not html:
            raise SettingsError(f"{path}: not one of {', '.join(SUFFIXES)} (also .gz); for a page, add --html")
        else:
            yield from _file(file, html=html)


def _suffix(path: Path) -> str:
    return (path.with_suffix("") if path.suffix == ".gz" else path).suffix.lower()


def _file(path: Path, *, html: bool) -> Iterator[Found]:
    try:
        with cast("BinaryIO", gzip.open(path) if path.suffix == ".gz" else path.open("rb")) as file:
            suffix = _suffix(path)
            if html or suffix in (".html", ".htm"):
                yield Found(place=str(path), value=page(file.read()))
            elif suffix == ".txt":
                yield Found(place=str(path), value=text(file.read()))
            elif suffix == ".json":
                yield from _json(path, file.read())
            else:
                yield from _lines(str(path), file)
    except (OSError, EOFError, zlib.error) as error:
        why = getattr(error, "strerror", None) or error
        raise SettingsError(f"{path}: cannot be read ({why})") from None


def _stdin(*, html: bool) -> Iterator[Found]:
    if html:
        yield Found(place="-", value=page(sys.stdin.buffer.read()))
    else:
        yield from _lines("-", sys.stdin.buffer)


def _lines(place: str, file: BinaryIO) -> Iterator[Found]:
    for number, line in enumerate(file, start=1):
        value = line.strip(b"\r\n")
        if value.strip():
            yield Found(place=f"{place}:{number}", value=value)


def _json(path: Path, data: bytes) -> Iterator[Found]:
    """One article, or an array of them. What is no JSON is passed on: refusing it is the line's to do."""
    if data.lstrip()[:1] == b"[":
        with suppress(orjson.JSONDecodeError, orjson.JSONEncodeError):  # it reads deeper nesting than it writes
            values = [orjson.dumps(article) for article in orjson.loads(data)]
            yield from (Found(place=f"{path}:{number}", value=value) for number, value in enumerate(values, start=1))
            return
    yield Found(place=str(path), value=data)


def page(data: bytes) -> bytes:
    """A raw article of an HTML page, its characters decoded as browsers find them."""
    from pipeline.formats.charset import decode_html_bytes

    return orjson.dumps({"html": decode_html_bytes(data), "contentType": "text/html"})


def text(data: bytes) -> bytes:
    """A raw article of a plain text; its first line is the title where it looks like one."""
    from pipeline.formats.charset import decode_html_bytes
    from pipeline.formats.text import split_title

    title, body = split_title(decode_html_bytes(data))
    article = {"body": body, "contentType": "text/plain"}
    return orjson.dumps({"title": title, **article} if title else article)
