"""Whatever headers, key, value and time a message has, what we write for it is bounded, true, and can be written."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.written import NAMES, all_holds

BYTES = st.one_of(
    st.binary(max_size=60),
    st.integers(-(2**70), 2**70).map(lambda number: str(number).encode()),
    st.text(max_size=20).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.sampled_from([b"t", b"articles.raw", b"t" * 249, b"t" * 250, b"0", b"1", b"2147483648", b"9223372036854775808",
                     b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", b"\x1b[2J"]),
    st.builds(lambda one, times: one * times, st.binary(min_size=1, max_size=2), st.integers(1, 2_000_000)),
)  # fmt: skip
PAIRS = st.lists(st.tuples(st.sampled_from(NAMES) | st.text(max_size=9), st.none() | BYTES), max_size=12)
REAL = [
    ("copydesk_source_topic", b"articles.raw"),
    ("copydesk_source_partition", b"3"),
    ("copydesk_source_offset", b"4"),
]


@settings(max_examples=150, derandomize=True, deadline=None)
@given(
    headers=st.none() | PAIRS | PAIRS.map(dict) | PAIRS.map(lambda more: [*REAL, *more]) | PAIRS.map(lambda m: m * 500),
    key=st.none() | BYTES,
    value=st.none() | BYTES,
    timestamp=st.none() | st.floats(allow_nan=False) | st.integers(-(2**63), 2**63 - 1).map(lambda ms: ms / 1000),
)
def test_all_holds(headers: Any, key: bytes | None, value: bytes | None, timestamp: float | None) -> None:
    """Record, dead letter and bare letter: within their bounds, with coordinates that can be Kafka's."""
    all_holds(headers, key=key, value=value, timestamp=timestamp)
