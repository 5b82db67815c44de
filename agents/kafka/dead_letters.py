"""Dead letters: the original bytes, and in the headers why they were refused and where they came from."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from agents.kafka.messages import (
    MAX_PARTITION,
    Coordinates,
    Headers,
    feeders,
    header,
    number,
    topic_name,
)
from agents.workers.answers import MAX_COPY_BYTES
from pipeline import __version__
from pipeline.errors import Refusal

# A key of ours is an article's uri, of at most 2,048 characters. A feeder's may have megabytes.
MAX_KEY_BYTES = 10_000


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
    null: bool = False  # there was no value at all: a replay sends none
    article_key: bytes | None = None  # as it was, or None if it was left out or there was none
    key_sha256: str = ""  # of a key that was left out
    key_size: int = 0
    attempt: int = 1
    sha256: str = ""
    size: int = 0
    truncated: bool = False
    left_out: str = ""  # of a bare letter: what the dead-letter topic did not take
    version: str = __version__
    traceparent: str | None = None
    feeder: tuple[tuple[str, bytes], ...] = ()  # the feeder's own headers, under their own names
    headers_left_out: int = 0  # of these

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
            "copydesk_key_sha256": self.key_sha256 or None,
            "copydesk_key_size": self.key_size or None,
            "copydesk_sha256": self.sha256 or None,
            "copydesk_size": self.size,
            "copydesk_truncated": str(self.truncated).lower(),
            "copydesk_null": "true" if self.null else None,
            "copydesk_left_out": self.left_out or None,
            "copydesk_headers_left_out": self.headers_left_out or None,
            "copydesk_version": self.version,
            "traceparent": self.traceparent,
        }
        written = [(name, str(value).encode("utf-8", "replace")) for name, value in values.items() if value is not None]
        written += self.feeder
        # Its bytes and not a text of them: a key need not be text, and a replay sends the same one.
        return written if self.article_key is None else [*written, ("copydesk_key", self.article_key)]


def of(
    refusal: Refusal,
    *,
    value: bytes,
    null: bool = False,
    kept_bytes: int = MAX_COPY_BYTES,
    key: bytes | None,
    source: Coordinates,
    read: Coordinates,
    source_timestamp: float | None,
    attempt: int = 1,
    traceparent: str | None = None,
    feeder: tuple[tuple[str, bytes], ...] = (),
    headers_left_out: int = 0,
) -> DeadLetter:
    """The dead letter of a refusal. A value over the limit is cut, flagged, and named by its hash and size.

    So is a key of more than MAX_KEY_BYTES, which is left out: everything but the value fits into 20 kB. `feeder` is
    bounded already (agents/kafka/messages.py).
    """
    long = key is not None and len(key) > MAX_KEY_BYTES
    return DeadLetter(
        value=value[:kept_bytes],
        stage=refusal.stage,
        reason=refusal.reason.value,
        error=_printable(refusal.error),
        source=source,
        read=read,
        source_timestamp=source_timestamp,
        null=null,
        article_key=None if long else key,
        key_sha256=sha256(key).hexdigest() if long and key else "",
        key_size=len(key) if long and key else 0,
        attempt=attempt,
        sha256=sha256(value).hexdigest(),
        size=len(value),
        truncated=len(value) > kept_bytes,
        traceparent=traceparent,
        feeder=feeder,
        headers_left_out=headers_left_out,
    )


def bare(
    refusal: Refusal, *, value: bytes | None, key: bytes | None, read: Coordinates, attempt: int, headers: int = 0
) -> DeadLetter:
    """The last resort: a dead letter with nothing of the message in it, which fits whatever the message is.

    Its coordinates are the message's own, not those that its headers claim. It has less than 3 kB. `value` is None if
    nobody has seen it; `headers` is how many of the feeder's own there were.
    """
    missing = [*(["value"] if value != b"" else []), *(["key"] if key is not None else []), "source", "trace"]
    return DeadLetter(
        value=b"",
        stage=refusal.stage,
        reason=refusal.reason.value,
        error=_printable(refusal.error),
        source=read,
        read=read,
        key_sha256=sha256(key).hexdigest() if key is not None else "",
        key_size=len(key) if key is not None else 0,
        attempt=attempt,
        sha256=sha256(value).hexdigest() if value is not None else "",
        size=len(value or b""),
        truncated=value != b"",
        left_out=",".join(missing),
        headers_left_out=headers,
    )


def read(value: bytes | None, headers: Headers) -> DeadLetter:
    """The inverse, for looking at and replaying; a header that is not there is empty or -1."""

    def text(name: str, default: str = "") -> str:
        found = header(headers, name)
        return default if found is None else found.decode("utf-8", "replace")

    def count(name: str, default: int = -1) -> int:
        # Anyone who may write into the topic may write anything here.
        found = number(header(headers, name))
        return default if found is None else found

    def place(name: str) -> Coordinates:
        topic = topic_name(header(headers, f"copydesk_{name}_topic"))
        partition = count(f"copydesk_{name}_partition")
        offset = count(f"copydesk_{name}_offset")
        return Coordinates(topic=topic or "", partition=partition if partition <= MAX_PARTITION else -1, offset=offset)

    timestamp = count("copydesk_source_timestamp")
    return DeadLetter(
        value=value or b"",
        stage=text("copydesk_stage"),
        reason=text("copydesk_reason"),
        error=text("copydesk_error"),
        source=place("source"),
        read=place("read"),
        source_timestamp=None if timestamp < 0 else timestamp / 1000,
        article_key=header(headers, "copydesk_key"),
        key_sha256=text("copydesk_key_sha256"),
        key_size=count("copydesk_key_size", 0),
        attempt=count("copydesk_attempt", 1),
        sha256=text("copydesk_sha256"),
        size=count("copydesk_size", 0),
        truncated=text("copydesk_truncated") == "true",
        null=text("copydesk_null") == "true" and not value,
        left_out=text("copydesk_left_out"),
        version=text("copydesk_version"),
        traceparent=text("traceparent") or None,
        feeder=feeders(headers)[0],
        headers_left_out=count("copydesk_headers_left_out", 0),
    )


def _printable(error: str) -> str:
    """One line, at most 200 characters, nothing that moves a terminal's cursor."""
    return "".join(c if c.isprintable() else " " for c in error)[:200]
