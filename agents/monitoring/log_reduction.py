"""Reduces the values that a library logs, so that nothing from outside reaches the log."""

from __future__ import annotations

import enum
import os
import sys
import types
from collections.abc import Mapping, Sequence, Set
from typing import Any

from agents import foreign
from pipeline.errors import CopydeskError

_MOST_ITEMS, _MOST_DEPTH, _MOST_FRAMES, _MOST_CHARACTERS = 8, 4, 40, 2000
_SHORTEST = 4  # characters of a piece of a message that can be known again

known: set[str] = set()  # names of ours: topics, the group, hosts


class _Word(str):
    """Text that is the same under %s and %r."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


class Named(dict[str, Any]):
    """Arguments by name, each reduced; as a whole too, if a message takes it for one."""

    def __init__(self, args: Mapping[str, Any]) -> None:
        super().__init__({key: reduced(value) for key, value in args.items()})

    def __repr__(self) -> str:
        return str(reduced(dict(self)))

    __str__ = __repr__


def reduced(value: object, *, depth: int = _MOST_DEPTH) -> Any:
    """A number as it is, a name of ours as it is, a collection of them; of everything else the type and the size."""
    kind = type(value)
    if value is None or kind in (bool, int, float):
        return value
    if isinstance(value, BaseException):
        return _Word(reduced_error(value))
    if isinstance(value, type):
        return _Word(value.__qualname__)
    if isinstance(value, enum.Enum):
        return _Word(f"{kind.__name__}.{value.name}")
    if isinstance(value, (str, bytes, bytearray, memoryview)):
        if kind is str and value in known:
            return _Word(value)
        return _Word(f"<{kind.__name__} {len(value)}>")
    if depth and isinstance(value, (Mapping, Sequence, Set)):
        return _Word(_collection(value, depth - 1))
    return _Word(f"<{kind.__name__}>")


def _collection(value: Mapping[Any, Any] | Sequence[Any] | Set[Any], depth: int) -> str:
    try:
        pairs = list(value.items()) if isinstance(value, Mapping) else None
        items = (
            [reduced(item, depth=depth) for item in list(value)[:_MOST_ITEMS]]
            if pairs is None
            else [f"{reduced(k, depth=depth)}: {reduced(v, depth=depth)}" for k, v in pairs[:_MOST_ITEMS]]
        )
        more = [f"... {len(value) - _MOST_ITEMS} more"] if len(value) > _MOST_ITEMS else []
    except Exception:  # an object that only looks like a collection
        return f"<{type(value).__name__}>"
    name = "" if type(value) in (tuple, list, dict, set) else type(value).__name__
    return f"{name}({', '.join(map(str, [*items, *more]))})"


def reduced_error(error: BaseException) -> str:
    """An exception's type; its text if we wrote it, or if it is in the code that raised it."""
    name = type(error).__name__
    if isinstance(error, CopydeskError):
        return str(error)
    if isinstance(error, OSError) and isinstance(error.errno, int):
        return f"{name}: {os.strerror(error.errno)}"
    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    text = error.args[0] if len(error.args) == 1 else None
    if last is not None and type(text) is str and text in _texts(last.tb_frame.f_code):
        return f"{name}: {text}"
    return name


def literal(message: object) -> str | None:
    """What of a log message stands in the source code of those who log it, looked for in the frames that call us.

    The whole message, or its end (mode puts a service's name before it), or its beginning; None if nothing does.
    """
    if type(message) is not str:
        return None
    best = ""
    frame: types.FrameType | None = sys._getframe(1)
    for _ in range(_MOST_FRAMES):
        if frame is None:
            break
        texts = _texts(frame.f_code)
        if message in texts:
            return message
        for text in texts:
            if len(text) > max(len(best), _SHORTEST - 1) and (message.endswith(text) or message.startswith(text)):
                best = text
        frame = frame.f_back
    return best or None


_cache: dict[types.CodeType, frozenset[str]] = {}


def _texts(code: types.CodeType) -> frozenset[str]:
    """The string constants of a function."""
    if code not in _cache:
        if len(_cache) > 5000:
            _cache.clear()
        _cache[code] = frozenset(c for c in code.co_consts if type(c) is str)
    return _cache[code]


def one_line(text: str) -> str:
    """The same with everything that a terminal could take for more than text written as an escape."""
    cut = text if len(text) <= _MOST_CHARACTERS else f"{text[:_MOST_CHARACTERS]}... ({len(text)} characters)"
    return foreign.text(cut)
