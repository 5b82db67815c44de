"""Classifies why a message was not sent: every way in which the client, Faust and the broker refuse one."""

from __future__ import annotations

import enum

from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    KafkaError,
    KafkaTimeoutError,
    MessageSizeTooLargeError,
    ProducerClosed,
    RecordListTooLargeError,
    TopicAuthorizationFailedError,
)


class Cause(enum.Enum):
    """What stands in the way, and so what is done (docs/decisions/0056)."""

    TOO_LARGE = enum.auto()  # the message: it is sent smaller
    UNWRITABLE = enum.auto()  # the message: it cannot be put into bytes, today or tomorrow
    DOUBTFUL = enum.auto()  # the message or its topic: the neighbours tell
    FORBIDDEN = enum.auto()  # the topic: wait
    BROKER = enum.auto()  # the broker, the network, this process: the worker ends, and the batch is processed again

    @property
    def of_the_message(self) -> bool:
        """Whether the message itself may be at fault."""
        return self in (Cause.TOO_LARGE, Cause.UNWRITABLE, Cause.DOUBTFUL)


class UnwritableError(Exception):
    """An output could not be made at all; its text is the class of what was raised."""


_CLASSES: tuple[tuple[Cause, tuple[type[BaseException], ...]], ...] = (
    (Cause.TOO_LARGE, (MessageSizeTooLargeError, RecordListTooLargeError)),
    (Cause.FORBIDDEN, (TopicAuthorizationFailedError, ClusterAuthorizationFailedError)),
    (Cause.BROKER, (KafkaTimeoutError, ProducerClosed, OSError, MemoryError)),
    (Cause.UNWRITABLE, (UnwritableError, UnicodeError)),
)


def cause(problem: BaseException) -> Cause:
    """By its class or, as Faust wraps what the client raises (ProducerSendError), by that of what caused it."""
    seen: BaseException | None = problem
    while seen is not None:
        if not isinstance(seen, Exception) or (isinstance(seen, KafkaError) and getattr(seen, "retriable", False)):
            return Cause.BROKER
        for known, classes in _CLASSES:
            if isinstance(seen, classes):
                return known
        seen = seen.__cause__ or seen.__context__
    return Cause.DOUBTFUL


def named(problem: BaseException) -> str:
    """The class of what caused it. Not its text, which may quote the article."""
    if isinstance(problem, UnwritableError):
        return str(problem)
    while isinstance(problem.__cause__, Exception):
        problem = problem.__cause__
    return type(problem).__name__
