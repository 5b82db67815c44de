"""Dead letters: the original bytes, and in the headers why they were refused and where they came from."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from agents.kafka.messages import MAX_COPY_BYTES, Coordinates, Headers, header
from pipeline import __version__
from pipeline.errors import Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """A refused message as sent and as read back: `source` is the raw article's place, `read` where it was refused."""

    value: bytes
    stage: str
    reason: str
    error: str
    source: Coordinates
    read: Coordinates
    source_timestamp: float | None = None  # seconds since the epoch
    article_key: bytes | None = None
    attempt: int = 1
    sha256: str = ""
    size: int = 0
    truncated: bool = False
    version: str = __version__
    traceparent: str | None = None

    @property
    def key(self) -> bytes:
        """`topic:partition:offset` of the source."""
        return str(self.source).encode()

    def headers(self) -> Headers:
        """Everything but the bytes."""
        values = {
            "copydesk_stage": self.stage,
            "copydesk_reason": self.reason,
            "copydesk_error": self.error,
            "copydesk_attempt": self.attempt,
            "copydesk_source_topic": self.source.topic,
            "copydesk_source_partition": self.source.partition,
            "copydesk_source_offset": self.source.offset,
            "copydesk_source_timestamp": None if self.source_timestamp is None else round(self.source_timestamp * 1000),
            "copydesk_read_topic": self.read.topic,
            "copydesk_read_partition": self.read.partition,
            "copydesk_read_offset": self.read.offset,
            "copydesk_key": self.article_key.decode("utf-8", "replace") if self.article_key is not None else None,
            "copydesk_sha256": self.sha256,
            "copydesk_size": self.size,
            "copydesk_truncated": str(self.truncated).lower(),
            "copydesk_version": self.version,
            "traceparent": self.traceparent,
        }
        return [(name, str(value).encode()) for name, value in values.items() if value is not None]


def of(
    refusal: Refusal,
    *,
    value: bytes,
    kept_bytes: int = MAX_COPY_BYTES,
    key: bytes | None,
    source: Coordinates,
    read: Coordinates,
    source_timestamp: float | None,
    attempt: int = 1,
    traceparent: str | None = None,
) -> DeadLetter:
    """The dead letter of a refusal. A value over the limit is cut, flagged, and named by its hash and size."""
    return DeadLetter(
        value=value[:kept_bytes],
        stage=refusal.stage,
        reason=refusal.reason.value,
        error=_printable(refusal.error),
        source=source,
        read=read,
        source_timestamp=source_timestamp,
        article_key=key,
        attempt=attempt,
        sha256=sha256(value).hexdigest(),
        size=len(value),
        truncated=len(value) > kept_bytes,
        traceparent=traceparent,
    )


def read(value: bytes | None, headers: Headers) -> DeadLetter:
    """The inverse, for looking at and replaying; a header that is not there is empty or -1."""

    def text(name: str, default: str = "") -> str:
        found = header(headers, name)
        return default if found is None else found.decode("utf-8", "replace")

    def number(name: str, default: int = -1) -> int:
        found = header(headers, name) or b""
        # Anyone who may write into the topic may write anything here.
        return int(found) if found.isdigit() and len(found) <= 19 else default

    def place(name: str) -> Coordinates:
        return Coordinates(
            topic=text(f"copydesk_{name}_topic"),
            partition=number(f"copydesk_{name}_partition"),
            offset=number(f"copydesk_{name}_offset"),
        )

    timestamp = number("copydesk_source_timestamp")
    return DeadLetter(
        value=value or b"",
        stage=text("copydesk_stage"),
        reason=text("copydesk_reason"),
        error=text("copydesk_error"),
        source=place("source"),
        read=place("read"),
        source_timestamp=None if timestamp < 0 else timestamp / 1000,
        article_key=header(headers, "copydesk_key"),
        attempt=number("copydesk_attempt", 1),
        sha256=text("copydesk_sha256"),
        size=number("copydesk_size", 0),
        truncated=text("copydesk_truncated") == "true",
        version=text("copydesk_version"),
        traceparent=text("traceparent") or None,
    )


def attempt_of(headers: Any) -> int:
    """Which attempt this is: one more than a replayed dead letter says it had."""
    before = header(headers, "copydesk_attempt") or b"0"
    return int(before) + 1 if before.isdigit() and len(before) < 6 else 1


def _printable(error: str) -> str:
    """One line, at most 200 characters, nothing that moves a terminal's cursor."""
    return "".join(c if c.isprintable() else " " for c in error)[:200]
