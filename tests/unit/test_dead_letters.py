"""Dead letters: the original bytes as they were, and the whole story in the headers."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.kafka import dead_letters
from agents.kafka.dead_letters import DeadLetter
from agents.kafka.messages import READING, Coordinates, feeders
from agents.workers.answers import MAX_COPY_BYTES
from pipeline.errors import Reason, Refusal

SOURCE = Coordinates(topic="articles.raw", partition=3, offset=42)
READ = Coordinates(topic="articles.cleaned", partition=1, offset=7)
NUMBERS = st.integers(0, 2**53)
PLACES = st.builds(
    Coordinates, topic=st.text("abc.-_", min_size=1), partition=st.integers(0, 2**31 - 1), offset=NUMBERS
)


def letter(value: bytes = b"{", error: str = "char 1", key: bytes | None = b"urn:x") -> DeadLetter:
    """One of a refusal."""
    refusal = Refusal(stage="cleaning", reason=Reason.MALFORMED_JSON, error=error)
    return dead_letters.of(refusal, value=value, key=key, source=SOURCE, read=READ, source_timestamp=1.5)


@given(
    value=st.binary(max_size=50), error=st.text(max_size=300), key=st.none() | st.text(max_size=9).map(str.encode),
    source=PLACES, read=PLACES, timestamp=st.none() | NUMBERS.map(lambda ms: ms / 1000), attempt=st.integers(1, 99),
    headers=st.lists(st.tuples(st.sampled_from(["content-type", "x", "copydesk_title"]), st.binary(max_size=9))),
)  # fmt: skip
def test_a_letter_comes_back(
    value: bytes, error: str, key: bytes | None, source: Coordinates, read: Coordinates, timestamp: float | None,
    attempt: int, headers: list[tuple[str, bytes]],
) -> None:  # fmt: skip
    """read(value, headers) gives back what was sent."""
    refusal = Refusal(stage="entities", reason=Reason.TIMEOUT, error=error)
    feeder, left_out = feeders(headers)
    sent = dead_letters.of(
        refusal, value=value, key=key, source=source, read=read, source_timestamp=timestamp, attempt=attempt,
        feeder=feeder, headers_left_out=left_out,
    )  # fmt: skip
    assert dead_letters.read(sent.value, sent.headers()) == sent


def test_what_is_too_large_is_cut_and_named() -> None:
    """The first bytes, flagged, with the hash and size of all of them."""
    value = b"x" * (MAX_COPY_BYTES + 1)
    cut = letter(value)
    assert (len(cut.value), cut.truncated, cut.size) == (MAX_COPY_BYTES, True, MAX_COPY_BYTES + 1)
    assert cut.sha256 == sha256(value).hexdigest()
    whole = letter(b"x" * MAX_COPY_BYTES)
    assert (len(whole.value), whole.truncated) == (MAX_COPY_BYTES, False)


def test_bytes_are_kept_as_they_were() -> None:
    """Whatever they are."""
    assert letter(bytes(range(256))).value == bytes(range(256))


def test_the_error_is_one_printable_line() -> None:
    """At most 200 characters, nothing that moves a terminal's cursor."""
    error = letter(error="a\nb\x1b[31m" + "x" * 500).error
    assert len(error) == 200
    assert error.isprintable()


def test_the_key_is_the_source() -> None:
    """So that every letter of an article is in one partition, and `show` knows which."""
    assert letter().key == b"articles.raw:3:42"


@pytest.mark.parametrize("number", [b"", b"x", b"--5", b"9" * 5000, "²".encode(), b"1.5"])
def test_a_dead_letter_of_somebody_else_is_read(number: bytes) -> None:
    """Whoever wrote it: what is no number is -1 or its default."""
    names = ("attempt", "size", "source_partition", "source_offset", "source_timestamp", "read_offset")
    found = dead_letters.read(None, [(f"copydesk_{name}", number) for name in names])
    assert (found.value, found.reason, found.source) == (b"", "", Coordinates(topic="", partition=-1, offset=-1))
    assert (found.attempt, found.source_timestamp) == (1, None)


def test_a_letter_without_its_bytes_has_less_than_twenty_kilobytes() -> None:
    """Whatever a feeder wrote into its key and headers; the declared type is there, and what is not is counted."""
    headers = [*((name, b"x" * size) for name, size in READING.items()), *(("x" * 50, b"y" * 50) for _ in range(999))]
    feeder, left_out = feeders(headers)
    place = Coordinates(topic="t" * 249, partition=2**31 - 1, offset=2**63 - 1)
    sent = dead_letters.of(
        Refusal(stage="cleaning", reason=Reason.HTML_TOO_COMPLEX, error="e" * 200), value=b"", key=b"k" * 10_000,
        source=place, read=place, source_timestamp=1e10, attempt=99_999, traceparent="t" * 55, feeder=feeder,
        headers_left_out=left_out,
    )  # fmt: skip
    assert sum(len(name) + len(value) for name, value in sent.headers()) < 20_000
    found = dict(sent.headers())
    assert found["content-type"] == b"x" * 200
    assert int(found["copydesk_headers_left_out"]) + len(feeder) == len(headers)
