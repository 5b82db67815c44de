"""The elements of a JSON array come one at a time as they stand, however the bytes are cut into chunks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.formats.arrays import Fault, elements

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text('a"\\[]{},: \n🎉é', max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text('a"\\[]{},', max_size=4), inner, max_size=3),
    max_leaves=12,
)


def cut(data: bytes, size: int) -> Iterator[bytes]:
    """Chunks of so many bytes."""
    return (data[at : at + size] for at in range(0, len(data), size))


@given(
    values=st.lists(JSON, max_size=6), size=st.integers(1, 12), indent=st.none() | st.integers(0, 2),
    ascii=st.booleans(), mark=st.booleans(),
)  # fmt: skip
def test_the_elements_of_any_array(values: list[Any], size: int, indent: int | None, ascii: bool, mark: bool) -> None:
    """Also where a chunk ends within a string, behind a backslash, or within a character."""
    data = (b"\xef\xbb\xbf" if mark else b"") + json.dumps(values, indent=indent, ensure_ascii=ascii).encode()
    found = list(elements(cut(data, size), limit=10_000))
    assert [json.loads(each) for each in found if isinstance(each, bytes)] == values
    assert len(found) == len(values)


@given(lengths=st.lists(st.integers(1, 60), min_size=1, max_size=6), size=st.integers(1, 80))
def test_what_is_too_long_costs_itself(lengths: list[int], size: int) -> None:
    """The others come, each in its place."""
    data = b"[" + b", ".join(b"7" * length for length in lengths) + b"]"
    found = list(elements(cut(data, size), limit=30))
    assert found == [b"7" * length if length <= 30 else Fault.LONG for length in lengths]


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"[", [Fault.UNENDED]),
        (b"[1, 2", [b"1", Fault.UNENDED]),
        (b'[1, "a]', [b"1", Fault.UNENDED]),
        (b'[1, "\\"]', [b"1", Fault.UNENDED]),
        (b"[]", []),
        (b" [ ] \n", []),
        (b"[1] [2]", [b"1", Fault.FOLLOWED]),
        (b"[{]", [Fault.UNENDED]),
        (b"[1]" + b" " * 50 + b"x", [b"1", Fault.FOLLOWED]),
    ],
)
@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_what_is_no_array(data: bytes, found: list[object], size: int) -> None:
    """An array that does not end, or that something follows, is said to be so."""
    assert list(elements(cut(data, size), limit=30)) == found


def test_nothing_long_is_held() -> None:
    """An element without end is passed over as it comes: one chunk is asked for at a time, and none is kept."""
    import tracemalloc

    def endless() -> Iterator[bytes]:
        yield b'[1, "'
        for _ in range(200):
            yield b"x" * 100_000
        yield b'", 2]'

    tracemalloc.start()
    found = list(elements(endless(), limit=50_000))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found == [b"1", Fault.LONG, b"2"]
    assert peak < 2_000_000
