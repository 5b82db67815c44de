"""What must hold of all that we write for a message, whatever its feeder wrote into it: for hypothesis and atheris."""

from __future__ import annotations

import re
from typing import Any

from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy

from agents.kafka import dead_letters
from agents.kafka.messages import MAX_OFFSET, MAX_PARTITION, Coordinates, Headers, incoming, source_of
from agents.outputs import Outputs
from agents.workers.answers import Answer, Facts
from pipeline.errors import Reason, Refusal
from tests.fakes import TOPICS, Message

KAFKAS_OWN_LIMIT = 1_048_588  # message.max.bytes, if nobody sets it
NAMES = (
    "traceparent", "copydesk_attempt", "ce_id", "ce_type", "ce_subject", "content-type", "copydesk_key",
    *(f"copydesk_source_{part}" for part in ("topic", "partition", "offset", "timestamp")),
    "copydesk_reason", "copydesk_error", "copydesk_read_topic", "Faust-Ag-ReplyTo", "", "x\x1b[2J",
)  # fmt: skip
_TOPIC = re.compile(r"[A-Za-z0-9._-]{1,249}\Z")
_OUTPUTS = Outputs("cleaning", topics=TOPICS, clock=lambda: 1_750_000_000.0)
_FACTS = Facts(id="0" * 32, uri="urn:x:" + "u" * 2_042)
_REFUSAL = Refusal(stage="cleaning", reason=Reason.MALFORMED_JSON, error="\U0001f4f0" * 300)
HERE = Coordinates(topic=TOPICS.raw, partition=MAX_PARTITION, offset=MAX_OFFSET)


def in_kafka(key: bytes | None, value: bytes, headers: Headers) -> int:
    """How many bytes a message has in a batch of its own, as the broker counts it."""
    builder = _DefaultRecordBatchBuilderPy(2, 0, 0, -1, -1, 0, 1 << 30)
    builder.append(0, 1_750_000_000_000, key, value, list(headers))
    return builder.size()


def all_holds(headers: Any, *, key: bytes | None, value: bytes | None, timestamp: float | None) -> None:
    """The record, the dead letter and the bare one of this message can be written, fit, and say what is true."""
    made = Message(value, key=key, partition=HERE.partition, offset=HERE.offset, timestamp=timestamp, headers=headers)
    message = incoming(made, first=True)
    source = message.source
    assert message.here == HERE
    assert source == HERE or _TOPIC.match(source.topic)
    assert 0 <= source.partition <= MAX_PARTITION
    assert 0 <= source.offset <= MAX_OFFSET

    key_, value_, written = _OUTPUTS.of(message, Answer(value=b"", facts=_FACTS))
    assert in_kafka(key_, value_, written) < 8_000
    assert source_of(dict(written), here=HERE, timestamp=message.source_timestamp)[0] == source

    key_, value_, written = _OUTPUTS.of(message, Answer(refusal=_REFUSAL))
    assert in_kafka(key_, value_, written) <= KAFKAS_OWN_LIMIT
    assert in_kafka(key_, b"", written) < 20_000
    letter = dead_letters.read(value_, written)
    assert (letter.source, letter.read, letter.attempt) == (source, HERE, message.attempt)
    assert letter.value == (value or b"")[:1_000_000]
    if key is not None and len(key) <= dead_letters.MAX_KEY_BYTES:
        assert letter.article_key == key
    else:
        assert (letter.article_key, letter.key_size) == (None, len(key or b""))

    key_, value_, written = _OUTPUTS.of(message, Answer(refusal=_REFUSAL), bare=True)
    assert in_kafka(key_, value_, written) < 3_000
    assert (key_, value_) == (str(HERE).encode(), b"")
    letter = dead_letters.read(value_, written)
    assert (letter.source, letter.read, letter.size) == (HERE, HERE, len(value or b""))
