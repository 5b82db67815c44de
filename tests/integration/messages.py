"""Kafka records as the ledger wants them: where they lie, what they answer, and what their copies must share."""

from __future__ import annotations

import contextlib
import hashlib
from typing import Any

import orjson

from pipeline import codec
from tests.integration.ledger import Coordinates, Message


def message(record: Any) -> Message:
    """A Kafka record as the ledger wants it."""
    headers = dict(record.headers)
    at = Coordinates(record.topic, record.partition, record.offset)
    origin, stage, digest = at, None, ""
    if "copydesk_source_topic" in headers:
        with contextlib.suppress(ValueError, KeyError, AttributeError):  # in the raw topic a feeder writes them
            topic, partition, offset = (
                headers[f"copydesk_source_{part}"].decode() for part in ("topic", "partition", "offset")
            )
            origin = Coordinates(topic, int(partition), int(offset))
    if "copydesk_reason" in headers and "copydesk_read_topic" in headers:
        stage = headers["copydesk_stage"].decode()
        same = b"\0".join([record.value or b"", headers["copydesk_stage"], headers["copydesk_reason"]])
        digest = hashlib.sha256(same).hexdigest()
    elif "ce_id" in headers and "ce_specversion" in headers:
        digest = hashlib.sha256(headers["ce_id"] + canonical(record.value)).hexdigest()
    return Message(at=at, origin=origin, digest=digest, key=record.key, stage=stage, null=record.value is None)


def canonical(value: bytes | None) -> bytes:
    """A record's bytes without what may differ between two runs; none of a take-down."""
    if value is None:
        return b""
    return orjson.dumps(codec.without_timings(orjson.loads(value)), option=orjson.OPT_SORT_KEYS)
