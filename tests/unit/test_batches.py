"""Record batches: whatever a feeder writes is read, within bounds, or said to be unreadable; never an exception."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any

import pytest
from aiokafka.record.default_records import DefaultRecordBatch, _DefaultRecordBatchBuilderPy
from aiokafka.record.memory_records import MemoryRecords
from hypothesis import given
from hypothesis import strategies as st

from agents.kafka import batches
from agents.kafka.batches import Records, Unread
from tests.integration.hostile import CODECS, Name

ALL = pytest.mark.parametrize("codec", [0, *CODECS.values()], ids=["none", *CODECS])
Row = tuple[bytes | None, bytes | None, list[tuple[str, bytes | None]]]
ROWS = st.lists(
    st.tuples(
        st.none() | st.binary(max_size=20),
        st.none() | st.binary(max_size=400),
        st.lists(st.tuples(st.text(max_size=5), st.none() | st.binary(max_size=5)), max_size=3),
    ),
    min_size=1,
    max_size=5,
)


def built(rows: Sequence[Row], codec: int = 0, *, base: int = 70) -> bytes:
    """A batch as the broker keeps it."""
    builder = _DefaultRecordBatchBuilderPy(2, codec, 0, -1, -1, 0, 1 << 30)
    for n, (key, value, headers) in enumerate(rows):
        builder.append(n, 1_000 + n, key, value, headers)
    data = builder.build()
    struct.pack_into(">q", data, 0, base)
    return bytes(data)


def read(data: bytes) -> list[Any]:
    """Every record of every batch."""
    records, found = Records(data), []
    while records.has_next():
        batch = records.next_batch()
        assert batch.validate_crc()
        found += list(batch)
    return found


def as_row(record: Any) -> tuple[Any, ...]:
    return (record.offset, record.timestamp, record.timestamp_type, record.key, record.value, list(record.headers))


@given(ROWS, st.sampled_from([0, *CODECS.values()]), st.booleans())
def test_read_as_the_client_reads(rows: list[Row], codec: int, ours: bool) -> None:
    """The same records, by the client's reader and by our own, of the same batches."""
    data = built(rows, codec) + built(rows, codec, base=900)
    client, expected = MemoryRecords(data), []
    while client.has_next():
        expected += [as_row(record) for record in client.next_batch()]
    small, batches._SMALL_BYTES = batches._SMALL_BYTES, 0 if ours else 1 << 20
    try:
        assert [as_row(record) for record in read(data)] == expected
    finally:
        batches._SMALL_BYTES = small


@ALL
def test_a_name_that_is_no_text_is_read(codec: int) -> None:
    """And the records before and after it, each once."""
    rows: list[Row] = [(None, b"a" * 300, []), (None, b"b" * 300, [(Name("x"), b"1")]), (None, b"c" * 300, [])]
    assert [(r.offset, r.value[:1]) for r in read(built(rows, codec))] == [(70, b"a"), (71, b"b"), (72, b"c")]
    assert read(built(rows, codec))[1].headers == [("\ufffd\ufffd\ufffd(", b"1")]
    with pytest.raises(UnicodeDecodeError):
        list(DefaultRecordBatch(built(rows, codec)))


@pytest.mark.parametrize("codec", CODECS.values(), ids=list(CODECS))
@pytest.mark.parametrize("count", [1, 3])
def test_a_batch_that_grows_too_large_is_unreadable(codec: int, count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of it is opened beyond the bound; each of its records stands there, saying why."""
    monkeypatch.setattr(batches, "MAX_OPENED_BYTES", 1 << 20)
    rows: list[Row] = [(b"k", bytes((2 << 20) // count), [])] * count
    found = read(built(rows, codec))
    assert [r.offset for r in found] == list(range(70, 70 + count))
    assert all(isinstance(r.value, Unread) and r.value == b"" for r in found)
    assert "opens to more than 1 MiB" in found[0].value.why
    assert f"offsets 70 to {69 + count}" in found[0].value.why
    monkeypatch.setattr(batches, "MAX_OPENED_BYTES", 4 << 20)
    assert [len(r.value) for r in read(built(rows, codec))] == [(2 << 20) // count] * count


@ALL
def test_of_ten_million_headers_the_first_are_read(codec: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """No object is made of the others, and the next record is where it should be."""
    monkeypatch.setattr(batches, "_MAX_HEADERS", 5)
    rows: list[Row] = [(None, b"a", [(f"h{n % 7}", b"1") for n in range(100_000)]), (None, b"b", [])]
    first, second = read(built(rows, codec))
    assert [name for name, _ in first.headers] == [f"h{n}" for n in range(5)]
    assert (first.value, second.value) == (b"a", b"b")


def test_a_flood_of_small_records_is_one_letter(monkeypatch: pytest.MonkeyPatch) -> None:
    """More than a thousand that cannot be had are named together."""
    monkeypatch.setattr(batches, "MAX_OPENED_BYTES", 10_000)
    (found,) = read(built([(None, b"x" * 20, [])] * 1_500, CODECS["zstd"]))
    assert (found.offset, "offsets 70 to 1569" in found.value.why) == (70, True)


@given(ROWS, st.sampled_from([0, *CODECS.values()]), st.data())
def test_damage_is_no_exception(rows: list[Row], codec: int, data: st.DataObject) -> None:
    """A broker would not have taken it; whatever lies there gives records at offsets of the batch, each once."""
    spoilt = bytearray(built(rows, codec))
    for _ in range(data.draw(st.integers(1, 4))):
        spoilt[data.draw(st.integers(61, len(spoilt) - 1))] = data.draw(st.integers(0, 255))
    batch = Records(bytes(spoilt)).next_batch()
    offsets = [record.offset for record in batch]
    assert offsets == sorted(set(offsets))
    assert all(offset >= 70 for offset in offsets)


@pytest.mark.parametrize("cut", [0, 5, 11, 12, 16, 60, 61])
def test_a_batch_that_is_cut_off_comes_with_the_next_fetch(cut: int) -> None:
    """As the client has it."""
    whole = built([(b"k", b"v", [])])
    records = Records(whole + whole[:cut])
    assert len(list(records.next_batch())) == 1
    assert not records.has_next()
    assert records.next_batch() is None
    assert records.size_in_bytes() == len(whole) + cut
