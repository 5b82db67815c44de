"""Reads the files and folders named on a command line: raw articles, one at a time, as JSON bytes.

Memory is bounded by the largest article allowed, compressed or not. What cannot be read is reported to `unread`, and
reading continues after it.
"""

from __future__ import annotations

import gzip
import io
import os
import stat
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

import orjson

from agents.cli import envelopes
from agents.kafka import messages
from pipeline.article import Hints, Origin
from pipeline.contracts import Container
from pipeline.errors import InputRefused, Reason, SettingsError
from pipeline.formats import registry
from pipeline.formats.jsonl import JsonLines
from pipeline.formats.registry import MAX_WIRE_BYTES


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One raw article: where it stands, its bytes, and the headers it had if `copydesk tail` wrote it.

    If `takes_down` is the key of an article, this is a message without a value that takes it down; `value` is empty.
    """

    place: str  # path, or path:line
    value: bytes
    takes_down: bytes | None = None
    headers: Sequence[tuple[str, bytes]] = ()

    @property
    def origin(self) -> Origin | None:
        """What its headers say about its bytes, for commands without Kafka."""
        hints = messages.hints(messages.known(self.headers)) if self.headers else None
        return Origin(raw_sha256="", size=0, hints=hints) if hints else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """Something that could not be read: where it stands, and why."""

    place: str
    reason: str  # too_large, unreadable, or why its format refuses it
    error: str

    def __str__(self) -> str:
        return f"{self.place}: {self.error}"


Tell = Callable[[Unread], None]


def refuse(unread: Unread) -> None:
    """For those who cannot go on without it: raises SettingsError."""
    raise SettingsError(str(unread))


def read(paths: Iterable[str], *, html: bool = False, unread: Tell = refuse) -> Iterator[Found]:
    """Every article of these files and folders, in order; `-` is stdin as JSONL (as one page with `html`).

    `unread` is called at once for each file, line or array element that cannot be read, and for each article over
    10,000,000 bytes; the others are read. Raises SettingsError if a path is missing or is of no known kind, before
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
        yield from _split(JsonLines(), str(path), file, unread)


def _check(path: str, *, html: bool) -> None:
    if path == "-" or os.path.isdir(path):
        return
    if not os.path.lexists(path):
        raise SettingsError(f"{path}: no such file or folder")
    if _suffix(Path(path)) not in registry.suffixes() and not html:
        raise SettingsError(
            f"{path}: not a known kind of file ({' '.join(registry.suffixes())}, also .gz); for a page, add --html"
        )


def _inside(folder: Path, unread: Tell) -> list[Path]:
    """The files of a known kind in a folder and below it. A link to a folder is not followed: it may lead round."""

    def failed(error: OSError) -> None:
        unread(Unread(place=str(error.filename), reason="unreadable", error=_why(error)))

    # A README beside the articles is not one of them.
    return sorted(
        Path(at, name)
        for at, _, names in os.walk(folder, onerror=failed)
        for name in names
        if _suffix(Path(name)) in registry.suffixes()
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
    raise OSError("not a regular file; to read from a pipe, use -")


def _opened(place: str, file: BinaryIO, kind: str, unread: Tell) -> Iterator[Found]:
    containers, form = registry.of_file(kind)
    if form is None:
        yield from _split(containers[0], place, file, unread)
        return
    head = file.read(MAX_WIRE_BYTES + 1)
    for container in containers:
        if container.holds(head, MAX_WIRE_BYTES):
            rest = cast("BinaryIO", io.BufferedReader(_Rejoined(head, file)))
            del head
            yield from _split(container, place, rest, unread)
            return
    if len(head) > MAX_WIRE_BYTES:
        unread(_too_large(place))
    elif form is registry.JSON:  # as it is: refusing what is no article is the pipeline's to do
        yield _found(place, head)
    else:
        try:
            yield Found(place=place, value=orjson.dumps(form.read(head, Hints())))
        except InputRefused as refused:
            unread(Unread(place=place, reason=refused.reason, error=refused.error))


def _split(container: Container, place: str, file: BinaryIO, unread: Tell) -> Iterator[Found]:
    for item in container.split(file, MAX_WIRE_BYTES):
        at = f"{place}:{item.number}"
        if item.fault is None:
            yield _found(at, item.data)
        elif item.fault is Reason.TOO_LARGE:
            unread(_too_large(at))
        else:
            unread(Unread(place=at, reason=item.fault, error=item.error))


def _found(place: str, data: bytes) -> Found:
    """An article in JSON as it is, or the message that `copydesk tail` wrote as JSON."""
    if (key := envelopes.taken_down(data)) is not None:
        return Found(place=place, value=b"", takes_down=key)
    value, headers = envelopes.opened(data)
    return Found(place=place, value=value, headers=headers)


def _too_large(place: str) -> Unread:
    return Unread(place=place, reason=Reason.TOO_LARGE, error=f"an article of more than {MAX_WIRE_BYTES} bytes")


class _Rejoined(io.RawIOBase):
    """A file whose beginning was read already."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        self._head: memoryview | None = memoryview(head)
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self._head is None:
            data: Any = self._rest.read(len(buffer))
        else:
            data, self._head = self._head[: len(buffer)], self._head[len(buffer) :] or None
        buffer[: len(data)] = data
        return len(data)
