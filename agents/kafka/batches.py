"""Decompresses record batches within bounds, and reads them whatever a feeder put into them.

The Kafka client decompresses a batch to any size, makes an object of every header, and raises for a header name that is
not UTF-8 (Java's client cannot write one, others can). Each of these would end every worker that reaches that offset.
The broker checked the batch when it accepted it, and the client its checksum: a batch that cannot be read now never
can.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import Any, NamedTuple

import cramjam
from aiokafka.errors import CorruptRecordException
from aiokafka.record.default_records import DefaultRecordBatch, _DefaultRecordBatchPy
from aiokafka.record.memory_records import MemoryRecords
from aiokafka.record.util import decode_varint

from agents.kafka import faust_internals
from agents.kafka.held import Poll

MAX_OPENED_BYTES = 64 << 20  # six of the largest articles; a batch has one of them
_MAX_RECORD_BYTES = 11 << 20  # key and value: more than our topics take of a message that is not compressed
_MAX_HEADERS = 1_000  # of a message; those after them are not read
# A batch of less cannot hold enough headers to be dangerous, and the client reads it three times as fast as we do.
_SMALL_BYTES = 256 << 10
_MAX_NAMED = 1_000  # so many records of a batch that cannot be opened are refused one by one
_HEADER = _DefaultRecordBatchPy.HEADER_STRUCT
_LENGTH = struct.Struct(">i")
_LENGTH_AT, _BODY_AT, _MAGIC_AT, _ATTRIBUTES_AT = 8, 12, 16, _DefaultRecordBatchPy.ATTRIBUTES_OFFSET
_ATTRIBUTES = struct.Struct(">h")
_CODECS = {1: "gzip", 2: "snappy", 3: "lz4", 4: "zstd"}
_BY_BROKER = 0x08  # the batch's time is the broker's
_XERIAL = b"\x82SNAPPY\x00"


class Unread(bytes):
    """Instead of a value: empty, and why the real one cannot be had."""

    why: str

    @classmethod
    def because(cls, why: str) -> Unread:
        """`why` is one line, with nothing in it that a feeder wrote."""
        made = cls()
        made.why = why
        return made


class Record(NamedTuple):
    """As the client's own."""

    offset: int
    timestamp: int
    timestamp_type: int
    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes | None]]
    checksum: None = None


class _OpenedTooFarError(Exception):
    pass


def read_any_batch() -> None:
    """Have every consumer of this process read batches as here, and hand over so much of them at a time."""
    faust_internals.read_batches_with(Records)
    faust_internals.read_polls_with(Poll)


class Records:
    """The batches of one fetch from one partition; the last may be cut off. As the client's MemoryRecords."""

    def __init__(self, data: bytes) -> None:
        self._data = bytes(data)
        self._at = 0

    def size_in_bytes(self) -> int:
        """Of all."""
        return len(self._data)

    def _end(self) -> int | None:
        if len(self._data) - self._at < _BODY_AT:
            return None
        end = self._at + _BODY_AT + int(_LENGTH.unpack_from(self._data, self._at + _LENGTH_AT)[0])
        return end if end <= len(self._data) else None

    def has_next(self) -> bool:
        """Whether there is another whole batch."""
        return self._end() is not None

    def next_batch(self) -> Any:
        """The next one, None if there is none. Raises CorruptRecordException."""
        end = self._end()
        if end is None:
            return None
        data, begin = self._data[self._at : end], self._at
        self._at = end
        if end - begin <= _MAGIC_AT:
            raise CorruptRecordException("a batch without a header")
        if data[_MAGIC_AT] < 2:  # nothing that a broker of this decade keeps; it has no headers
            return MemoryRecords(data).next_batch()
        if len(data) < _HEADER.size:
            raise CorruptRecordException("a batch with half a header")
        return Batch(data)


class Batch:
    """One batch. As the client's DefaultRecordBatch, but iterating never fails."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._batch = DefaultRecordBatch(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._batch, name)

    def __next__(self) -> Any:
        return next(self._batch)  # of a marker that ends a transaction

    def __iter__(self) -> Iterator[Any]:
        at = self._batch.base_offset
        failed: Exception
        try:
            data = _opened(self._data)
        except MemoryError:
            raise
        except Exception as problem:
            failed = problem
        else:
            client = self._batch if data is self._data else DefaultRecordBatch(data)
            for records in (client, _leniently(data)) if len(data) <= _SMALL_BYTES else (_leniently(data),):
                try:
                    for record in records:
                        if record.offset >= at:
                            at = record.offset + 1
                            yield self._bounded(record)
                    return
                except MemoryError:
                    raise
                except Exception as problem:
                    failed = problem
        yield from self._unread(at, failed)

    def _bounded(self, record: Any) -> Any:
        """The same record, within bounds: dozens of the largest could come in one fetch, each of 64 MiB."""
        size = len(record.key or b"") + len(record.value or b"")
        if size <= _MAX_RECORD_BYTES and len(record.headers) <= _MAX_HEADERS:
            return record
        key, value = record.key, record.value
        if size > _MAX_RECORD_BYTES:
            codec = _CODECS.get(self._batch.compression_type, "uncompressed")
            key, value = None, Unread.because(f"a message of {size} bytes, in a batch of {len(self._data)} ({codec})")
        headers = list(record.headers[:_MAX_HEADERS])
        return Record(record.offset, record.timestamp, record.timestamp_type, key, value, headers)

    def _unread(self, first: int, problem: Exception) -> Iterator[Record]:
        """What stands for the records from this offset on."""
        last = self._batch.next_offset - 1
        codec = _CODECS.get(self._batch.compression_type, "uncompressed")
        why = (
            f"opens to more than {MAX_OPENED_BYTES >> 20} MiB"
            if isinstance(problem, _OpenedTooFarError)
            else f"cannot be read ({type(problem).__name__})"
        )
        value = Unread.because(f"in a batch ({codec}, {len(self._data)} bytes, offsets {first} to {last}) that {why}")
        fields = _HEADER.unpack_from(self._data)
        by_broker = 1 if fields[5] & _BY_BROKER else 0
        for offset in range(first, last + 1 if last - first < _MAX_NAMED else first + 1):
            yield Record(offset, fields[8], by_broker, None, value, [])


def _opened(data: bytes) -> bytes:
    """The batch uncompressed; the same bytes if it is. Raises whatever the codec does."""
    attributes = _ATTRIBUTES.unpack_from(data, _ATTRIBUTES_AT)[0]
    codec = attributes & 0x07
    if codec == 0:
        return data
    body = data[_HEADER.size :]
    if codec == 1:
        opener = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        opened = opener.decompress(body, MAX_OPENED_BYTES)
        if not opener.eof:
            raise _OpenedTooFarError if len(opened) == MAX_OPENED_BYTES else EOFError
    elif codec == 2:
        opened = b"".join(_snappy(body))
    else:
        opened = _into({3: cramjam.lz4, 4: cramjam.zstd}[codec], body)
    head = bytearray(data[: _HEADER.size])
    _ATTRIBUTES.pack_into(head, _ATTRIBUTES_AT, attributes & ~0x07)
    _LENGTH.pack_into(head, _LENGTH_AT, _HEADER.size + len(opened) - _BODY_AT)
    return bytes(head) + opened


def _into(codec: Any, body: bytes) -> bytes:
    size = 16 * len(body) + 10_000  # text hardly ever swells more; what does is opened again, into more room
    while True:
        room = bytearray(min(size, MAX_OPENED_BYTES))
        try:
            return bytes(memoryview(room)[: codec.decompress_into(body, room)])
        except cramjam.DecompressionError as problem:
            if "whole buffer" not in str(problem):
                raise
            if size >= MAX_OPENED_BYTES:
                raise _OpenedTooFarError from None
            size *= 16


def _snappy(body: bytes) -> Iterator[bytes]:
    """One block, or blocks as Java's library frames them."""
    room = MAX_OPENED_BYTES
    at = 16 if body.startswith(_XERIAL) and len(body) > 16 else None
    while at is None or at < len(body):
        block = body if at is None else body[at + 4 : at + 4 + _LENGTH.unpack_from(body, at)[0]]
        room -= cramjam.snappy.decompress_raw_len(block)
        if room < 0:
            raise _OpenedTooFarError
        yield bytes(cramjam.snappy.decompress_raw(block))
        if at is None:
            return
        at += 4 + len(block)


def _leniently(data: bytes) -> Iterator[Record]:
    """The records of an uncompressed batch, header names as they can be read. Raises CorruptRecordException."""
    fields = _HEADER.unpack_from(data)
    base, attributes, first_time, max_time, count = fields[0], fields[5], fields[7], fields[8], fields[12]
    by_broker = bool(attributes & _BY_BROKER)
    body = bytearray(data)
    at = _HEADER.size

    def number() -> int:
        nonlocal at
        found, at = decode_varint(body, at)
        return int(found)

    def some() -> bytes | None:
        nonlocal at
        size = number()
        if size < 0:
            return None
        if at + size > len(body):
            raise CorruptRecordException("a field goes beyond the batch")
        at += size
        return bytes(body[at - size : at])

    for _ in range(count):
        end = number() + at
        at += 1  # attributes, of which there are none
        time, offset = number(), number()
        key, value = some(), some()
        count_here = number()
        wanted = min(count_here, _MAX_HEADERS)
        headers = [((some() or b"").decode("utf-8", "replace"), some()) for _ in range(wanted)]
        if wanted < count_here:
            at = end
        if at != end:
            raise CorruptRecordException("a record is not as long as it says")
        yield Record(base + offset, max_time if by_broker else first_time + time, int(by_broker), key, value, headers)
