"""What users name on a command line -> raw articles, one at a time, as JSON bytes.

Nothing is held that is longer than one article may be, compressed or not. What cannot be read costs itself and no more:
it is told to `unread`, and reading goes on behind it.
"""

from __future__ import annotations

import gzip
import os
import stat
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

import orjson

from agents.cli import arrays
from pipeline.errors import SettingsError
from pipeline.formats import MAX_WIRE_BYTES

SUFFIXES = (".jsonl", ".ndjson", ".json", ".txt", ".html", ".htm")
_SKIPPED_AT_ONCE = 1 << 20
_DENSE = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One raw article: where it stands, and its bytes."""

    place: str  # path, or path:line
    value: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """Something that could not be read: where it stands, and why."""

    place: str
    reason: str  # too_large, or unreadable
    error: str

    def __str__(self) -> str:
        return f"{self.place}: {self.error}"


Tell = Callable[[Unread], None]


def refuse(unread: Unread) -> None:
    """For those who cannot go on without it: raises SettingsError."""
    raise SettingsError(str(unread))


def read(paths: Iterable[str], *, html: bool = False, unread: Tell = refuse) -> Iterator[Found]:
    """Every article of these files and folders, in order; `-` is stdin as JSONL (as one page with `html`).

    `unread` is told at once of each file, line or array element that cannot be read, and of each article over
    10,000,000 bytes; the others come. Raises SettingsError where a path is not there or is of no known kind, before
    anything is read.
    """
    paths = list(paths)
    for path in paths:
        _check(path, html=html)
    for path in paths:
        if path == "-":
            yield from _opened("-", sys.stdin.buffer, ".html" if html else ".jsonl", unread)
        elif os.path.isdir(path):
            for file in _inside(Path(path), unread):
                yield from _file(file, html=html, unread=unread)
        else:
            yield from _file(Path(path), html=html, unread=unread)


def lines(path: Path, *, unread: Tell = refuse) -> Iterator[Found]:
    """The lines of a file that are not blank, whatever its name."""
    with _reading(str(path), unread), _open(path) as file:
        yield from _lines(str(path), file, unread)


def _check(path: str, *, html: bool) -> None:
    if path == "-" or os.path.isdir(path):
        return
    if not os.path.lexists(path):
        raise SettingsError(f"{path}: no such file or folder")
    if _suffix(Path(path)) not in SUFFIXES and not html:
        raise SettingsError(f"{path}: not one of {', '.join(SUFFIXES)} (also .gz); for a page, add --html")


def _inside(folder: Path, unread: Tell) -> list[Path]:
    """The files of a known kind in a folder and below it. A link to a folder is not followed: it may lead round."""

    def failed(error: OSError) -> None:
        unread(Unread(place=str(error.filename), reason="unreadable", error=_why(error)))

    # A README beside the articles is not one of them.
    return sorted(
        Path(at, name)
        for at, _, names in os.walk(folder, onerror=failed)
        for name in names
        if _suffix(Path(name)) in SUFFIXES
    )


def _suffix(path: Path) -> str:
    return (path.with_suffix("") if path.suffix == ".gz" else path).suffix.lower()


def _file(path: Path, *, html: bool, unread: Tell) -> Iterator[Found]:
    place = str(path)
    with _reading(place, unread), _open(path) as file:
        kind = ".html" if html else _suffix(path)
        if path.suffix == ".gz":
            with cast("BinaryIO", gzip.open(file)) as unpacked:
                yield from _opened(place, unpacked, kind, unread)
        else:
            yield from _opened(place, file, kind, unread)


@contextmanager
def _reading(place: str, unread: Tell) -> Iterator[None]:
    try:
        yield
    except (OSError, EOFError, zlib.error) as error:
        unread(Unread(place=place, reason="unreadable", error=_why(error)))


def _why(error: Exception) -> str:
    return f"cannot be read ({getattr(error, 'strerror', None) or error})"


def _open(path: Path) -> BinaryIO:
    """A regular file for reading. Raises OSError for anything else: a pipe may never say a word, a device never end."""
    # Opening a pipe that nobody writes to would wait; this does not, and makes no difference for a file.
    file = os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb")
    if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        return file
    file.close()
    raise OSError("not a regular file; a pipe can be given as -")


def _opened(place: str, file: BinaryIO, kind: str, unread: Tell) -> Iterator[Found]:
    if kind in (".jsonl", ".ndjson"):
        yield from _lines(place, file, unread)
        return
    data = file.read(MAX_WIRE_BYTES + 1)
    if kind == ".json":
        yield from _json(place, data, file, unread)
    elif len(data) > MAX_WIRE_BYTES:
        unread(_too_large(place))
    else:
        yield Found(place=place, value=text(data) if kind == ".txt" else page(data))


def _too_large(place: str) -> Unread:
    return Unread(place=place, reason="too_large", error=f"an article of more than {MAX_WIRE_BYTES} bytes")


def _lines(place: str, file: BinaryIO, unread: Tell) -> Iterator[Found]:
    number = 0
    while line := file.readline(MAX_WIRE_BYTES + 2):  # its end aside
        number += 1
        value = line.strip(b"\r\n")
        if len(value) > MAX_WIRE_BYTES:
            unread(_too_large(f"{place}:{number}"))
            while line and not line.endswith(b"\n"):
                line = file.readline(_SKIPPED_AT_ONCE)
        elif value.strip():
            yield Found(place=f"{place}:{number}", value=value)


def _json(place: str, data: bytes, file: BinaryIO, unread: Tell) -> Iterator[Found]:
    """One article, or an array of them. What is no JSON is passed on: refusing it is the pipeline's to do."""
    whole = len(data) <= MAX_WIRE_BYTES
    array = data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"["
    if not array:
        if whole:
            yield Found(place=place, value=data)
        else:
            unread(_too_large(place))
        return
    if whole and not is_dense(data) and not _is_json(data):
        yield Found(place=place, value=data)
        return
    chunks = _chunks(data, file)
    del data
    for number, element in enumerate(arrays.elements(chunks, limit=MAX_WIRE_BYTES), start=1):
        if isinstance(element, bytes):
            yield Found(place=f"{place}:{number}", value=element)
        elif element is arrays.Fault.LONG:
            unread(_too_large(f"{place}:{number}"))
        else:
            unread(Unread(place=f"{place}:{number}", reason="unreadable", error=f"not read: {element.value}"))


def is_dense(data: bytes) -> bool:
    """Whether JSON of at most 10 MB has so many values that they would fill the memory: no article has a million."""
    return sum(map(data.count, (b",", b"[", b"{"))) > _DENSE


def _is_json(data: bytes) -> bool:
    try:
        orjson.loads(data)
    except orjson.JSONDecodeError:
        return False
    return True


def _chunks(first: bytes, file: BinaryIO) -> Iterator[bytes]:
    yield first
    while chunk := file.read(_SKIPPED_AT_ONCE):
        yield chunk


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
